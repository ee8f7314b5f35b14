import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Bench } from './support/bench.ts'
import { until } from './support/until.ts'
import { gcm, sha1, WebRtcClient } from './support/webrtc-client.ts'

let bench: Bench
beforeEach(async () => {
  bench = await Bench.open()
})
afterEach(() => bench.close())

async function webRtcLeg(legId: string): Promise<WebRtcClient> {
  const client = await WebRtcClient.open(bench.engine, await bench.call('openWebRtcLeg', { legId }))
  bench.onClose(() => client.close())
  return client
}

describe.each([gcm, sha1])('a call with $suite on the WebRTC leg', (profile) => {
  test.each(['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_256_GCM'] as const)('carries audio both ways to a %s trunk', async (suite) => {
    const browser = await webRtcLeg('w')
    await bench.call('connectWebRtcLeg', { legId: 'w', remote: browser.remote() })
    const trunk = await bench.sipLeg('s', suite)
    await bench.call('join', { a: 'w', b: 's' })
    await browser.check()
    await browser.handshake(profile)
    await until(() => bench.events.some(({ type }) => type === 'webRtcConnected'), 'connected')
    expect(bench.events).toContainEqual({ type: 'webRtcConnected', legId: 'w', suite: profile.suite })

    const said = Buffer.alloc(160, 1)
    const heard = Buffer.alloc(160, 2)
    for (let n = 0; n < 50; n++) {
      browser.send({ seq: 1000 + n, timestamp: 160 * n, payload: said, ssrc: 7 })
      trunk.send({ seq: 65_520 + n, timestamp: 160 * n, payload: heard, ssrc: 9 })
    }
    await until(() => trunk.received.length === 50 && browser.received.length === 50, 'all packets have arrived')
    expect(trunk.received.every(({ payload }) => payload.equals(said))).toBe(true)
    expect(browser.received.every(({ payload }) => payload.equals(heard))).toBe(true)
    expect(trunk.refused).toBe(0)
    for (const legId of ['w', 's']) {
      expect(bench.table.counters(legId)).toMatchObject({ received: 50, sent: 50, authFailed: 0, unsent: 0, unmapped: 0 })
    }
    const first = bench.events.filter((event) => event.type === 'firstPacket')
    expect(first.map((event) => event.legId).toSorted()).toEqual(['s', 'w'])
  })
})
