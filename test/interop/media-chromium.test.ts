import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { LegCounters } from '../../shared/model/call.ts'
import { recordHeard } from '../harness/browser/heard.ts'
import { findTone } from '../harness/tone.ts'
import { until } from '../unit/media/worker/support/until.ts'
import { answeredHz, ChromiumCall, saidHz } from './media-call.ts'

describe('a call from Chromium through the media worker', () => {
  let call: ChromiumCall
  beforeAll(async () => {
    call = await ChromiumCall.open()
  })
  beforeEach(async () => {
    call.events.length = 0
    await call.nextTrunk()
  })
  afterAll(() => call?.close())

  /** Records for two seconds from now on, and finds each side's tone at the other. */
  async function expectTones(): Promise<void> {
    const from = call.trunk.received.length
    const heard = await recordHeard(call.page, 2.5)
    expect(findTone(heard)?.hz).toBeCloseTo(answeredHz, -1)
    expect(findTone(call.heardByTrunk(from))?.hz).toBeCloseTo(saidHz, -1)
  }

  test('each side hears the tone of the other', async () => {
    await call.connect()
    const stop = call.playTrunk()
    await expectTones()
    await stop()
    expect(call.events).toContainEqual({ type: 'webRtcConnected', legId: 'w', suite: 'AEAD_AES_128_GCM' })
    expect(call.trunk.refused).toBe(0)
    expect(new Set(call.trunk.received.map(({ ssrc }) => ssrc)).size).toBe(1)
    await call.hangUp()
    const last = new Map<string, LegCounters>()
    for (const event of call.events) {
      if (event.type === 'counters') for (const { legId, counters } of event.legs) last.set(legId, counters)
    }
    for (const legId of ['w', 's']) {
      expect(last.get(legId)).toMatchObject({ authFailed: 0, replayed: 0, foreign: 0, malformed: 0 })
      expect(last.get(legId)?.received).toBeGreaterThan(100)
    }
    expect(last.get('w')?.rtcpReceived).toBeGreaterThan(0)
  })

  test('an ICE restart keeps the call, its DTLS association and its stream (case 43)', async () => {
    await call.connect()
    const stop = call.playTrunk()
    await expectTones()
    const former = call.local
    const offer = await call.page.evaluate(async () => {
      const { pc } = window as unknown as { pc: RTCPeerConnection }
      pc.restartIce()
      await pc.setLocalDescription()
      return pc.localDescription?.sdp ?? ''
    })
    await call.takeAnswer(await call.answer(offer))
    expect(call.local.iceUfrag).not.toBe(former.iceUfrag)
    expect(call.local.port).toBe(former.port)
    await expectTones()
    await stop()
    expect(call.events.filter(({ type }) => type === 'webRtcConnected')).toHaveLength(1)
    expect(new Set(call.trunk.received.map(({ ssrc }) => ssrc)).size).toBe(1)
    await call.hangUp()
  })

  test('a digit dialled in the browser reaches the trunk as one RFC 4733 event', async () => {
    await call.connect()
    const events = { payloadType: 101, name: 'telephone-event', clockRateHz: 8000, channels: 1 }
    const pcmu = call.trunk.remote().codecs
    await call.media.call('connectSipLeg', { legId: 's', remote: call.trunk.remote({ codecs: [...pcmu, events] }) })
    await until(() => call.trunk.received.length > 10, 'audio')
    await call.page.evaluate(() => {
      const { pc } = window as unknown as { pc: RTCPeerConnection }
      pc.getSenders()[0]?.dtmf?.insertDTMF('5', 100)
    })
    const received = () => call.trunk.received.filter(({ payloadType }) => payloadType === 101)
    await until(() => received().filter(({ payload }) => (payload[1] ?? 0) & 0x80).length >= 1, 'the end of the event')
    expect(new Set(received().map(({ payload }) => payload[0]))).toEqual(new Set([5]))
    expect(new Set(received().map(({ timestamp }) => timestamp)).size).toBe(1)
    await call.hangUp()
  })

  test('killing the worker is announced, and the next call has audio', async () => {
    await call.connect()
    await until(() => call.trunk.received.length > 10, 'audio')
    await call.media.terminateForTest()
    expect(call.events).toContainEqual({ type: 'workerLost', restarting: true })
    await call.page.evaluate(() => (window as unknown as { pc: RTCPeerConnection }).pc.close())
    await call.nextTrunk()
    await call.connect()
    const stop = call.playTrunk()
    await expectTones()
    await stop()
    await call.hangUp()
  })
})
