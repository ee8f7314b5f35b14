import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { backOffMs, refreshMs } from '../../../electron/accounts/back-off.ts'
import { createRegistration, type Registration } from '../../../electron/accounts/registration.ts'
import { systemClock } from '../../../electron/sip/clock.ts'
import { silentLog } from '../../../electron/sip/log.ts'
import { type ErrorCode, KedgeError } from '../../../shared/errors.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { granted, replies, type ScriptedRegistrar, scriptedRegistrar, silence } from './scripted-registrar.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const settings: AccountSettings = {
  id: 'a',
  label: 'Account',
  domain: 'example.test',
  transport: 'tcp',
  username: 'alice',
  register: true,
  encryption: 'off',
}

/** The account with jitter at its upper end, so that times are the longest that can be. */
function account(more: Partial<AccountSettings> = {}) {
  const registrar = scriptedRegistrar()
  const states: string[] = []
  const moves: string[] = []
  const registration: Registration = createRegistration({ ...settings, ...more }, 'secret', {
    connector: registrar.connector,
    clock: systemClock,
    random: () => 0.999_999,
    userAgent: 'test',
    instanceId: 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
    log: silentLog,
    onChange: () => states.push(registration.state().kind),
    onInvite: () => undefined,
    onMoved: (address) => moves.push(address),
    localAddressTo: async () => registrar.localAddress,
  })
  return { registrar, registration, states, moves }
}

async function started(
  more: Partial<AccountSettings> = {},
  prepare: (registrar: ScriptedRegistrar) => void = () => {},
) {
  const made = account(more)
  prepare(made.registrar)
  made.registration.start()
  await vi.advanceTimersByTimeAsync(100)
  return made
}

const failsWith = (code: ErrorCode) => (registrar: ScriptedRegistrar) => {
  registrar.connecting = () => Promise.reject(new KedgeError(code, 'no way'))
}

describe('registering', () => {
  it('shows connecting, registering, registered, and until when', async () => {
    const { states, registration } = await started()
    expect(states).toEqual(['connecting', 'registering', 'registered'])
    const state = registration.state()
    expect(state.kind === 'registered' && state.expiresAt - Date.now()).toBeGreaterThan(599_000)
  })

  it('refreshes at 80 to 90 % of what was granted, with one Call-ID and CSeq counting on by one', async () => {
    const { registrar } = await started({}, (it) => {
      it.answer = granted(100)
    })
    await vi.advanceTimersByTimeAsync(300_000)
    expect(registrar.seen.map(({ cseq }) => cseq)).toEqual(['1 REGISTER', '2 REGISTER', '3 REGISTER', '4 REGISTER'])
    const gaps = registrar.seen.slice(1).map(({ atMs }, n) => atMs - (registrar.seen[n]?.atMs ?? 0))
    for (const gap of gaps) expect(gap).toBeGreaterThan(80_000)
    for (const gap of gaps) expect(gap).toBeLessThan(90_100)
  })

  it('423 is followed by the same with Min-Expires', async () => {
    const { registrar, registration } = await started({}, (it) => {
      it.answer = (request) =>
        request.header('expires') === '600' ? { status: 423, headers: ['Min-Expires: 1800'] } : granted(1800)(request)
    })
    expect(registration.state().kind).toBe('registered')
    expect(registrar.seen.map(({ contacts }) => contacts[0]?.match(/expires=(\d+)/)?.[1])).toEqual(['600', '1800'])
  })

  it.each([
    ['of the Contact', (years: number) => granted(years)],
    ['of the whole', (years: number) => replies(200, `Expires: ${years}`)],
  ])('31 years %s are a day, and no loop', async (_where, answer) => {
    const { registrar, registration } = await started({}, (it) => {
      it.answer = answer(999_999_999)
    })
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(registrar.seen).toHaveLength(1)
    const state = registration.state()
    expect(state.kind === 'registered' && state.expiresAt - Date.now()).toBeLessThan(86_400_000)
  })

  it('a registrar that raises its Min-Expires each time is not followed for ever', async () => {
    const { registrar, registration } = await started({}, (it) => {
      it.answer = (request) => ({ status: 423, headers: [`Min-Expires: ${Number(request.header('expires')) + 1}`] })
    })
    await vi.advanceTimersByTimeAsync(2_000)
    expect(registrar.seen).toHaveLength(4)
    expect(registration.state()).toMatchObject({ kind: 'failed', code: 'account/refused' })
  })

  it('a digest challenge is answered, and the refresh needs one round trip', async () => {
    const { registrar } = await started({}, (it) => {
      it.answer = (request) =>
        request.header('authorization')
          ? granted(100)(request)
          : { status: 401, headers: ['WWW-Authenticate: Digest realm="example.test", nonce="n", qop="auth"'] }
    })
    await vi.advanceTimersByTimeAsync(90_100)
    expect(registrar.seen).toHaveLength(3)
  })
})

describe('refusals', () => {
  it.each([
    [401, 'account/wrong-password'],
    [403, 'account/refused'],
    [404, 'account/not-found'],
    [606, 'account/refused'],
  ] as const)('%i is %s, for the user to mend: nothing is tried again by itself', async (status, code) => {
    const { registrar, registration } = await started({}, (it) => {
      it.answer = replies(status)
    })
    expect(registration.state()).toMatchObject({ kind: 'failed', code })
    expect(registration.state()).not.toHaveProperty('retryAt')
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(registrar.seen).toHaveLength(1)
  })

  it('a wrong password costs two tries, never a loop', async () => {
    let nonce = 0
    const { registrar, registration } = await started({}, (it) => {
      it.answer = () => ({
        status: 401,
        headers: [`WWW-Authenticate: Digest realm="r", nonce="${nonce++}", qop="auth"`],
      })
    })
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(registrar.seen).toHaveLength(2)
    expect(registration.state()).toMatchObject({ code: 'account/wrong-password' })
  })

  it('after retry() a mended account registers without a restart', async () => {
    const { registrar, registration } = await started({}, (it) => {
      it.answer = replies(403)
    })
    registrar.answer = granted(600)
    registration.retry()
    await vi.advanceTimersByTimeAsync(100)
    expect(registration.state().kind).toBe('registered')
  })

  it('503 is tried again after its Retry-After', async () => {
    const { registrar, registration } = await started({}, (it) => {
      it.answer = replies(503, 'Retry-After: 60')
    })
    const state = registration.state()
    expect(state).toMatchObject({ kind: 'failed', code: 'account/server-error' })
    expect(state.kind === 'failed' && (state.retryAt ?? 0) - Date.now()).toBeGreaterThan(59_000)
    registrar.answer = granted(600)
    await vi.advanceTimersByTimeAsync(60_100)
    expect(registration.state().kind).toBe('registered')
  })
})

describe('a server that is away for 31 years', () => {
  it('is asked again after an hour, and not in a loop', async () => {
    const { registrar } = await started({}, (it) => {
      it.answer = replies(503, 'Retry-After: 999999999')
    })
    await vi.advanceTimersByTimeAsync(3_500_000)
    expect(registrar.seen).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(200_000)
    expect(registrar.seen).toHaveLength(2)
  })
})

describe('connections', () => {
  it.each(['net/refused', 'net/host-not-found', 'tls/expired', 'tls/wrong-name'] as const)(
    '%s is shown with the time of the next try, and comes back by itself',
    async (code) => {
      const { registrar, registration } = await started({}, failsWith(code))
      expect(registration.state()).toMatchObject({ kind: 'failed', code, retryAt: expect.any(Number) })
      registrar.connecting = async () => undefined
      await vi.advanceTimersByTimeAsync(4_100)
      expect(registration.state().kind).toBe('registered')
    },
  )

  it('tries get rarer, up to five minutes apart', async () => {
    const { registrar, registration } = account()
    const tries: number[] = []
    registrar.connecting = () => {
      tries.push(Date.now())
      return Promise.reject(new KedgeError('net/unreachable', 'no way'))
    }
    registration.start()
    await vi.advanceTimersByTimeAsync(1_800_000)
    const gaps = tries.slice(1).map((at, n) => Math.round((at - (tries[n] ?? 0)) / 1000))
    expect(gaps.slice(0, 8)).toEqual([4, 8, 16, 32, 64, 128, 256, 300])
    expect(new Set(gaps.slice(8))).toEqual(new Set([300]))
  })

  it('a lost connection is opened again at once, and the old Contact is taken back', async () => {
    const { registrar, registration } = await started()
    await vi.advanceTimersByTimeAsync(20_000)
    registrar.hangUp()
    await vi.advanceTimersByTimeAsync(100)
    expect(registration.state().kind).toBe('registered')
    const [, second] = registrar.seen
    expect(second?.contacts.map((contact) => contact.match(/:(\d+);.*(expires=\d+)/)?.slice(1))).toEqual([
      ['40002', 'expires=600'],
      ['40001', 'expires=0'],
    ])
  })

  it('a connection that is lost within seconds is not opened again in a loop', async () => {
    const { registrar } = await started({}, (it) => {
      it.answer = (request) => {
        setTimeout(() => it.hangUp(), 50)
        return granted(600)(request)
      }
    })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(registrar.connections).toBeLessThanOrEqual(4)
  })

  it('silence for 64*T1 is account/timeout, and the dead connection is replaced', async () => {
    const { registrar, registration } = await started({}, (it) => {
      it.answer = silence
    })
    await vi.advanceTimersByTimeAsync(32_100)
    expect(registration.state()).toMatchObject({ kind: 'failed', code: 'account/timeout' })
    registrar.answer = granted(600)
    await vi.advanceTimersByTimeAsync(4_100)
    expect(registration.state().kind).toBe('registered')
    expect(registrar.connections).toBe(2)
  })

  it('retry() while registered proves it by a round trip', async () => {
    const { registrar, registration } = await started()
    registration.retry()
    await vi.advanceTimersByTimeAsync(100)
    expect(registrar.seen).toHaveLength(2)
    expect(registration.state().kind).toBe('registered')
  })
})

describe('a trunk without registration', () => {
  it.each([200, 404, 405, 403])('is ready when OPTIONS is answered with %i', async (status) => {
    const { registrar, registration } = await started({ register: false }, (it) => {
      it.answer = replies(status)
    })
    expect(registration.state()).toEqual({ kind: 'ready' })
    await vi.advanceTimersByTimeAsync(271_000)
    expect(registrar.seen.map(({ method }) => method)).toEqual(['OPTIONS', 'OPTIONS'])
  })
})

describe('leaving', () => {
  it('takes back its own Contact only, and closes', async () => {
    const { registrar, registration } = await started()
    const left = registration.stop()
    await vi.advanceTimersByTimeAsync(100)
    await left
    expect(registrar.seen.at(-1)?.contacts).toEqual([expect.stringMatching(/;expires=0$/)])
    expect(registration.state().kind).toBe('unregistered')
  })

  it('takes a second and a half at most when the server says nothing', async () => {
    const { registrar, registration } = await started()
    registrar.answer = silence
    const left = vi.fn()
    void registration.stop().then(left)
    await vi.advanceTimersByTimeAsync(1_600)
    expect(left).toHaveBeenCalled()
  })

  it('leaves no timer behind', async () => {
    const { registration } = await started()
    const left = registration.stop()
    await vi.advanceTimersByTimeAsync(33_000)
    await left
    expect(vi.getTimerCount()).toBe(0)
  })

  it('a connection that comes up after stop() is closed', async () => {
    const { registrar, registration } = account()
    const slow = Promise.withResolvers<void>()
    registrar.connecting = () => slow.promise
    registration.start()
    const left = registration.stop()
    slow.resolve()
    await vi.advanceTimersByTimeAsync(100)
    await left
    expect(registrar.seen).toHaveLength(0)
  })
})

describe('times', () => {
  it('a retry falls into the upper half of its interval (RFC 5626 4.5)', () => {
    expect([backOffMs(1, 0), backOffMs(1, 1), backOffMs(3, 0), backOffMs(60, 1)]).toEqual([
      2_000, 4_000, 8_000, 300_000,
    ])
  })

  it('a refresh is never sooner than after a second', () => {
    expect([refreshMs(100, 0), refreshMs(100, 1), refreshMs(0.5, 0)]).toEqual([80_000, 90_000, 1_000])
  })
})

describe('another server behind the same name', () => {
  it.each([
    ['503', replies(503), 100],
    ['silence', silence, 32_100],
  ])('is tried at once after %s', async (_name, answer, withinMs) => {
    const { registrar, registration } = await started({}, (it) => {
      it.otherServers = true
      it.answer = answer
      it.connecting = async () => {
        if (it.connections === 1) it.answer = granted(600)
      }
    })
    await vi.advanceTimersByTimeAsync(withinMs)
    expect(registration.state().kind).toBe('registered')
    expect(registrar.connections).toBe(2)
  })
})

describe('a laptop that moves and sleeps', () => {
  it('registers from the new address at once, takes the old Contact back, and says where it is', async () => {
    const { registrar, registration, moves } = await started()
    registrar.localAddress = '192.0.2.7'
    await registration.networkChanged()
    await vi.advanceTimersByTimeAsync(100)
    expect(registration.state().kind).toBe('registered')
    expect(
      registrar.seen.at(-1)?.contacts.map((contact) => contact.match(/@([^:]+):.*(expires=\d+)/)?.slice(1)),
    ).toEqual([
      ['192.0.2.7', 'expires=600'],
      ['127.0.0.1', 'expires=0'],
    ])
    expect(moves).toEqual(['192.0.2.7'])
  })

  it('a change elsewhere proves the way and moves nothing', async () => {
    const { registrar, registration, moves } = await started()
    await registration.networkChanged()
    await vi.advanceTimersByTimeAsync(100)
    expect([registrar.seen.length, registrar.connections, moves]).toEqual([2, 1, []])
  })

  it('after waking it is not online until a round trip has proven it', async () => {
    const { registrar, registration, states } = await started()
    states.length = 0
    registration.woke()
    expect(registration.state().kind).toBe('registering')
    await vi.advanceTimersByTimeAsync(100)
    expect(states).toEqual(['registering', 'registered'])
    expect(registrar.connections).toBe(1)
  })

  it('a connection that died in its sleep is replaced within seconds', async () => {
    const { registrar, registration } = await started()
    registrar.answer = silence
    registration.woke()
    await vi.advanceTimersByTimeAsync(3_900)
    registrar.answer = granted(600)
    await vi.advanceTimersByTimeAsync(300)
    expect(registration.state().kind).toBe('registered')
    expect(registrar.connections).toBe(2)
  })

  it('a wait for the next try ends with the sleep or the move', async () => {
    for (const event of ['woke', 'networkChanged'] as const) {
      const { registrar, registration } = await started({}, failsWith('net/unreachable'))
      await vi.advanceTimersByTimeAsync(300_000)
      registrar.connecting = async () => undefined
      void registration[event]()
      await vi.advanceTimersByTimeAsync(100)
      expect(registration.state().kind).toBe('registered')
    }
  })
})
