import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { domain, type Scene, startScene } from '../harness/browser/scene.ts'
import { startCapture } from '../harness/capture.ts'
import { type Sipp, startSipp } from '../harness/sipp.ts'

/** A secure call is never joined to a plaintext one, whatever the trunk answers or offers (policy `required`). */
let scene: Scene
let trunk: Sipp
beforeAll(async () => {
  trunk = await startSipp('answer-avp')
  scene = await startScene({ story: 'avp-answer', routes: { plain: trunk.uri } })
})
afterAll(async () => {
  await scene?.[Symbol.asyncDispose]()
  await trunk?.[Symbol.asyncDispose]()
})
afterEach(() => scene.phone.backToReady())

test('a trunk that answers RTP/AVP to our RTP/SAVP: the call ends, the window says why, no packet was sent', async () => {
  const { phone } = scene
  await using capture = await startCapture([trunk.media])
  await phone.call('plain')
  const end = await phone.seesEnd()
  await phone.picture('ended')
  expect(end).toEqual({
    code: 'security/answer-not-encrypted',
    sentence: 'Work answered without encryption. Kedge ended the call before any sound was sent.',
  })
  // The scenario ends with our BYE: the trunk was told, and did not have to find out.
  await trunk.finished()
  expect(await trunk.messages()).toMatch(/m=audio \d+ RTP\/SAVP /)
  expect(await capture.stop()).toEqual([])
})

test('an incoming call without encryption does not ring and is told why', async () => {
  const plain = await scene.farEnd({ mediaEncryption: 'none', answer: 'manual' })
  await using capture = await startCapture([plain.rtpPorts])
  plain.dial(`sip:kedge@${domain}`)
  const { param } = await plain.next('CALL_CLOSED')
  expect(param).toMatch(/^488 /)
  expect(await scene.phone.element('answer-button').count()).toBe(0)
  await scene.phone.picture('incoming-refused')
  expect(await capture.stop()).toEqual([])
})

test('after both refusals the next secure call works', async () => {
  const erin = await scene.farEnd({ user: 'erin' })
  await scene.phone.call('erin')
  await erin.next('CALL_ESTABLISHED')
  await scene.phone.seesSecurity('proven')
  await scene.phone.hangUp()
  await erin.next('CALL_CLOSED')
})
