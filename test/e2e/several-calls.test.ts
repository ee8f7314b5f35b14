import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Baresip } from '../harness/baresip.ts'
import { domain, farHz, kedgeHz, otherHz, type Scene, startScene } from '../harness/browser/scene.ts'

/** Three real parties: Kedge in a browser, and two phones that are not ours. */
let scene: Scene
let bob: Baresip
let erin: Baresip
beforeAll(async () => {
  scene = await startScene({ story: 'several-calls', noReinviteTo: ['bob', 'erin'] })
  ;[bob, erin] = await Promise.all([scene.farEnd(), scene.farEnd({ user: 'erin', toneHz: otherHz })])
})
afterAll(() => scene?.[Symbol.asyncDispose]())

const heard = async (hz: number) => expect((await scene.phone.hearsTone())?.hz).toBeCloseTo(hz, -1)

const swap = () => scene.phone.element('swap-button').click()

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
  expect((await erin.hearsNow(kedgeHz))?.hz).toBeCloseTo(kedgeHz, -1)
  await phone.picture('two-calls')
  await swap()
  await heard(farHz)
  await phone.picture('swapped')
})

test('joined, three parties hear the tones of the two others, each at once, and nobody his own', async () => {
  const { phone } = scene
  await phone.element('join-button').click()
  await phone.element('conference').waitFor()
  const [here, atBob, atErin] = await Promise.all([
    phone.hearsTones([farHz, otherHz]),
    bob.hearsTones([kedgeHz, otherHz]),
    erin.hearsTones([kedgeHz, farHz]),
  ])
  await phone.picture('conference')
  expect({ here, atBob, atErin }).toEqual({
    here: [farHz, otherHz],
    atBob: [kedgeHz, otherHz],
    atErin: [kedgeHz, farHz],
  })
})

test('split, the user talks with one alone; the other waits', async () => {
  const { phone } = scene
  await phone.element('conference-alone').first().click()
  await phone.element('other-call').waitFor()
  await heard(farHz)
  expect((await bob.hearsNow(kedgeHz))?.hz).toBeCloseTo(kedgeHz, -1)
  await phone.hangUp()
  await bob.next('CALL_CLOSED')
  // A press meant for the call that has just ended would not end this one.
  await phone.hangUp()
  await expect(erin.next('CALL_CLOSED', 0)).rejects.toThrow('no CALL_CLOSED')
  await phone.page.waitForTimeout(700)
  await phone.hangUp()
  await erin.next('CALL_CLOSED')
})

test('a call that comes in during another is said by a bar; it is answered while the first waits', async () => {
  const { phone } = scene
  await phone.backToReady()
  await phone.call('bob')
  await phone.seesSecurity('proven')
  erin.dial(`sip:kedge@${domain}`)
  await phone.element('waiting-call').waitFor()
  await phone.picture('call-waiting')
  await heard(farHz)
  await phone.page.waitForTimeout(700)
  await phone.element('waiting-answer').click()
  await erin.next('CALL_ESTABLISHED')
  await heard(otherHz)
  await phone.element('other-end').click()
  await bob.next('CALL_CLOSED')
  await phone.hangUp()
  await erin.next('CALL_CLOSED')
})
