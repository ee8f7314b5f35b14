import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCapture } from '../harness/capture.ts'
import { startLinphone } from '../harness/linphone.ts'
import { judgeStreams } from '../harness/rtp-judge.ts'
import { domain, type KedgeCore, startKedgeCore, windowHz } from './support/kedge-core.ts'

/** linphone calls Kedge. */
let kedge: KedgeCore
beforeAll(async () => {
  kedge = await startKedgeCore()
})
afterAll(() => kedge?.[Symbol.asyncDispose]())

const linphoneHz = 440
const linphone = (srtp: 'mandatory' | 'off') =>
  startLinphone({
    toneHz: linphoneHz,
    srtp,
    account: { user: 'erin', password: 'evergreen', domain, proxyPort: kedge.kamailio.ports.plain },
  })

test('linphone with SRTP mandatory is answered RTP/SAVP, heard both ways, and nothing is in clear', async () => {
  await using phone = await linphone('mandatory')
  await using capture = await startCapture([phone.rtpPorts])
  phone.call(`sip:kedge@${domain}`)
  const call = await kedge.window.rung()
  const [heardHere, heardThere] = await Promise.all([call.voice.hearsTone(), phone.hearsTone(windowHz)])
  expect(heardHere?.hz).toBeCloseTo(linphoneHz, -1)
  expect(heardThere?.hz).toBeCloseTo(windowHz, -1)
  const { hops } = await kedge.sees(({ security }) => security === 'proven', 'proven on both hops')
  expect(hops[1]).toMatchObject({ mode: 'srtp', profile: 'RTP/SAVP' })
  phone.hangUp()
  await kedge.sees(({ state }) => state === 'ended', 'the end')
  expect(judgeStreams(await capture.stop()).filter(({ plaintext }) => plaintext)).toEqual([])
})

test('linphone without SRTP is refused under required, and shown as not encrypted under off', async () => {
  await using phone = await linphone('off')
  phone.call(`sip:kedge@${domain}`)
  await phone.process.waitForOutput(/Call \d+ .* error/, 10_000)
  expect(await kedge.sees(({ state }) => state === 'ended', 'the end')).toMatchObject({
    end: { by: 'kedge', code: 'security/offer-not-encrypted' },
  })
  await kedge.account({ encryption: 'off' })
  phone.call(`sip:kedge@${domain}`)
  await kedge.window.rung()
  const connected = await kedge.sees(({ state }) => state === 'connected', 'connected')
  expect(connected).toMatchObject({ security: 'clear', hops: [{}, { mode: 'rtp', profile: 'RTP/AVP' }] })
  phone.hangUp()
  await kedge.sees(({ state }) => state === 'ended', 'the end')
})
