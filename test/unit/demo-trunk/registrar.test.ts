import { beforeEach, expect, test } from 'vitest'
import { createRegistrar, maxExpiresS, type Registrar } from '../../../electron/demo-trunk/registrar.ts'

let now: number
let registrar: Registrar<string>

beforeEach(() => {
  now = 1_000_000
  registrar = createRegistrar(() => now)
})

const bind = (contactUri: string, expiresS = 600) => ({ kind: 'bind', contactUri, expiresS }) as const

test('a contact is reachable through its connection until it expires', () => {
  registrar.register('first', bind('sip:demo@192.0.2.1', 60))
  now += 59_999
  expect(registrar.current()).toMatchObject({ connection: 'first', contactUri: 'sip:demo@192.0.2.1' })
  now += 1
  expect(registrar.current()).toBeUndefined()
})

test('a refresh extends the time and leaves one binding', () => {
  registrar.register('first', bind('sip:demo@192.0.2.1', 60))
  now += 30_000
  const bindings = registrar.register('first', bind('sip:demo@192.0.2.1', 60))
  expect(bindings).toEqual([{ connection: 'first', contactUri: 'sip:demo@192.0.2.1', expiresAt: now + 60_000 }])
})

test('a longer time than the registrar grants is cut (RFC 3261 §10.2.8)', () => {
  expect(registrar.register('first', bind('sip:a@b', 86_400))[0]?.expiresAt).toBe(now + maxExpiresS * 1000)
})

test.each([
  { name: 'expires=0', request: bind('sip:a@b', 0) },
  { name: 'Contact: *', request: { kind: 'unbindAll' } as const },
])('$name removes the binding', ({ request }) => {
  registrar.register('first', bind('sip:a@b'))
  expect(registrar.register('first', request)).toEqual([])
  expect(registrar.current()).toBeUndefined()
})

test('a REGISTER without Contact only asks', () => {
  registrar.register('first', bind('sip:a@b'))
  expect(registrar.register('first', { kind: 'query' })).toHaveLength(1)
})

test('a lost connection takes its bindings along and leaves those of others', () => {
  registrar.register('first', bind('sip:a@b'))
  registrar.register('second', bind('sip:a@b'))
  registrar.forget('second')
  expect(registrar.current()?.connection).toBe('first')
})

test('the connection that registered last is the one that is called', () => {
  registrar.register('first', bind('sip:a@b'))
  registrar.register('second', bind('sip:c@d'))
  registrar.register('first', bind('sip:a@b'))
  expect(registrar.current()?.connection).toBe('first')
})
