import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Baresip } from '../harness/baresip.ts'
import { farHz, kedgeHz, otherHz, type Scene, startScene } from '../harness/browser/scene.ts'

/** Three real parties: Kedge in a browser, and two phones that are not ours. */
let scene: Scene
let bob: Baresip
let erin: Baresip
beforeAll(async () => {
  scene = await startScene({ story: 'several-calls' })
  ;[bob, erin] = await Promise.all([scene.farEnd(), scene.farEnd({ user: 'erin', toneHz: otherHz })])
})
afterAll(() => scene?.[Symbol.asyncDispose]())

const heard = async (hz: number) => expect((await scene.phone.hearsTone())?.hz).toBeCloseTo(hz, -1)

test('a second call puts the first on hold; swap brings it back; each hears the tone that is meant for it', async () => {
  const { phone } = scene
  await phone.call('bob')
  await phone.seesSecurity('proven')
  await heard(farHz)
  await phone.element('add-call-button').click()
  await phone.call('erin')
  await erin.next('CALL_ESTABLISHED')
  await phone.seesSecurity('proven')
  await heard(otherHz)
  expect((await erin.hearsTone())?.hz).toBeCloseTo(kedgeHz, -1)
  await phone.picture('two-calls')
  await phone.element('swap-button').click()
  await heard(farHz)
  await phone.picture('swapped')
  await phone.hangUp()
  await bob.next('CALL_CLOSED')
})
