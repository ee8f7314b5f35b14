import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Baresip } from '../harness/baresip.ts'
import { domain, type Scene, startScene } from '../harness/browser/scene.ts'

let scene: Scene
let bob: Baresip
beforeAll(async () => {
  scene = await startScene({
    story: 'call-endings',
    replies: {
      engaged: [486, 'Busy Here'],
      strict: [488, 'Not Acceptable Here'],
      away: [480, 'Temporarily Unavailable'],
    },
  })
  bob = await scene.farEnd({ answer: 'manual' })
})
afterAll(() => scene?.[Symbol.asyncDispose]())
beforeEach(() => bob.reset())
afterEach(() => scene.phone.backToReady())

describe('a call that is not answered says why', () => {
  test.for([
    { target: 'engaged', code: 'call/busy', sentence: 'engaged is on another call.' },
    { target: 'nobody', code: 'call/not-found', sentence: 'Work does not know nobody.' },
    { target: 'strict', code: 'security/trunk-refuses-encryption', sentence: 'Work refused encrypted media.' },
    { target: 'away', code: 'call/unavailable', sentence: 'away cannot be reached right now.' },
  ])('$target: $code', async ({ target, code, sentence }) => {
    const { phone } = scene
    await phone.call(target)
    expect(await phone.seesEnd()).toEqual({ code, sentence })
    await phone.picture(target)
  })

  test('the far end declines', async () => {
    const { phone } = scene
    await phone.call('bob')
    await bob.next('CALL_INCOMING')
    await phone.seesCall('ringing')
    bob.hangUp()
    expect((await phone.seesEnd()).code).toBe('call/busy')
  })
})

test('a call that rings and is cancelled stops ringing at the far end', async () => {
  const { phone } = scene
  await phone.call('bob')
  await bob.next('CALL_INCOMING')
  await phone.seesCall('ringing')
  await phone.picture('ringing')
  await phone.hangUp()
  await bob.next('CALL_CLOSED')
  expect((await phone.seesEnd()).code).toBe('call/cancelled')
  await phone.picture('cancelled')
})

test('an incoming call that is declined ends at the caller with 603', async () => {
  const { phone } = scene
  bob.dial(`sip:kedge@${domain}`)
  await phone.seesCall('incoming')
  await phone.picture('incoming')
  await phone.decline()
  expect((await bob.next('CALL_CLOSED')).param).toMatch(/^603 /)
  expect((await phone.seesEnd()).code).toBe('call/declined')
})

test('an incoming call whose caller gives up stops ringing here', async () => {
  const { phone } = scene
  bob.dial(`sip:kedge@${domain}`)
  await phone.seesCall('incoming')
  bob.hangUp()
  expect((await phone.seesEnd()).code).toBe('call/cancelled')
  await phone.picture('caller-gave-up')
})
