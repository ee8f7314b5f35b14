import { expect, test } from 'vitest'
import { Bench } from './support/bench.ts'
import type { SipPeer } from './support/sip-peer.ts'
import { until } from './support/until.ts'

/** Of this thread, in which the legs live too. */
function held(kind: 'UDPWrap' | 'Timeout'): number {
  return process.getActiveResourcesInfo().filter((each) => each === kind).length
}

const suite = 'AES_CM_128_HMAC_SHA1_80'

test('200 calls at once, each with audio, and none of their sockets, timers or ports is left', async () => {
  const [socketsBefore, timersBefore] = [held('UDPWrap'), held('Timeout')]
  const bench = await Bench.open()
  const calls = 200
  const peers: { a: SipPeer; b: SipPeer }[] = []
  for (let n = 0; n < calls; n++) {
    const [a, b] = [await bench.sipLeg(`a${n}`, suite), await bench.sipLeg(`b${n}`, suite)]
    await bench.call('join', { a: `a${n}`, b: `b${n}` })
    peers.push({ a, b })
  }
  for (let seq = 1; seq <= 5; seq++) {
    for (const { a, b } of peers) {
      a.send({ seq, timestamp: seq * 160, ssrc: 1 })
      b.send({ seq, timestamp: seq * 160, ssrc: 2 })
    }
    await until(() => peers.every(({ a, b }) => a.received.length === seq && b.received.length === seq), 'all audio')
  }
  expect(held('UDPWrap') - socketsBefore).toBe(calls * 2 * 2 * 2)
  // One clock serves them all.
  expect(held('Timeout')).toBeLessThan(timersBefore + 5)
  for (let n = 0; n < calls; n++) {
    await bench.call('closeLeg', { legId: `a${n}` })
    await bench.call('closeLeg', { legId: `b${n}` })
  }
  expect(() => bench.table.counters('a0')).toThrow()
  bench.close()
  await until(() => held('UDPWrap') === socketsBefore, 'every socket is closed')
  await until(() => held('Timeout') <= timersBefore, 'every timer is gone')
})
