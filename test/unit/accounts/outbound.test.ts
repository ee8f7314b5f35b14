import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { flowTimerMs } from '../../../electron/accounts/back-off.ts'
import { accountInstance } from '../../../electron/accounts/registrar-client.ts'
import { listItems, registrarWord, seenFrom } from '../../../electron/accounts/registrar-word.ts'
import { createRegistration } from '../../../electron/accounts/registration.ts'
import { systemClock } from '../../../electron/sip/clock.ts'
import type { InboundRequest } from '../../../electron/sip/endpoint-config.ts'
import { silentLog } from '../../../electron/sip/log.ts'
import type { FinalResponse } from '../../../electron/sip/response.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { granted, type ScriptedRegistrar, scriptedRegistrar, silence } from './scripted-registrar.ts'

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
const instanceId = 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'
const soon = () => vi.advanceTimersByTimeAsync(100)

async function started(
  prepare: (registrar: ScriptedRegistrar) => void = () => {},
  more: Partial<AccountSettings> = {},
) {
  const registrar = scriptedRegistrar()
  if (more.transport) registrar.kind = more.transport
  prepare(registrar)
  const states: string[] = []
  const registration = createRegistration({ ...settings, ...more }, 'secret', {
    connector: registrar.connector,
    clock: systemClock,
    random: () => 0.999_999,
    userAgent: 'test',
    instanceId,
    log: silentLog,
    onChange: () => states.push(registration.state().kind),
    onInvite: () => undefined,
    localAddressTo: async () => registrar.localAddress,
  })
  registration.start()
  await soon()
  const place = () =>
    registration.endpoint?.invite(
      { target: 'sip:bob@example.test', offer: 'v=0\r\n' },
      { onProgress: () => undefined, onAccepted: () => undefined, onRejected: () => undefined },
    )
  const last = (method: string) => registrar.texts.findLast((text) => text.startsWith(`${method} `)) ?? ''
  return { registrar, registration, states, place, last }
}

/** 200 with more header lines. */
const grantedWith =
  (...headers: string[]) =>
  (request: InboundRequest) => {
    const reply = granted(600)(request)
    return { ...reply, headers: [...reply.headers, ...headers] }
  }

const response = (headers: Readonly<Record<string, readonly string[]>>): FinalResponse => ({
  status: 200,
  reason: 'OK',
  local: false,
  headers: (name) => headers[name] ?? [],
})

describe('what a registrar says', () => {
  it('is read from its headers, lists and all', () => {
    const said = response({
      require: ['path, outbound'],
      'flow-timer': ['90'],
      'service-route': ['<sip:a.test;lr>, <sip:b.test;lr>', 'nonsense'],
      contact: [
        '<sip:other@192.0.2.9>;expires=5;pub-gruu="sip:other@example.test;gr=x", "A, B" <sip:me@192.0.2.1;transport=tcp>;pub-gruu="sip:alice@example.test;gr=urn:uuid:1";temp-gruu="sip:t@example.test;gr";expires=600',
      ],
      via: ['SIP/2.0/TCP 10.0.0.2:5060;branch=z9hG4bK1;rport=40000;received=192.0.2.7'],
    })
    expect(registrarWord(said, 'me')).toEqual({
      outbound: true,
      flowTimerS: 90,
      serviceRoute: ['<sip:a.test;lr>', '<sip:b.test;lr>'],
      gruu: 'sip:alice@example.test;gr=urn:uuid:1',
      seenFrom: { address: '192.0.2.7', port: 40_000 },
    })
  })

  it('nothing of it is needed', () => {
    expect(registrarWord(response({}), 'me')).toEqual({ outbound: false, serviceRoute: [] })
  })

  it.each([
    ['SIP/2.0/UDP 10.0.0.2:5060;rport=7', { address: '10.0.0.2', port: 7 }],
    ['SIP/2.0/UDP [2001:db8::1]:5060;received=2001:db8::2;rport=7', { address: '2001:db8::2', port: 7 }],
    ['SIP/2.0/UDP [2001:db8::1]:5060;received=[2001:db8::2]', { address: '2001:db8::2', port: 5060 }],
    ['SIP/2.0/UDP 10.0.0.2:5060;rport', { address: '10.0.0.2', port: 5060 }],
    ['SIP/2.0/UDP phone.example.test:5060;rport=7', undefined],
    ['SIP/2.0/UDP 10.0.0.2;received=evil"x;rport=99999', undefined],
    ['SIP/2.0/UDP 10.0.0.2;received=999.0.0.1;rport=7', undefined],
    ['', undefined],
  ])('Via %j: seen from %j', (via, expected) => {
    expect(seenFrom(response({ via: [via] }))).toEqual(expected)
  })

  it('commas in quotes and in angle brackets divide no list', () => {
    expect(listItems(['"a, b" <sip:x?y=1,2>;q=1, <sip:z>', 'c'])).toEqual(['"a, b" <sip:x?y=1,2>;q=1', '<sip:z>', 'c'])
  })
})

describe('outbound (RFC 5626)', () => {
  it('REGISTER has instance and reg-id, and says path, outbound and gruu', async () => {
    const { last } = await started()
    const register = last('REGISTER')
    expect(register).toMatch(/\r\nContact: <[^>]+>;\+sip\.instance="<urn:uuid:[0-9a-f-]{36}>";reg-id=1;expires=600\r\n/)
    expect(register).toContain('\r\nSupported: path, outbound, gruu\r\n')
  })

  it('the instance is the same after a restart, another one for another account, and a UUID', async () => {
    const instances: string[] = []
    for (const id of ['a', 'a', 'b']) {
      const { last } = await started(undefined, { id })
      instances.push(last('REGISTER').match(/urn:uuid:([^>]+)/)?.[1] ?? '')
    }
    expect(instances[0]).toBe(instances[1])
    expect(instances[0]).not.toBe(instances[2])
    for (let n = 0; n < 100; n += 1)
      expect(accountInstance(instanceId, String(n))).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      )
  })

  it('where the registrar keeps flows, Contacts in calls ask for it by "ob", and the old Contact is not named again', async () => {
    const { registrar, registration, place, last } = await started((it) => {
      it.answer = grantedWith('Require: outbound')
    })
    place()
    await soon()
    expect(last('INVITE')).toMatch(/\r\nContact: <sip:[^>]+;ob>\r\n/)
    await vi.advanceTimersByTimeAsync(20_000)
    registrar.hangUp()
    await soon()
    expect(registration.state().kind).toBe('registered')
    expect(registrar.seen.at(-1)?.contacts).toHaveLength(1)
  })

  it('where it does not, nothing of that is sent', async () => {
    const { place, last } = await started()
    place()
    await soon()
    expect(last('INVITE')).not.toContain(';ob')
  })

  it('after 439 it registers without a flow of its own', async () => {
    const { registration, last } = await started((it) => {
      it.answer = (request) =>
        request.headers('contact')[0]?.includes('reg-id') ? { status: 439 } : granted(600)(request)
    })
    expect(registration.state().kind).toBe('registered')
    expect(last('REGISTER')).toContain('\r\nSupported: path, gruu\r\n')
  })

  it('the time that the server names is kept, and its silence counts', async () => {
    const { registrar } = await started((it) => {
      it.answer = grantedWith('Require: outbound', 'Flow-Timer: 50')
    })
    expect(registrar.plans).toEqual([{ everyMs: 50_000, answered: true }])
    expect([flowTimerMs(100, 'tcp', 0), flowTimerMs(undefined, 'udp', 0), flowTimerMs(1, 'tcp', 0)]).toEqual([
      80_000, 23_200, 8_000,
    ])
  })
})

describe('routes and names', () => {
  it('requests begin with the Service-Route, REGISTER does not (RFC 3608 §5)', async () => {
    const { registration, place, last } = await started((it) => {
      it.answer = grantedWith('Service-Route: <sip:a.test;lr>', 'Service-Route: <sip:b.test;lr>')
    })
    place()
    registration.retry()
    await soon()
    expect(last('INVITE')).toContain('\r\nRoute: <sip:a.test;lr>, <sip:b.test;lr>\r\n')
    expect(last('REGISTER')).not.toContain('\r\nRoute:')
  })

  it('the ACK of a refusal takes the whole route of its INVITE (RFC 3261 §17.1.1.3)', async () => {
    const { place, last } = await started((it) => {
      it.answer = grantedWith('Service-Route: <sip:a.test;lr>, <sip:b.test;lr>')
    })
    place()
    await soon()
    expect(last('ACK')).toContain('\r\nRoute: <sip:a.test;lr>, <sip:b.test;lr>\r\n')
  })

  it('a GRUU is the Contact of calls, not of registrations (RFC 5627 §4.4)', async () => {
    const gruu = 'sip:alice@example.test;gr=urn:uuid:1'
    const { registration, place, last } = await started((it) => {
      it.answer = (request) => {
        const reply = granted(600)(request)
        return { ...reply, headers: reply.headers.map((line) => `${line};pub-gruu="${gruu}"`) }
      }
    })
    place()
    registration.retry()
    await soon()
    expect(last('INVITE')).toContain(`\r\nContact: <${gruu}>\r\n`)
    expect(last('REGISTER')).toMatch(/\r\nContact: <sip:[0-9a-f]{24}@127/)
  })
})

describe('behind a NAT', () => {
  it('registers again at once under the address that the server sees, and calls from it (RFC 3581 §4)', async () => {
    const { registrar, registration, place, last } = await started((it) => {
      it.seenAs = { address: '198.51.100.4', port: 61_000 }
    })
    expect(registration.state().kind).toBe('registered')
    expect(
      registrar.seen.map(({ contacts }) => contacts.map((one) => one.match(/@([^;>]+).*(expires=\d+)/)?.slice(1))),
    ).toEqual([
      [['127.0.0.1:40001', 'expires=600']],
      [
        ['198.51.100.4:61000', 'expires=600'],
        ['127.0.0.1:40001', 'expires=0'],
      ],
    ])
    place()
    await soon()
    expect(last('INVITE')).toMatch(/\r\nContact: <sip:[0-9a-f]+@198\.51\.100\.4:61000/)
    expect(last('INVITE')).toMatch(/\r\nVia: SIP\/2\.0\/TCP 127\.0\.0\.1:40001/)
  })

  it('a registrar that keeps flows needs no such thing', async () => {
    const { registrar } = await started((it) => {
      it.seenAs = { address: '198.51.100.4', port: 61_000 }
      it.answer = grantedWith('Require: outbound')
    })
    expect(registrar.seen).toHaveLength(1)
  })

  it('a NAT that shows another port each time does not make a loop of it', async () => {
    let port = 61_000
    const { registrar, registration } = await started((it) => {
      it.seenAs = {
        address: '198.51.100.4',
        get port() {
          port += 1
          return port
        },
      }
    })
    expect(registration.state().kind).toBe('registered')
    expect(registrar.seen.length).toBeLessThanOrEqual(3)
  })
})

describe('UDP without outbound', () => {
  const options = (registrar: ScriptedRegistrar) => registrar.seen.filter(({ method }) => method === 'OPTIONS')

  it('is kept open by OPTIONS every 24 to 29 s', async () => {
    const { registrar } = await started(
      (it) => {
        it.answer = granted(600)
      },
      { transport: 'udp' },
    )
    await vi.advanceTimersByTimeAsync(290_000)
    expect(options(registrar).length).toBeGreaterThanOrEqual(9)
    expect(options(registrar).length).toBeLessThanOrEqual(12)
    expect(registrar.plans).toEqual([])
  })

  it('no answer means that it has to be proven, and a dead one is replaced', async () => {
    const { registrar, registration, states } = await started(undefined, { transport: 'udp' })
    registrar.answer = silence
    await vi.advanceTimersByTimeAsync(29_000 + 8_100)
    expect(states.at(-1)).toBe('registering')
    registrar.answer = granted(600)
    registrar.hangUp()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(registration.state().kind).toBe('registered')
    expect(registrar.connections).toBe(2)
  })

  it('a NAT that has moved us is found out, and the new address registered', async () => {
    const at = { address: '198.51.100.4', port: 61_000 }
    const { registrar } = await started(
      (it) => {
        it.seenAs = at
      },
      { transport: 'udp' },
    )
    const before = registrar.seen.length
    at.port = 62_000
    await vi.advanceTimersByTimeAsync(29_500)
    expect(
      registrar.seen
        .slice(before)
        .map(({ method }) => method)
        .slice(0, 2),
    ).toEqual(['OPTIONS', 'REGISTER'])
    expect(registrar.seen.at(-1)?.contacts[0]).toContain('198.51.100.4:62000')
  })

  it('nothing is sent any more after it was stopped', async () => {
    const { registrar, registration } = await started(undefined, { transport: 'udp' })
    const left = registration.stop()
    await soon()
    await left
    const count = registrar.seen.length
    await vi.advanceTimersByTimeAsync(600_000)
    expect(registrar.seen).toHaveLength(count)
    expect(vi.getTimerCount()).toBe(0)
  })
})

it('voice mail is asked for when registered, and what comes unasked is shown', async () => {
  const { registrar, registration, last } = await started()
  expect(last('SUBSCRIBE')).toContain('\r\nEvent: message-summary\r\n')
  const user = last('REGISTER').match(/Contact: <sip:([0-9a-f]+)@/)?.[1]
  const body = 'Messages-Waiting: yes\r\nVoice-Message: 2/0\r\n'
  registrar.send(
    [
      `NOTIFY sip:${user}@127.0.0.1:40001 SIP/2.0`,
      'Via: SIP/2.0/TCP 127.0.0.1:5002;branch=z9hG4bKmwi',
      'From: <sip:alice@example.test>;tag=x',
      'To: <sip:alice@example.test>',
      'Call-ID: mwi',
      'CSeq: 1 NOTIFY',
      'Event: message-summary',
      'Subscription-State: active',
      'Content-Type: application/simple-message-summary',
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  )
  await soon()
  expect(registration.messages).toEqual({ waiting: true, fresh: 2, old: 0 })
})
