import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRegistration } from '../../../electron/accounts/registration.ts'
import { systemClock } from '../../../electron/sip/clock.ts'
import type { InboundRequest, Reply } from '../../../electron/sip/endpoint-config.ts'
import { silentLog } from '../../../electron/sip/log.ts'
import { KedgeError } from '../../../shared/errors.ts'
import type { AccountTransport } from '../../../shared/model/account.ts'
import { granted, replies, type ScriptedRegistrar, scriptedRegistrar, silence } from './scripted-registrar.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Many days take two minutes, and each over UDP ten seconds: it is kept open by thousands of messages. One day holds the rules. */
const full = process.env.KEDGE_FULL === '1'
const seeds = full ? Array.from({ length: 10 }, (_, n) => n + 1) : [1]
const transports = full ? (['tcp', 'udp'] as const) : (['tcp'] as const)

const seconds = (count: number) => vi.advanceTimersByTimeAsync(1000 * count)

/** Park and Miller's generator: the same day for the same seed. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 0x7fff_ffff
    return state / 0x7fff_ffff
  }
}

type Trouble = (registrar: ScriptedRegistrar, phone: Phone) => unknown
type Phone = ReturnType<typeof phoneFor>

const tooBrief = (request: InboundRequest): Reply =>
  Number(request.header('expires')) < 900 ? { status: 423, headers: ['Min-Expires: 900'] } : granted(900)(request)
let nonce = 0
const challenge = (request: InboundRequest): Reply => {
  nonce += 1
  const fresh = request.header('authorization')?.includes(`nonce="${nonce - 1}"`)
  const stale = request.header('authorization') ? ', stale=true' : ''
  return fresh
    ? granted(300)(request)
    : { status: 401, headers: [`WWW-Authenticate: Digest realm="example.test", nonce="${nonce}", qop="auth"${stale}`] }
}

/** What befalls a phone in a day, each for a while. */
const troubles: Readonly<Record<string, Trouble>> = {
  'server error 500': (it) => Object.assign(it, { answer: replies(500) }),
  'overload 503 with Retry-After': (it) => Object.assign(it, { answer: replies(503, 'Retry-After: 40') }),
  'request timeout 408': (it) => Object.assign(it, { answer: replies(408) }),
  'too brief 423': (it) => Object.assign(it, { answer: tooBrief }),
  'a fresh nonce each time': (it) => Object.assign(it, { answer: challenge }),
  'short grants': (it) => Object.assign(it, { answer: granted(30) }),
  silence: (it) => Object.assign(it, { answer: silence }),
  'no way at all': (it) => {
    it.connecting = () => Promise.reject(new KedgeError('net/unreachable', 'there is no way'))
  },
  'connection lost': (it) => it.hangUp(),
  'connection lost as soon as it is used, again and again': (it) => {
    it.answer = (request) => {
      setTimeout(() => it.hangUp(), 20)
      return granted(600)(request)
    }
  },
  'another network': async (it, { registration }) => {
    it.localAddress = `192.0.2.${1 + (it.connections % 250)}`
    await registration.networkChanged()
  },
  'asleep for two hours': (it, { registration }) => {
    it.hangUp()
    vi.setSystemTime(Date.now() + 7_200_000)
    registration.woke()
  },
  'a NAT that has forgotten': (it) => {
    it.seenAs = { address: '198.51.100.7', port: 20_000 + (it.connections % 40_000) }
  },
}

function phoneFor(registrar: ScriptedRegistrar, transport: AccountTransport, random: () => number) {
  registrar.kind = transport
  const wrongStates: string[] = []
  const registration = createRegistration(
    {
      id: 'a',
      label: 'Account',
      domain: 'example.test',
      transport,
      username: 'alice',
      register: true,
      encryption: 'off',
    },
    'secret',
    {
      connector: registrar.connector,
      clock: systemClock,
      random,
      userAgent: 'test',
      instanceId: 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
      log: silentLog,
      localAddressTo: async () => registrar.localAddress,
      onInvite: () => undefined,
      onChange() {
        const state = registration.state()
        if (state.kind === 'registered' && state.expiresAt < Date.now()) wrongStates.push('registered beyond its time')
        if (state.kind === 'failed' && state.retryAt === undefined) wrongStates.push(`given up: ${state.code}`)
      },
    },
  )
  return { registration, wrongStates }
}

function calm(registrar: ScriptedRegistrar): void {
  registrar.answer = granted(600)
  registrar.connecting = async () => undefined
  registrar.seenAs = undefined
}

/** Bindings as the registrar holds them after all that it has seen and granted. */
const registersOf = (registrar: ScriptedRegistrar) => registrar.seen.filter(({ method }) => method === 'REGISTER')

/** The most is what a grant of 30 s needs; on UDP an OPTIONS every 24 s comes to it. */
const perHour = { tcp: 160, udp: 310 } as const

describe.each(transports)('24 hours of an account over %s', (transport) => {
  it.each(seeds)(
    'it comes back from everything within its time, and asks no more than it should (seed %i)',
    async (seed) => {
      const random = generator(seed)
      const registrar = scriptedRegistrar()
      const phone = phoneFor(registrar, transport, random)
      const names = Object.keys(troubles)
      const began = Date.now()
      phone.registration.start()
      await seconds(1)
      const met = new Set<string>()
      let ahead: string[] = []
      const storms: string[] = []
      while (Date.now() - began < 86_400_000) {
        if (ahead.length === 0) ahead = names.toSorted(() => random() - 0.5)
        const name = ahead.pop() ?? ''
        met.add(name)
        const before = registrar.seen.length
        const at = Date.now()
        await troubles[name]?.(registrar, phone)
        await seconds(30 + Math.floor(random() * 900))
        const asked = registrar.seen.length - before
        const most = 12 + perHour[transport] * ((Date.now() - at) / 3_600_000)
        if (asked > most) storms.push(`${name}: ${asked} requests where ${Math.round(most)} would do`)
        calm(registrar)
        // Whatever it was: five minutes of back-off, 40 s of Retry-After, half a minute of silence, and it is over.
        await seconds(360)
        expect(phone.registration.state(), name).toMatchObject({ kind: 'registered' })
        await seconds(Math.floor(random() * 1_200))
        expect(phone.registration.state(), `${name}, later`).toMatchObject({ kind: 'registered' })
      }
      expect([...met].sort()).toEqual(names.toSorted())
      expect(phone.wrongStates).toEqual([])
      expect(storms).toEqual([])

      const cseqs = registersOf(registrar).map(({ cseq }) => Number.parseInt(cseq, 10))
      expect(cseqs.every((cseq, n) => n === 0 || cseq > (cseqs[n - 1] ?? 0))).toBe(true)
      expect(
        new Set(
          registrar.texts
            .filter((text) => text.startsWith('REGISTER'))
            .map((text) => text.match(/\r\nCall-ID: (.*)/)?.[1]),
        ).size,
      ).toBe(1)
      // Only its own Contacts are ever named: bindings of other phones are left alone.
      const users = registersOf(registrar).flatMap(({ contacts }) =>
        contacts.map((contact) => contact.match(/sip:([^@]+)@/)?.[1]),
      )
      expect(new Set(users).size).toBe(1)

      const left = phone.registration.stop()
      await seconds(40)
      await left
      expect(registersOf(registrar).at(-1)?.contacts).toEqual([expect.stringMatching(/;expires=0$/)])
      expect(vi.getTimerCount()).toBe(0)
    },
  )
})
