/** Prints, as JSON, the heap bytes that a packet costs in steady state. Run with `--expose-gc`. */
import { loadEngineSync } from '../../../../electron/media/srtp/engine.ts'
import { rtpPacket } from './packets.ts'

const PACKETS = 100_000
const WARM_UP = 20_000
const ROUNDS = 4

const engine = loadEngineSync()
const suite = 'AES_CM_128_HMAC_SHA1_80'
const key = { masterKey: new Uint8Array(16).fill(1), masterSalt: new Uint8Array(14).fill(2) }
const sender = engine.createSender(suite, key)
const receiver = engine.createReceiver(suite, [key])
const plain = rtpPacket({ seq: 0 })
const buffer = new Uint8Array(plain.length + sender.maxOverheadBytes)
buffer.set(plain)

let refused = 0
function relay(packets: number, first: number): void {
  for (let n = first; n < first + packets; n++) {
    buffer[2] = n >>> 8
    buffer[3] = n
    const length = sender.protectRtp(buffer, plain.length)
    if (receiver.unprotectRtp(buffer, length) !== plain.length) refused++
  }
}

/** Heap growth while `packets` packets pass. Statistics lag behind allocation until a collection. */
function growth(packets: number, first: number): number {
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  relay(packets, first)
  return process.memoryUsage().heapUsed - before
}

relay(WARM_UP, 0)
// Compilation and measuring add some kilobytes to one round or another; what packets cost is in every round.
const growths = Array.from({ length: ROUNDS }, (_, n) => growth(PACKETS, WARM_UP + n * PACKETS))
if (refused > 0) throw new Error(`${refused} packets refused`)
const bytesPerPacket = Math.max(0, Math.round(Math.min(...growths) / PACKETS))
process.stdout.write(JSON.stringify({ packets: PACKETS, bytesPerPacket }))
