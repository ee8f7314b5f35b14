import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAccountManager } from '../../../electron/accounts/account-manager.ts'
import { addressOfRecord } from '../../../electron/accounts/connect-account.ts'
import { systemClock } from '../../../electron/sip/clock.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { granted, replies, scriptedRegistrar, silence } from './scripted-registrar.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const settings = (more: Partial<AccountSettings> = {}): AccountSettings => ({
  id: 'a',
  label: 'Account',
  domain: 'example.test',
  transport: 'tcp',
  username: 'alice',
  register: true,
  encryption: 'off',
  ...more,
})

function manager() {
  const registrar = scriptedRegistrar()
  const accounts = createAccountManager({ userAgent: 'test', clock: systemClock, connector: registrar.connector })
  return { registrar, accounts }
}

const soon = () => vi.advanceTimersByTimeAsync(100)

describe('accounts', () => {
  it('each is listed with its state, and changes are told', async () => {
    const { accounts } = manager()
    const changed = vi.fn()
    const stop = accounts.onChange(changed)
    accounts.save(settings(), 'secret')
    accounts.save(settings({ id: 'b', register: false }), 'secret')
    await soon()
    expect(
      accounts.list().map(({ settings: { id }, state, canReceiveCalls }) => [id, state.kind, canReceiveCalls]),
    ).toEqual([
      ['a', 'registered', true],
      ['b', 'ready', false],
    ])
    expect(changed).toHaveBeenCalled()
    stop()
    changed.mockClear()
    accounts.remove('b')
    expect(changed).not.toHaveBeenCalled()
  })

  it('a setting that the connection does not depend on is taken over without a new one', async () => {
    const { accounts, registrar } = manager()
    accounts.save(settings({ encryption: 'preferred' }), 'secret')
    await soon()
    const before = registrar.connections
    accounts.amend(settings({ encryption: 'preferred', clearAllowed: true }))
    await soon()
    expect(accounts.list()).toMatchObject([{ settings: { clearAllowed: true }, state: { kind: 'registered' } }])
    expect(registrar.connections).toBe(before)
    accounts.amend(settings({ id: 'nobody' }))
    expect(accounts.list()).toHaveLength(1)
  })

  it('no view contains the password', async () => {
    const { accounts } = manager()
    accounts.save(settings(), 'secret-password')
    await soon()
    expect(JSON.stringify(accounts.list())).not.toContain('secret-password')
  })

  it('a call that comes while an account still proves itself comes with the endpoint that it came on', async () => {
    const { accounts, registrar } = manager()
    const rung = vi.fn()
    accounts.onInvite((id, invite, endpoint) => {
      rung(id, endpoint)
      invite.reject(486)
    })
    accounts.save(settings(), 'secret')
    await soon()
    const endpoint = accounts.endpointFor('a')
    registrar.answer = silence
    accounts.woke()
    await soon()
    expect(() => accounts.endpointFor('a')).toThrow(expect.objectContaining({ code: 'call/account-not-ready' }))
    registrar.send(
      [
        'INVITE sip:alice@example.test SIP/2.0',
        'Via: SIP/2.0/TCP 127.0.0.1:5002;branch=z9hG4bKcall',
        'From: <sip:bob@example.test>;tag=bob',
        'To: <sip:alice@example.test>',
        'Call-ID: call',
        'CSeq: 1 INVITE',
        'Contact: <sip:bob@127.0.0.1:5002>',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    )
    await soon()
    expect(rung.mock.calls).toEqual([['a', endpoint]])
  })

  it('an endpoint is given out only when a call can be placed, with the reason otherwise', async () => {
    const { accounts, registrar } = manager()
    expect(() => accounts.endpointFor('a')).toThrow(expect.objectContaining({ code: 'call/account-unknown' }))
    registrar.answer = replies(403)
    accounts.save(settings(), 'secret')
    const notReady = { code: 'call/account-not-ready' }
    expect(() => accounts.endpointFor('a')).toThrow(expect.objectContaining(notReady))
    await soon()
    expect(() => accounts.endpointFor('a')).toThrow(
      expect.objectContaining({ ...notReady, message: expect.stringContaining('403') }),
    )
    registrar.answer = granted(600)
    accounts.retry('a')
    await soon()
    expect(accounts.endpointFor('a').signalling.transport).toBe('tcp')
  })

  it('saving again without a password keeps the one it had', async () => {
    const { accounts, registrar } = manager()
    const seen: (string | undefined)[] = []
    registrar.answer = (request) => {
      seen.push(request.header('authorization')?.match(/response="([^"]+)"/)?.[1])
      return request.header('authorization')
        ? granted(600)(request)
        : { status: 401, headers: ['WWW-Authenticate: Digest realm="example.test", nonce="n"'] }
    }
    accounts.save(settings(), 'secret')
    await soon()
    accounts.save(settings({ label: 'Renamed' }), undefined)
    await soon()
    const responses = seen.filter((response) => response !== undefined)
    // The nonce is the same, so the same password gives the same digest.
    expect(responses.length).toBeGreaterThan(1)
    expect(new Set(responses).size).toBe(1)
    expect(accounts.list()[0]).toMatchObject({ settings: { label: 'Renamed' }, state: { kind: 'registered' } })
  })

  it('close() unregisters every account and leaves nothing running', async () => {
    const { accounts, registrar } = manager()
    accounts.save(settings(), 'secret')
    accounts.save(settings({ id: 'b' }), 'secret')
    await soon()
    const closed = accounts.close()
    await vi.advanceTimersByTimeAsync(33_000)
    await closed
    expect(registrar.seen.filter(({ contacts }) => contacts[0]?.endsWith('expires=0'))).toHaveLength(2)
    expect(accounts.list()).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('settings that make no SIP address are said to be invalid, and not tried again', async () => {
    const { accounts } = manager()
    accounts.save(settings({ domain: 'not a host' }), 'secret')
    await soon()
    expect(accounts.list()[0]?.state).toMatchObject({ kind: 'failed', code: 'account/invalid' })
    expect(accounts.list()[0]?.state).not.toHaveProperty('retryAt')
  })
})

it.each([
  ['alice', 'example.test', 'sip:alice@example.test'],
  ['+15550100', 'example.test', 'sip:+15550100@example.test'],
  ['a b@c', 'example.test', 'sip:a%20b%40c@example.test'],
  ['alice', '2001:db8::1', 'sip:alice@[2001:db8::1]'],
])('the address of record of %j at %j', (username, domain, expected) => {
  expect(addressOfRecord(settings({ username, domain }))).toBe(expected)
})
