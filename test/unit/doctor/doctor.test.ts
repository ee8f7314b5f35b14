import { beforeEach, expect, test } from 'vitest'
import { createDoctor } from '../../../electron/doctor/doctor.ts'
import type { DoctorIo, Patient } from '../../../electron/doctor/visit.ts'
import type { SipTransport } from '../../../electron/sip/transport/transport.ts'
import { KedgeError } from '../../../shared/errors.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { fakeClock } from '../demo-trunk/fake-clock.ts'
import { transportPair } from '../demo-trunk/transport-pair.ts'

/** The order of a visit, its bounds in time and its end, with hands that the test moves. */
let clock: ReturnType<typeof fakeClock>
let opened: SipTransport[]
let closed: number

beforeEach(() => {
  clock = fakeClock()
  opened = []
  closed = 0
})

const settings: AccountSettings = {
  id: 'a',
  label: 'Work',
  domain: 'pbx.example',
  transport: 'tls',
  username: 'ada',
  register: true,
  encryption: 'required',
}
const patient = (over: Partial<AccountSettings> = {}): Patient => ({
  settings: { ...settings, ...over },
  password: 'secret',
  number: undefined,
  userAgent: 'test',
})

const never = () => new Promise<never>(() => undefined)

function flow(): SipTransport {
  const { client } = transportPair()
  const counted: SipTransport = {
    ...client,
    close() {
      closed += 1
      client.close()
    },
  }
  opened.push(counted)
  return counted
}

function doctorWith(over: Partial<DoctorIo>) {
  const io: DoctorIo = {
    clock,
    random: () => 0.5,
    resolver: { naptr: async () => [], srv: async () => [], addresses: async () => ['192.0.2.1', '192.0.2.2'] },
    openTcp: async () => flow(),
    openFlow: never,
    openEndpoint: () => {
      throw new Error('not reached')
    },
    openEchoCall: never,
    patienceMs: 1000,
    listenMs: 1000,
    ...over,
  }
  const doctor = createDoctor(io, () => undefined)
  const short = () =>
    doctor.state().doctor?.checks.map(({ step, state, finding = '' }) => `${step} ${state} ${finding}`.trim())
  return { doctor, short }
}

const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}
const subject = { kind: 'account', accountId: 'a' } as const

test('while a step runs, those after it wait', async () => {
  const { doctor, short } = doctorWith({})
  doctor.visit(subject, patient())
  expect(short()).toEqual(['dns', 'tcp', 'tls', 'options', 'digest', 'sdes', 'echo'].map((step) => `${step} waiting`))
  await settle()
  expect(short()).toEqual([
    'dns ok dns-servers',
    'tcp ok tcp-open',
    'tls running',
    'options waiting',
    'digest waiting',
    'sdes waiting',
    'echo waiting',
  ])
})

test('a step that never ends is a failure when its time is over, and the visit ends', async () => {
  const { doctor, short } = doctorWith({})
  doctor.visit(subject, patient())
  await settle()
  clock.advance(12_000)
  await settle()
  expect(short()?.slice(2)).toEqual([
    'tls failed account/timeout',
    'options skipped earlier-failed',
    'digest skipped earlier-failed',
    'sdes skipped earlier-failed',
    'echo skipped earlier-failed',
  ])
  // What it was doing is given a moment to come to an end.
  clock.advance(2_000)
  await settle()
  expect(doctor.state().doctor?.done).toBe(true)
  expect(clock.pending).toBe(0)
})

test('a flow that opens only after its time is closed at once', async () => {
  const late = Promise.withResolvers<SipTransport>()
  const { doctor } = doctorWith({
    openFlow: () => late.promise,
    openEndpoint: (transport) => ({ close: async () => transport.close() }) as never,
  })
  doctor.visit(subject, patient())
  await settle()
  clock.advance(12_000)
  await settle()
  late.resolve(flow())
  await settle()
  expect(closed).toBe(opened.length)
})

test('the first server that takes a connection is the one to go on with', async () => {
  const tried: string[] = []
  const { doctor, short } = doctorWith({
    openTcp: async ({ address }) => {
      tried.push(address)
      if (address === '192.0.2.1') throw new KedgeError('net/refused', 'connection refused')
      return flow()
    },
    openFlow: async ({ domain }, { address }) => {
      tried.push(`${domain} at ${address}`)
      throw new KedgeError('tls/wrong-name', 'the certificate is for another')
    },
  })
  doctor.visit(subject, patient())
  await settle()
  expect(tried).toEqual(['192.0.2.1', '192.0.2.2', 'pbx.example at 192.0.2.2'])
  expect(short()?.[2]).toBe('tls failed tls/wrong-name')
})

test('a name that leads nowhere ends it at the first step', async () => {
  const { doctor, short } = doctorWith({
    resolver: {
      naptr: async () => [],
      srv: async () => [],
      addresses: () => Promise.reject(new KedgeError('net/host-not-found', 'not found')),
    },
  })
  doctor.visit(subject, patient())
  await settle()
  expect(short()?.slice(0, 2)).toEqual(['dns failed net/host-not-found', 'tcp skipped earlier-failed'])
  expect(doctor.state().doctor?.checks[0]?.facts).toEqual([
    'NAPTR pbx.example: none',
    'SRV _sips._tcp.pbx.example: none',
    'not found',
  ])
})

test('over UDP there is no connection to look at', async () => {
  const { doctor, short } = doctorWith({})
  doctor.visit(subject, patient({ transport: 'udp' }))
  await settle()
  expect(short()?.[1]).toBe('tcp skipped udp-has-no-connection')
})

test('another visit takes the place of the one that runs, which says nothing more', async () => {
  const { doctor, short } = doctorWith({})
  doctor.visit(subject, patient())
  await settle()
  doctor.visit({ kind: 'account', accountId: 'b' }, patient({ server: 'other.example' }))
  await settle()
  clock.advance(100)
  await settle()
  expect(doctor.state().doctor?.subject).toEqual({ kind: 'account', accountId: 'b' })
  expect(short()?.[2]).toBe('tls running')
})

test('a fault of its own is told, and leaves no line that runs for ever', async () => {
  const { doctor, short } = doctorWith({
    openTcp: () => {
      throw new TypeError('a fault')
    },
    resolver: {
      naptr: async () => [],
      srv: async () => [],
      addresses: async () => ['192.0.2.1'],
    },
  })
  doctor.visit(subject, patient())
  await settle()
  expect(short()?.[1]).toBe('tcp failed internal')
  expect(doctor.state().doctor?.done).toBe(true)
})
