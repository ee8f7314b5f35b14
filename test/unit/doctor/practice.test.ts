import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DemoTrunk, startDemoTrunk } from '../../../electron/demo-trunk/demo-trunk.ts'
import { doctorHandlers } from '../../../electron/doctor/consulting-room.ts'
import { createDoctor, type Doctor } from '../../../electron/doctor/doctor.ts'
import { systemIo } from '../../../electron/doctor/system-io.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import type { DoctorReport } from '../../../shared/model/doctor.ts'
import { until } from '../media/worker/support/until.ts'

/** The doctor with its real hands at a real trunk, the demo trunk on loopback. */
let folder: string
let trunk: DemoTrunk
let doctor: Doctor
let handlers: ReturnType<typeof doctorHandlers>
let settings: AccountSettings
const seen: string[] = []
const events: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kedge-doctor-'))
  trunk = await startDemoTrunk({ dataDir: folder, onEvent: ({ type }) => void events.push(type) })
  settings = {
    id: 'demo',
    label: 'Demo trunk',
    domain: trunk.domain,
    server: '127.0.0.1',
    port: trunk.port,
    transport: 'tls',
    username: trunk.username,
    register: true,
    encryption: 'required',
    caPem: trunk.caPem,
  }
  doctor = createDoctor({ ...systemIo(() => undefined), listenMs: 800 }, () => {
    const running = doctor.state().doctor?.checks.findLast(({ state }) => state !== 'waiting')
    if (running) seen.push(`${running.step} ${running.state}`)
  })
  handlers = doctorHandlers({
    doctor,
    userAgent: 'test',
    credentialsOf: () => ({ settings, password: trunk.password }),
    demo: { settings, trunk },
  })
})
afterAll(async () => {
  await doctor.close()
  await trunk.close()
  await rm(folder, { recursive: true, force: true })
})

async function done(): Promise<DoctorReport> {
  await until(() => doctor.state().doctor?.done === true, 'the visit is over', 15_000)
  const report = doctor.state().doctor
  if (!report) throw new Error('there is no report')
  return report
}

const short = ({ checks }: DoctorReport) => checks.map(({ step, state, finding }) => `${step} ${state} ${finding}`)

test('a good trunk: every step green, one after the other, line by line', async () => {
  seen.length = 0
  await handlers.runDoctor({ accountId: 'demo' })
  const report = await done()
  expect(short(report)).toEqual([
    'dns ok dns-address',
    'tcp ok tcp-open',
    'tls ok tls-verified',
    'options ok sip-answers',
    'digest ok password-accepted',
    'sdes ok srtp-accepted',
    'echo ok echo-heard',
  ])
  expect(report.checks[4]?.values).toEqual({ algorithm: 'SHA-256' })
  expect(report.number).toBe('echo')
  const order = ['dns', 'tcp', 'tls', 'options', 'digest', 'sdes', 'echo'].flatMap((step) => [
    `${step} running`,
    `${step} ok`,
  ])
  expect(seen.filter((line, at) => line !== seen[at - 1])).toEqual(order)
  // Its REGISTER asks, and changes nothing.
  await until(() => events.includes('callEnded'), 'the trunk says that the call is over')
  expect(events).toEqual(['callStarted', 'callEnded'])
  expect(JSON.stringify(report)).not.toContain(trunk.password)
})

test.each([
  ['expired-certificate', 'tls', 'tls/expired'],
  ['other-name', 'tls', 'tls/wrong-name'],
  ['unknown-authority', 'tls', 'tls/untrusted'],
  ['no-tls', 'tls', 'tls/handshake'],
  ['closed-port', 'tcp', 'net/refused'],
  ['wrong-password', 'digest', 'account/wrong-password'],
] as const)('practice, %s: found at step %s as %s, and what stands on it is not tried', async (fault, step, code) => {
  await handlers.practiceDoctor({ fault })
  const { checks, subject } = await done()
  expect(subject).toEqual({ kind: 'practice', fault })
  const at = checks.findIndex((check) => check.step === step)
  expect(checks[at]).toMatchObject({ state: 'failed', finding: code })
  expect(checks.slice(0, at).every(({ state }) => state === 'ok')).toBe(true)
  expect(checks.slice(at + 1).every(({ state, finding }) => state === 'skipped' && finding === 'earlier-failed')).toBe(
    true,
  )
})

test.each([
  ['busy', ['sdes skipped call-not-answered', 'echo skipped call-not-answered']],
  ['nobody', ['sdes skipped number-not-there', 'echo skipped call-not-answered']],
  ['plain', ['sdes failed security/answer-not-encrypted', 'echo skipped earlier-failed']],
  ['nosrtp', ['sdes failed security/trunk-refuses-encryption', 'echo skipped earlier-failed']],
  ['codec', ['sdes failed sdp/no-common-codec', 'echo skipped earlier-failed']],
  ['garbled', ['sdes failed sdp/malformed', 'echo skipped earlier-failed']],
] as const)('a number that ends as %s: %s', async (number, expected) => {
  await handlers.runDoctor({ accountId: 'demo', number })
  expect(short(await done()).slice(5)).toEqual(expected)
})

test.each([
  ['oneway', 'echo failed echo-silent'],
  ['wrongkey', 'echo failed echo-keys-wrong'],
  ['keychange', 'echo failed echo-other-sound'],
] as const)('sound that does not come back, %s: %s', async (number, expected) => {
  await handlers.runDoctor({ accountId: 'demo', number })
  expect(short(await done())[6]).toBe(expected)
})

test('an account with keys by DTLS is not called: its keys would be of another kind', async () => {
  const sdes = settings
  settings = { ...sdes, mediaKeys: 'dtls' }
  await handlers.runDoctor({ accountId: 'demo' })
  const report = await done()
  settings = sdes
  expect(short(report).slice(5)).toEqual(['sdes skipped keys-by-dtls', 'echo skipped keys-by-dtls'])
})

test.each([
  ['while it looks for ports', () => doctor.state().doctor?.checks[5]?.state === 'running'],
  ['while the number rings', () => sockets().filter((name) => name === 'UDPWrap').length >= 2],
] as const)('closing %s leaves no socket', async (_name, moment) => {
  await handlers.runDoctor({ accountId: 'demo', number: 'noanswer' })
  await until(moment, 'the moment has come', 10_000)
  await handlers.closeDoctor()
  expect(doctor.state()).toEqual({})
  await until(() => sockets().length === 0, 'the system has taken them back', 500)
})

const sockets = () => process.getActiveResourcesInfo().filter((name) => /^(UDP|TLS|TCPSocket)Wrap$/.test(name))
