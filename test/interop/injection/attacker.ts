/**
 * Runs in a network namespace of its own and sprays what a stranger on the network can make at ports of another
 * machine: `node attacker.ts '{"address":…,"ports":[…],"seconds":…,"packetsPerS":…}'`. Ends with one JSON line: what was
 * sent, and how many datagrams came back.
 */
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { loadEngine } from '../../../electron/media/srtp/engine.ts'
import { printStun, stunAttribute, stunMethod } from '../../../electron/media/worker/stun.ts'
import { writeRtp } from '../../unit/media/worker/support/rtp.ts'
import { freshKeys } from '../../unit/media/worker/support/sip-peer.ts'
import type { AttackOptions, AttackReport } from './attack.ts'

const options = JSON.parse(process.argv[2] ?? '') as AttackOptions
const TURN_MS = 5
const SOCKETS = 20

const sender = (await loadEngine()).createSender(
  'AES_CM_128_HMAC_SHA1_80',
  freshKeys('AES_CM_128_HMAC_SHA1_80').keys[0] as never,
)
let seq = 0

/** A stream under the very SSRC of the peer, ahead of it and behind it. */
function plainRtp(): Buffer {
  seq = (seq + 1) & 0xffff
  return writeRtp({ seq, timestamp: seq * 160, ssrc: options.ssrc, payload: Buffer.alloc(160, 0x2a) })
}

function forgedSrtp(): Buffer {
  const clear = plainRtp()
  const whole = Buffer.concat([clear, Buffer.alloc(sender.rtpOverheadBytes)])
  const length = sender.protectRtp(whole, clear.length)
  // After a turn of the numbers the attacker's own key is used up: random bytes authenticate as little.
  return length > 0 ? whole : Buffer.concat([clear, randomBytes(sender.rtpOverheadBytes)])
}

function check(): Buffer {
  const attributes = [
    { type: stunAttribute.username, value: Buffer.from(`${randomBytes(6).toString('hex')}:evil`) },
    { type: stunAttribute.priority, value: Buffer.from([0x7e, 0, 0, 0xff]) },
    { type: stunAttribute.useCandidate, value: Buffer.alloc(0) },
  ]
  return printStun({ type: stunMethod.bindingRequest, transactionId: randomBytes(12), attributes }, 'guessed')
}

/** A complete DTLS 1.2 ClientHello (RFC 6347 §4.2.2) with a random of its own. */
const clientHello = (): Buffer =>
  Buffer.concat([
    Buffer.from('16fefd000000000000000000360100002a000000000000002afefd', 'hex'),
    randomBytes(32),
    Buffer.from('00000002c02b0100', 'hex'),
  ])

const kinds = { rtp: plainRtp, srtp: forgedSrtp, stun: check, dtls: clientHello } as const
const names = Object.keys(kinds) as (keyof typeof kinds)[]

let answered = 0
const sockets = await Promise.all(
  Array.from({ length: SOCKETS }, async () => {
    const socket = createSocket({ type: 'udp4', lookup: (host, _options, done) => done(null, host, 4) })
    socket.on('message', () => answered++)
    // A closed port answers by ICMP, which shows here as an error.
    socket.on('error', () => undefined)
    // The look-up answers at once, so the socket listens within this call.
    const listening = once(socket, 'listening')
    socket.bind(0)
    await listening
    return socket
  }),
)

const sent: AttackReport['sent'] = Object.fromEntries(
  options.ports.map((port) => [port, { rtp: 0, srtp: 0, stun: 0, dtls: 0 }]),
)
const start = performance.now()
let turn = 0
await new Promise<void>((resolve) => {
  const timer = setInterval(() => {
    const elapsedS = (performance.now() - start) / 1000
    for (const due = Math.min(elapsedS, options.seconds) * options.packetsPerS; turn < due; turn++) {
      const kind = names[turn % names.length] as keyof typeof kinds
      const port = options.ports[Math.floor(turn / names.length) % options.ports.length] as number
      sockets[turn % SOCKETS]?.send(kinds[kind](), port, options.address)
      const counts = sent[port]
      if (counts !== undefined) counts[kind]++
    }
    if (elapsedS < options.seconds) return
    clearInterval(timer)
    resolve()
  }, TURN_MS)
})
await new Promise((resolve) => setTimeout(resolve, 300))
console.log(JSON.stringify({ sent, answered } satisfies AttackReport))
process.exit(0)
