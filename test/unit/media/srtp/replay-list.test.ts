import { describe, expect, test } from 'vitest'
import { REPLAY_WINDOW } from '../../../../electron/media/srtp/profiles.ts'
import { srtpStatus } from '../../../../electron/media/srtp/status.ts'
import { masterKeyFor, variants } from './implementations.ts'
import { rtpPacket } from './packets.ts'
import { seededRandom } from './random.ts'

describe('the replay list (RFC 3711 §3.3.2)', () => {
  test.each(variants)('$name: reaches back 127 packets behind the newest, and no further', ({ engine, suite }) => {
    expect(REPLAY_WINDOW).toBe(128)
    const key = masterKeyFor(suite, seededRandom())
    const sender = engine.createSender(suite, key)
    const newest = 500
    const packets = Array.from({ length: newest + 1 }, (_, seq) => {
      const clear = rtpPacket({ seq, payload: new Uint8Array(20).fill(seq) })
      const whole = new Uint8Array(clear.length + sender.maxOverheadBytes)
      whole.set(clear)
      return whole.subarray(0, sender.protectRtp(whole, clear.length))
    })
    const receiver = engine.createReceiver(suite, [key])
    const open = (behind: number) => {
      const packet = Uint8Array.from(packets[newest - behind] ?? [])
      return receiver.unprotectRtp(packet, packet.length)
    }
    // The first of all, so that the list has a beginning.
    expect(open(newest)).toBe(32)
    expect(open(0)).toBe(32)
    expect(open(128)).toBe(srtpStatus.tooOld)
    for (const behind of [127, 126, 65, 64, 63, 1]) expect(open(behind), `${behind} behind`).toBe(32)
    for (const behind of [127, 126, 65, 64, 63, 1, 0]) expect(open(behind)).toBe(srtpStatus.replayed)
  })
})
