/** Prints, as JSON, the heap bytes that a packet costs in steady state. Run with `--expose-gc`, the build as argument. */
import { loadEngineSync } from '../../../../electron/media/srtp/engine.ts'
import { rtpPacket } from './packets.ts'

const PACKETS = 200_000
const WARM_UP = 50_000
const build = process.argv[2] === 'baseline' ? 'baseline' : 'simd'

const engine = loadEngineSync({ build })
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
growth(PACKETS, WARM_UP)
// A run adds some 26 kilobytes whatever its length, so lengths are compared; the smallest object has 12 bytes.
const few = growth(PACKETS / 10, WARM_UP + PACKETS)
const many = growth(PACKETS, WARM_UP + 1.1 * PACKETS)
if (refused > 0) throw new Error(`${refused} packets refused`)
const bytesPerPacket = Math.max(0, Math.round((many - few) / (PACKETS * 0.9)))
process.stdout.write(JSON.stringify({ packets: PACKETS, bytesPerPacket }))
