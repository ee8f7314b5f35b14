import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Baresip } from '../harness/baresip.ts'
import { farHz, kedgeHz, type Scene, startScene } from '../harness/browser/scene.ts'

let scene: Scene
let bob: Baresip
beforeAll(async () => {
  scene = await startScene({ story: 'reload' })
  bob = await scene.farEnd()
})
afterAll(() => scene?.[Symbol.asyncDispose]())

const invites = () => scene.kamailio.requests().filter(({ method }) => method === 'INVITE').length

test('the window is reloaded in a call: the call goes on, the far end hears nothing of it, and the sound is back within two seconds', async () => {
  const { phone } = scene
  await phone.call('bob')
  await phone.seesSecurity('proven')
  const [timer, before] = [phone.element('call-state'), invites()]
  await phone.page.reload()
  const loaded = Date.now()
  await phone.seesCall('connected')
  await phone.seesSecurity('proven')
  await phone.element('mute-button').waitFor()
  expect(Date.now() - loaded).toBeLessThan(2_000)
  await phone.picture('back')
  expect((await phone.hearsTone())?.hz).toBeCloseTo(farHz, -1)
  expect((await bob.hearsTone())?.hz).toBeCloseTo(kedgeHz, -1)
  expect(await timer.innerText()).toMatch(/^0:\d\d/)
  expect(invites()).toBe(before)
  await expect(bob.next('CALL_CLOSED', 0)).rejects.toThrow('no CALL_CLOSED')
})

test('the page crashes in the call: another window has the call, and takes it up when the user asks for it', async () => {
  const { phone } = scene
  await phone.crash()
  await phone.seesCall('connected')
  await phone.seesSecurity('establishing')
  await phone.picture('crashed')
  await phone.element('rejoin-button').click()
  await phone.seesSecurity('proven')
  expect((await phone.hearsTone())?.hz).toBeCloseTo(farHz, -1)
  await phone.hangUp()
  await bob.next('CALL_CLOSED')
})
