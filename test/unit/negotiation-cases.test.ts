import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { loadEngine } from '../../electron/media/srtp/engine.ts'
import { srtpStatus } from '../../electron/media/srtp/status.ts'
import type { SrtpMasterKey } from '../../electron/media/srtp/types.ts'
import { createAuthenticator } from '../../electron/sip/digest/authenticator.ts'
import { createSipEndpoint } from '../../electron/sip/endpoint.ts'
import { type CertificateNames, matchDomain } from '../../electron/sip/transport/server-identity.ts'
import type { IncomingInvite, SipDialog } from '../../electron/sip/types.ts'
import { linkTransports } from './sip/linked-transports.ts'

/**
 * The numbered cases of docs/negotiation.md that no SDP decides and that have no test by their number beside the code
 * that decides them.
 */
const suite = 'AES_CM_128_HMAC_SHA1_80'
const newKey = (): SrtpMasterKey => ({ masterKey: randomBytes(16), masterSalt: randomBytes(14) })
/** Authentication tag of the suite, and the word of E flag and index before it (RFC 3711 §3.4). */
const [tagBytes, indexBytes] = [10, 4]

function rtp(seq: number): Buffer {
  const packet = Buffer.alloc(40, 7)
  packet[0] = 0x80
  packet[1] = 0
  packet.writeUInt16BE(seq, 2)
  packet.writeUInt32BE(0x1234_5678, 8)
  return packet
}

function rtcp(): Buffer {
  const report = Buffer.alloc(8)
  report[0] = 0x80
  report[1] = 201
  report.writeUInt16BE(1, 2)
  report.writeUInt32BE(0x1234_5678, 4)
  return report
}

const grown = (clear: Buffer) => Buffer.concat([clear, Buffer.alloc(64)])

test('case 19: SRTCP has its own index with the E flag, its own replay list, and goes on across a new key', async () => {
  const engine = await loadEngine()
  const [old, renewed] = [newKey(), newKey()]
  const sender = engine.createSender(suite, old)
  const receiver = engine.createReceiver(suite, [old])
  const protect = (from: typeof sender) => {
    const buffer = grown(rtcp())
    return buffer.subarray(0, from.protectRtcp(buffer, rtcp().length))
  }
  const words = [protect(sender), protect(sender), protect(sender)].map((packet) => {
    const copy = Buffer.from(packet)
    expect(receiver.unprotectRtcp(copy, copy.length)).toBe(rtcp().length)
    expect(receiver.unprotectRtcp(Buffer.from(packet), packet.length)).toBe(srtpStatus.replayed)
    return packet.readUInt32BE(packet.length - tagBytes - indexBytes)
  })
  expect(words.map((word) => word >>> 31)).toEqual([1, 1, 1])
  const [first = 0, second = 0, third = 0] = words.map((word) => word & 0x7fff_ffff)
  expect([second - first, third - second]).toEqual([1, 1])
  // RTP and RTCP are encrypted under keys of their own (labels 0-2 and 3-5), so one packet is never read as the other.
  const disguised = protect(sender)
  expect(receiver.unprotectRtp(Buffer.from(disguised), disguised.length)).toBeLessThan(0)
  receiver.rekey(suite, [renewed])
  const after = protect(engine.createSender(suite, renewed))
  expect(receiver.unprotectRtcp(after, after.length)).toBe(rtcp().length)
})

test('case 21: a packet is taken once, within a window of 64 or more, and a forgery moves nothing', async () => {
  const engine = await loadEngine()
  const key = newKey()
  const sender = engine.createSender(suite, key)
  const receiver = engine.createReceiver(suite, [key])
  const packets = Array.from({ length: 200 }, (_, seq) => {
    const buffer = grown(rtp(seq))
    return buffer.subarray(0, sender.protectRtp(buffer, 40))
  })
  const open = (seq: number) => {
    const copy = Buffer.from(packets[seq] ?? Buffer.alloc(0))
    return receiver.unprotectRtp(copy, copy.length)
  }
  expect(open(100)).toBe(40)
  expect(open(100)).toBe(srtpStatus.replayed)
  expect(open(100 - 63)).toBe(40)
  expect(open(100 - 63)).toBe(srtpStatus.replayed)
  const forged = Buffer.from(packets[199] ?? Buffer.alloc(0))
  forged[20] = (forged[20] ?? 0) ^ 1
  expect(receiver.unprotectRtp(forged, forged.length)).toBe(srtpStatus.authFailed)
  // Had the forgery moved the window, this would be too old.
  expect(open(101 - 60)).toBe(40)
  expect(open(199)).toBe(40)
})

test('case 52: a certificate stands for the configured domain, by SIP URI before DNS name, and wildcards match nothing', () => {
  const stands = (names: Partial<CertificateNames>) => {
    const none = { sipUris: [], dnsNames: [], addresses: [], commonNames: [] }
    return matchDomain({ ...none, ...names }, 'trunk.example', false)?.value
  }
  expect(stands({ dnsNames: ['trunk.example'] })).toBe('trunk.example')
  // The SRV target, the address and a wildcard are not what the user typed.
  expect(stands({ dnsNames: ['edge7.provider.example'] })).toBeUndefined()
  expect(stands({ addresses: ['192.0.2.1'] })).toBeUndefined()
  expect(stands({ dnsNames: ['*.example'] })).toBeUndefined()
  expect(stands({ sipUris: ['other.example'], dnsNames: ['trunk.example'] })).toBeUndefined()
})

test('case 53: responses and a BYE inside the call go back over the connection that the INVITE came on', async () => {
  const link = linkTransports({ kind: 'tls' })
  const party = (side: 'left' | 'right', user: string) =>
    createSipEndpoint(link[side], {
      aor: `sip:${user}@example.test`,
      // A Contact that leads nowhere: whoever followed it would not reach anyone.
      contact: { user: `${user}-contact`, hostPort: '192.0.2.99:5061', transport: 'tls' },
      userAgent: 'test',
    })
  const [caller, callee] = [party('left', 'alice'), party('right', 'bob')]
  const rung = new Promise<IncomingInvite>((resolve) => {
    callee.onInvite = resolve
  })
  const ended = Promise.withResolvers<void>()
  const answered = new Promise<SipDialog>((resolve) =>
    caller.invite(
      { target: 'sip:bob@example.test', offer: 'v=0\r\n' },
      {
        onProgress: () => undefined,
        onAccepted: (_response, dialog) => {
          dialog.delegate = { onBye: () => ended.resolve(), onReinvite: ({ reject }) => reject(488) }
          resolve(dialog)
        },
        onRejected: () => undefined,
      },
    ),
  )
  const dialog = (await rung).accept('v=0\r\n')
  await answered
  await dialog.bye()
  await ended.promise
  const fromCallee = link.sent.filter(({ from }) => from === 'right').map(({ text }) => text.split('\r\n')[0])
  expect(fromCallee.some((line) => line?.startsWith('SIP/2.0 200'))).toBe(true)
  expect(fromCallee.at(-1)).toMatch(/^BYE sip:alice-contact@192\.0\.2\.99:5061/)
  await Promise.all([caller.close(), callee.close()])
})

test('case 54: the topmost algorithm that we know is answered, and another realm than the account’s gets nothing', () => {
  const authenticator = createAuthenticator({ username: 'ada', password: 'lovelace' }, () => 'c'.repeat(32))
  const challenge = (realm: string, nonce: string, algorithm: string) =>
    `Digest realm="${realm}", nonce="${nonce}", qop="auth", algorithm=${algorithm}`
  const register = authenticator.forRequest({ method: 'REGISTER', uri: 'sip:trunk.example', body: '' })
  const offered = ['SHA-3-999', 'SHA-256', 'MD5'].map((algorithm) => challenge('trunk.example', 'n1', algorithm))
  expect(register.challenged(401, offered)).toBe(true)
  expect(register.lines().join()).toContain('algorithm=SHA-256')
  const call = authenticator.forRequest({ method: 'INVITE', uri: 'sip:bob@trunk.example', body: '' })
  expect(call.challenged(407, [challenge('attacker.example', 'n2', 'MD5')])).toBe(false)
  expect(call.lines().join()).not.toContain('attacker.example')
})
