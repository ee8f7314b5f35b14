import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Baresip } from '../harness/baresip.ts'
import { farHz, otherHz, type Scene, startScene } from '../harness/browser/scene.ts'

/** Bob passes calls on, erin's trunk takes no REFER. */
let scene: Scene
let bob: Baresip
let erin: Baresip
beforeAll(async () => {
  scene = await startScene({
    story: 'transfer',
    replies: { engaged: [486, 'Busy Here'] },
    noReferTo: 'erin',
    noReinviteTo: ['erin'],
  })
  ;[bob, erin] = await Promise.all([scene.farEnd(), scene.farEnd({ user: 'erin', toneHz: otherHz })])
})
afterEach(async () => {
  await scene.phone.backToReady()
  await Promise.all([bob.reset(), erin.reset()])
})
afterAll(() => scene?.[Symbol.asyncDispose]())

const hears = async (phone: Baresip, hz: number) => expect((await phone.hearsNow(hz))?.hz).toBeCloseTo(hz, -1)

test('a call is passed on: bob calls erin, they hear each other, and only then is the call left', async () => {
  const { phone } = scene
  await phone.call('bob')
  await phone.seesSecurity('proven')
  await phone.transferTo('erin')
  expect((await phone.seesEnd()).code).toBe('call/passed-on')
  await phone.picture('passed-on')
  await erin.next('CALL_ESTABLISHED')
  await Promise.all([hears(erin, farHz), hears(bob, otherHz)])
})

test('somebody who is busy is no end of the call: it is taken back, with the reason', async () => {
  const { phone } = scene
  await phone.call('bob')
  await phone.seesSecurity('proven')
  await phone.transferTo('engaged')
  await phone.element('transfer').and(phone.page.locator('[data-state=failed]')).waitFor()
  expect(await phone.element('transfer').getAttribute('data-code')).toBe('call/busy')
  await phone.picture('taken-back')
  expect((await phone.hearsTone())?.hz).toBeCloseTo(farHz, -1)
  await phone.seesCall('connected')
})

test('where no REFER is taken, Kedge connects the two itself, encrypted on both sides', async () => {
  const { phone } = scene
  await phone.call('erin')
  await phone.seesSecurity('proven')
  await phone.transferTo('bob')
  await phone.element('transfer-here').click()
  await phone.page.locator('[data-testid=forwarded-call][data-state=connected]').waitFor()
  await phone.picture('connected-here')
  await Promise.all([hears(erin, farHz), hears(bob, otherHz)])
  await phone.element('forwarded-end').click()
  await Promise.all([bob.next('CALL_CLOSED'), erin.next('CALL_CLOSED')])
})
