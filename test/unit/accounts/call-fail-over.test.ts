import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createRegistration } from '../../../electron/accounts/registration.ts'
import { systemClock } from '../../../electron/sip/clock.ts'
import { silentLog } from '../../../electron/sip/log.ts'
import { granted, scriptedRegistrar, silence } from './scripted-registrar.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** An account with two servers behind its name, and a call of its. */
async function calling() {
  const registrar = scriptedRegistrar()
  const registration = createRegistration(
    {
      id: 'a',
      label: 'Account',
      domain: 'example.test',
      transport: 'tcp',
      username: 'alice',
      register: true,
      encryption: 'off',
    },
    'secret',
    {
      connector: registrar.connector,
      clock: systemClock,
      random: () => 0,
      userAgent: 'test',
      instanceId: 'x',
      log: silentLog,
      onChange: () => undefined,
      onInvite: () => undefined,
    },
  )
  registration.start()
  await vi.advanceTimersByTimeAsync(11_000)
  registrar.otherServers = true
  const rejected: number[] = []
  const place = () =>
    registration.endpoint?.invite(
      { target: 'sip:bob@example.test', offer: 'v=0\r\n' },
      { onProgress: () => undefined, onAccepted: () => undefined, onRejected: ({ status }) => rejected.push(status) },
    )
  const invites = () => registrar.texts.filter((text) => text.startsWith('INVITE '))
  return { registrar, registration, place, rejected, invites }
}

it('after 503 the account registers at the next server, and the call goes there', async () => {
  const { registrar, registration, place, rejected, invites } = await calling()
  // The scripted server refuses INVITEs with 480 when nobody has told it otherwise.
  registrar.inviteStatus = 503
  place()
  setTimeout(() => {
    registrar.inviteStatus = 486
  }, 3)
  await vi.advanceTimersByTimeAsync(1_000)
  expect([registrar.connections, invites().length, rejected]).toEqual([2, 2, [486]])
  expect(registration.state().kind).toBe('registered')
})

it('a dead server is found out within seconds, and the call goes to the next', async () => {
  const { registrar, place, rejected, invites } = await calling()
  registrar.inviteStatus = 486
  registrar.answer = silence
  place()
  await vi.advanceTimersByTimeAsync(7_900)
  expect(rejected).toEqual([])
  registrar.answer = granted(600)
  await vi.advanceTimersByTimeAsync(1_000)
  expect([registrar.connections, invites().length, rejected]).toEqual([2, 2, [486]])
})

it('with no other server the call is refused with what the first one said', async () => {
  const { registrar, place, rejected } = await calling()
  registrar.otherServers = false
  registrar.inviteStatus = 503
  place()
  await vi.advanceTimersByTimeAsync(1_000)
  expect([registrar.connections, rejected]).toEqual([1, [503]])
})
