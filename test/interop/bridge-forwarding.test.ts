import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCapture } from '../harness/capture.ts'
import { type Linphone, startLinphone } from '../harness/linphone.ts'
import { judgeStreams } from '../harness/rtp-judge.ts'
import { domain, type KedgeCore, startKedgeCore, windowHz } from './support/kedge-core.ts'

/** SIP to SIP through this machine: baresip calls Kedge, Kedge goes on to linphone or another baresip. */
const callerHz = 1040
const linphoneHz = 440
let secure: Linphone
let clear: Linphone
let kedge: KedgeCore
beforeAll(async () => {
  secure = await startLinphone({ toneHz: linphoneHz, srtp: 'mandatory' })
  clear = await startLinphone({ toneHz: linphoneHz, srtp: 'off' })
  kedge = await startKedgeCore({ routes: { linphone: secure.uri, clearphone: clear.uri } })
})
afterAll(async () => {
  await kedge?.[Symbol.asyncDispose]()
  await secure?.[Symbol.asyncDispose]()
  await clear?.[Symbol.asyncDispose]()
})

test('a call from the window to linphone with SRTP mandatory is heard both ways', async () => {
  const call = await kedge.window.dial('linphone', 'work')
  const [heardHere, heardThere] = await Promise.all([call.voice.hearsTone(), secure.hearsTone(windowHz)])
  expect(heardHere?.hz).toBeCloseTo(linphoneHz, -1)
  expect(heardThere?.hz).toBeCloseTo(windowHz, -1)
  await kedge.sees(({ security }) => security === 'proven', 'proven on both hops')
  secure.hangUp()
  await kedge.sees(({ state }) => state === 'ended', 'the end')
})

test('linphone without SRTP takes RTP/SAVP all the same when it is offered nothing else', async () => {
  await using capture = await startCapture([clear.rtpPorts])
  const call = await kedge.window.dial('clearphone', 'work')
  const [heardHere, heardThere] = await Promise.all([call.voice.hearsTone(), clear.hearsTone(windowHz)])
  expect(heardHere?.hz).toBeCloseTo(linphoneHz, -1)
  expect(heardThere?.hz).toBeCloseTo(windowHz, -1)
  clear.hangUp()
  await kedge.sees(({ state }) => state === 'ended', 'the end')
  expect(judgeStreams(await capture.stop()).filter(({ plaintext }) => plaintext)).toEqual([])
})

test('baresip to Kedge to linphone: RTP/SAVP with other keys on each hop, tones both ways, nothing in clear', async () => {
  await kedge.account({ forwarding: { always: { target: 'linphone' } } })
  await using baresip = await kedge.baresip({ toneHz: callerHz })
  await using capture = await startCapture([baresip.rtpPorts, secure.rtpPorts])
  baresip.dial(`sip:kedge@${domain}`)
  await baresip.next('CALL_ESTABLISHED')
  const [heardByCaller, heardByCallee] = await Promise.all([baresip.hearsTone(), secure.hearsTone(callerHz)])
  expect(heardByCaller?.hz).toBeCloseTo(linphoneHz, -1)
  expect(heardByCallee?.hz).toBeCloseTo(callerHz, -1)
  const call = await kedge.sees(({ security }) => security === 'proven', 'proven on both hops')
  expect(call).toMatchObject({
    direction: 'forwarded',
    forwardedTo: { user: 'linphone' },
    hops: [
      { leg: 'trunk', mode: 'srtp', profile: 'RTP/SAVP' },
      { leg: 'target', mode: 'srtp', profile: 'RTP/SAVP' },
    ],
  })
  secure.hangUp()
  await baresip.next('CALL_CLOSED')
  const streams = judgeStreams(await capture.stop())
  expect(streams.length).toBeGreaterThanOrEqual(4)
  expect(streams.filter(({ plaintext }) => plaintext)).toEqual([])
})

test('a secure call forwarded to a phone that refuses SRTP ends with the reason; nothing was sent', async () => {
  await kedge.account({ forwarding: { always: { target: 'erin' } } })
  await using baresip = await kedge.baresip({ toneHz: callerHz })
  await using erin = await kedge.baresip({ user: 'erin', toneHz: 500, mediaEncryption: 'none' })
  await using capture = await startCapture([baresip.rtpPorts, erin.rtpPorts])
  baresip.dial(`sip:kedge@${domain}`)
  expect((await baresip.next('CALL_CLOSED')).param).toMatch(/^488 /)
  expect(await kedge.sees(({ state }) => state === 'ended', 'the end')).toMatchObject({
    direction: 'forwarded',
    end: { code: expect.stringMatching(/^security\/(trunk-refuses-encryption|answer-not-encrypted)$/) },
  })
  expect(judgeStreams(await capture.stop())).toEqual([])
})

test('two calls of the window become one between baresip and linphone: a bridged transfer', async () => {
  await kedge.account({})
  await using baresip = await kedge.baresip({ toneHz: callerHz })
  baresip.dial(`sip:kedge@${domain}`)
  const first = await kedge.window.rung()
  expect((await first.voice.hearsTone())?.hz).toBeCloseTo(callerHz, -1)
  const second = await kedge.window.dial('linphone', 'work')
  expect((await second.voice.hearsTone())?.hz).toBeCloseTo(linphoneHz, -1)
  const [a, b] = kedge.bridge.calls().filter(({ state }) => state === 'connected')
  await kedge.bridge.join(a?.id ?? '', b?.id ?? '')
  const call = await kedge.sees(
    ({ direction, security }) => direction === 'forwarded' && security === 'proven',
    'joined',
  )
  expect(call.hops.map(({ mode }) => mode)).toEqual(['srtp', 'srtp'])
  expect((await secure.hearsTone(callerHz))?.hz).toBeCloseTo(callerHz, -1)
  secure.hangUp()
  await baresip.next('CALL_CLOSED')
})
