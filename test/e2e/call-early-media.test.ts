import { afterAll, beforeAll, expect, test } from 'vitest'
import { farHz, kedgeHz, type Scene, startScene } from '../harness/browser/scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await startScene({ story: 'call-early-media' })
})
afterAll(() => scene?.[Symbol.asyncDispose]())

test('sound that comes with a 183 is heard before the answer, and goes on after it', async () => {
  const { phone } = scene
  const bob = await scene.farEnd({ answer: 'early' })
  await phone.call('bob')
  await phone.seesCall('early')
  expect((await phone.hearsTone())?.hz).toBeCloseTo(farHz, -1)
  await phone.seesCall('early')
  await phone.picture('early-media')
  bob.answer()
  await phone.seesCall('connected')
  await phone.seesSecurity('proven')
  expect((await phone.hearsTone())?.hz).toBeCloseTo(farHz, -1)
  expect((await bob.hearsTone())?.hz).toBeCloseTo(kedgeHz, -1)
  await phone.picture('answered')
  await phone.hangUp()
  await bob.next('CALL_CLOSED')
})
