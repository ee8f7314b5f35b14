import { describe, expect, test } from 'vitest'
import { MAX_STREAMS } from '../../../../electron/media/srtp/profiles.ts'
import type { SrtpMasterKey, SrtpSender } from '../../../../electron/media/srtp/types.ts'
import { masterKeyFor, sampleVariants } from './implementations.ts'
import { protectedBytes, rtcpPacket, rtpPacket, SSRC, unprotect } from './packets.ts'
import { seededRandom } from './random.ts'

const EPOCH = 0x10000
const random = seededRandom()

describe.each(sampleVariants)('re-keying, $name (cases 24 to 26)', ({ engine, suite }) => {
  function call() {
    const oldKey = masterKeyFor(suite, random)
    const newKey = masterKeyFor(suite, random)
    const receiver = engine.createReceiver(suite, [oldKey])
    const send = (sender: SrtpSender, seq: number): number =>
      unprotect(receiver, protectedBytes(sender, rtpPacket({ seq }))).result
    return { oldKey, newKey, receiver, send }
  }

  test('the old key is taken until a packet authenticates under the new one, then refused', () => {
    const { oldKey, newKey, receiver, send } = call()
    const old = engine.createSender(suite, oldKey)
    expect(send(old, 1)).toBe(172)
    receiver.rekey(suite, [newKey])
    expect(send(old, 2)).toBe(172)
    expect(send(engine.createSender(suite, newKey), 3)).toBe(172)
    expect(send(old, 4)).toBe(-1)
  })

  test('SRTCP under the new key ends the old one too', () => {
    const { oldKey, newKey, receiver, send } = call()
    const old = engine.createSender(suite, oldKey)
    expect(send(old, 1)).toBe(172)
    receiver.rekey(suite, [newKey])
    const rtcp = protectedBytes(engine.createSender(suite, newKey), rtcpPacket(random.bytes(8)), 'rtcp')
    expect(unprotect(receiver, rtcp, 'rtcp').result).toBe(16)
    expect(send(old, 2)).toBe(-1)
  })

  test.each([
    { reading: 'goes on (RFC 3711 §3.3.1)', roc: 3 },
    { reading: 'starts at 0 (RFC 4568 §7.1.4)', roc: 0 },
  ])('the ROC of the same SSRC $reading', ({ roc }) => {
    const { oldKey, newKey, receiver } = call()
    // Three wraps under the old key, without sending all of them.
    const late = engine.createReceiver(suite, [oldKey], [{ ssrc: SSRC, rtpIndex: 3 * EPOCH + 100 }])
    receiver.close()
    late.rekey(suite, [newKey])
    const sender = engine.createSender(suite, newKey, [{ ssrc: SSRC, rtpIndex: roc * EPOCH + 100 }])
    const results = [101, 102, 103].map((seq) => unprotect(late, protectedBytes(sender, rtpPacket({ seq }))).result)
    expect(results).toEqual([172, 172, 172])
  })

  test('a stream that comes late under the new key still goes on from its ROC', () => {
    const { oldKey, newKey } = call()
    const other = SSRC + 1
    const positions = [SSRC, other].map((ssrc) => ({ ssrc, rtpIndex: 2 * EPOCH + 7 }))
    const receiver = engine.createReceiver(suite, [oldKey], positions)
    receiver.rekey(suite, [newKey])
    const sender = engine.createSender(suite, newKey, positions)
    const arrive = (ssrc: number, seq: number): number =>
      unprotect(receiver, protectedBytes(sender, rtpPacket({ seq, ssrc }))).result
    expect([arrive(SSRC, 8), arrive(SSRC, 9), arrive(other, 8), arrive(other, 9)]).toEqual([172, 172, 172, 172])
  })

  test('of more positions than streams are followed, those in use last are kept', () => {
    const keys = [0, 1, 2].map(() => masterKeyFor(suite, random)) as [SrtpMasterKey, SrtpMasterKey, SrtpMasterKey]
    const at = (ssrc: number) => ({ ssrc, rtpIndex: 2 * EPOCH + 7 })
    const older = Array.from({ length: MAX_STREAMS }, (_, n) => SSRC + n)
    const newer = Array.from({ length: 10 }, (_, n) => SSRC + 1000 + n)
    const receiver = engine.createReceiver(suite, [keys[0]], older.map(at))
    const arrive = (sender: SrtpSender, ssrc: number, seq: number): number =>
      unprotect(receiver, protectedBytes(sender, rtpPacket({ seq, ssrc }))).result
    receiver.rekey(suite, [keys[1]])
    const second = engine.createSender(suite, keys[1])
    // Two wraps of the new streams under the second key.
    for (const ssrc of newer) {
      for (const seq of [1, 30_000, 60_000, 20_000, 50_000, 7]) expect(arrive(second, ssrc, seq)).toBe(172)
    }
    receiver.rekey(suite, [keys[2]])
    const third = engine.createSender(suite, keys[2], newer.map(at))
    for (const ssrc of newer) expect(arrive(third, ssrc, 8)).toBe(172)
    const rest = engine.createSender(suite, keys[2], older.map(at))
    const results = older.map((ssrc) => arrive(rest, ssrc, 8))
    // Of the older, the last 54 are remembered; the others could only be at ROC 0 or 1. Ten are followed already.
    expect(results).toEqual([...Array(10).fill(-1), ...Array(54).fill(172)])
    expect(arrive(third, newer[0] ?? 0, 9)).toBe(172)
  })

  test('a stream taken over with a common key stands where it stood, the newest first', () => {
    const key = masterKeyFor(suite, random, { mki: Uint8Array.of(1) })
    const receiver = engine.createReceiver(suite, [key])
    const sender = engine.createSender(suite, key)
    const all = Array.from({ length: MAX_STREAMS }, (_, n) => SSRC + n)
    const packets = all.map((ssrc) => protectedBytes(sender, rtpPacket({ seq: 1, ssrc })))
    const arrive = (bytes: Uint8Array): number => unprotect(receiver, bytes).result
    expect(new Set(packets.map(arrive))).toEqual(new Set([172]))
    receiver.rekey(suite, [masterKeyFor(suite, random, { mki: Uint8Array.of(2) }), key])
    expect(new Set(packets.map(arrive))).toEqual(new Set([-2]))
    const next = all.map((ssrc) => protectedBytes(sender, rtpPacket({ seq: 2, ssrc })))
    expect(new Set(next.map(arrive))).toEqual(new Set([172]))
    expect(new Set([...packets, ...next].map(arrive))).toEqual(new Set([-2]))
  })

  test('the position is read when the switch comes, not when it was announced', () => {
    const { oldKey, newKey } = call()
    const receiver = engine.createReceiver(suite, [oldKey], [{ ssrc: SSRC, rtpIndex: 2 * EPOCH - 2 }])
    const old = engine.createSender(suite, oldKey, [{ ssrc: SSRC, rtpIndex: 2 * EPOCH - 2 }])
    receiver.rekey(suite, [newKey])
    // The old stream wraps to ROC 2 and moves on by more than half an epoch before the peer switches.
    for (const seq of [65_535, 0, 30_000, 60_000]) {
      expect(unprotect(receiver, protectedBytes(old, rtpPacket({ seq }))).result).toBe(172)
    }
    const sender = engine.createSender(suite, newKey, [{ ssrc: SSRC, rtpIndex: 2 * EPOCH + 60_000 }])
    expect(unprotect(receiver, protectedBytes(sender, rtpPacket({ seq: 60_001 }))).result).toBe(172)
  })

  test('the same key again changes nothing: no packet is taken twice (case 24)', () => {
    const { oldKey, receiver } = call()
    const sender = engine.createSender(suite, oldKey)
    const packets = [1, 2, 3].map((seq) => protectedBytes(sender, rtpPacket({ seq })))
    const arrive = (bytes: Uint8Array): number => unprotect(receiver, bytes).result
    expect(packets.map(arrive)).toEqual([172, 172, 172])
    receiver.rekey(suite, [oldKey])
    expect(packets.map(arrive)).toEqual([-2, -2, -2])
    expect(arrive(protectedBytes(sender, rtpPacket({ seq: 4 })))).toBe(172)
    expect(packets.map(arrive)).toEqual([-2, -2, -2])
  })

  test('the same key again goes on counting its packets', () => {
    const key = masterKeyFor(suite, random, { lifetimePackets: 3 })
    const { lifetimePackets: _, ...unlimited } = key
    const receiver = engine.createReceiver(suite, [key])
    const sender = engine.createSender(suite, unlimited)
    const arrive = (seq: number): number => unprotect(receiver, protectedBytes(sender, rtpPacket({ seq }))).result
    expect([arrive(1), arrive(2)]).toEqual([172, 172])
    receiver.rekey(suite, [key])
    expect([arrive(3), arrive(4)]).toEqual([172, -6])
  })

  test('a second re-key before any packet keeps the key in use', () => {
    const { oldKey, newKey, receiver, send } = call()
    const old = engine.createSender(suite, oldKey)
    const skipped = engine.createSender(suite, masterKeyFor(suite, random))
    expect(send(old, 1)).toBe(172)
    receiver.rekey(suite, [masterKeyFor(suite, random)])
    receiver.rekey(suite, [newKey])
    expect(send(old, 2)).toBe(172)
    expect(send(skipped, 3)).toBe(-1)
    expect(send(engine.createSender(suite, newKey), 4)).toBe(172)
  })

  test('the suite may change with the key', () => {
    const { oldKey, receiver, send } = call()
    expect(send(engine.createSender(suite, oldKey), 1)).toBe(172)
    const key = masterKeyFor('AES_256_CM_HMAC_SHA1_32', random)
    receiver.rekey('AES_256_CM_HMAC_SHA1_32', [key])
    expect(receiver.suite).toBe('AES_256_CM_HMAC_SHA1_32')
    expect(send(engine.createSender('AES_256_CM_HMAC_SHA1_32', key), 2)).toBe(172)
  })

  test('a forged packet does not end the old key', () => {
    const { oldKey, newKey, receiver, send } = call()
    const old = engine.createSender(suite, oldKey)
    expect(send(old, 1)).toBe(172)
    receiver.rekey(suite, [newKey])
    const forged = protectedBytes(engine.createSender(suite, newKey), rtpPacket({ seq: 2 }))
    forged[14] = (forged[14] ?? 0) ^ 4
    expect(unprotect(receiver, forged).result).toBe(-1)
    expect(send(old, 3)).toBe(172)
  })

  test('a closed receiver cannot be re-keyed', () => {
    const { newKey, receiver } = call()
    receiver.close()
    expect(() => receiver.rekey(suite, [newKey])).toThrowError(expect.objectContaining({ code: 'srtp/closed' }))
  })
})
