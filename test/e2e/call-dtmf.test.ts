import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Scene, startScene } from '../harness/browser/scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await startScene({ story: 'call-dtmf' })
})
afterAll(() => scene?.[Symbol.asyncDispose]())

test('keys pressed in the call arrive at the far end as RFC 4733 events, each once and in order', async () => {
  const { phone } = scene
  const bob = await scene.farEnd()
  await phone.call('bob')
  await bob.next('CALL_ESTABLISHED')
  await phone.seesSecurity('proven')
  const keys = '15590*#2'
  await phone.pressKeys(keys)
  await phone.picture('keypad')
  let received = ''
  while (received.length < keys.length) received += (await bob.next('CALL_DTMF_START')).param
  expect(received).toBe(keys)
  await phone.hangUp()
  await bob.next('CALL_CLOSED')
  await expect(bob.next('CALL_DTMF_START', 0)).rejects.toThrow('no CALL_DTMF_START')
})
