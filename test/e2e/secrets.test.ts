import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTrunk } from '../../electron/demo-trunk/trunk.ts'
import { createReferenceEngine } from '../../electron/media/srtp/reference/engine.ts'
import { systemClock } from '../../electron/sip/clock.ts'
import { silentLog } from '../../electron/sip/log.ts'
import { listenStream } from '../../electron/sip/transport/listen.ts'
import { tapTransport } from '../../electron/sip/transport/tap.ts'
import { openPhone, type PhonePage } from '../harness/browser/phone-page.ts'
import { createAuthority } from '../harness/certificates.ts'
import { type Scratch, scratchFolder } from '../harness/scratch.ts'
import { type Kedge, startKedge } from '../harness/softphone.ts'

/**
 * Calls with known passwords and keys: the trunk is the test's own, so it knows every secret that crossed the wire. None of
 * them may be found in what the window was told, in what lies on disk, or in what it gives out.
 */
const domain = 'pbx.test'
const password = 'correct-horse-battery-staple'

let parts: AsyncDisposableStack
let kedge: Kedge
let phone: PhonePage
let scratch: Scratch
/** Every message that crossed the wire, as it was. */
const wire: string[] = []
/** Every frame of the window's WebSocket, both ways. */
const told: string[] = []
let port: number
let caPem: string

beforeAll(async () => {
  parts = new AsyncDisposableStack()
  scratch = parts.use(await scratchFolder('secrets'))
  const authority = await createAuthority()
  caPem = authority.certPem
  const tls = await authority.issue({ names: [domain] })
  const trunk = createTrunk({
    user: { realm: domain, username: 'ada', password, algorithms: ['SHA-256'] },
    engine: createReferenceEngine(),
    clock: systemClock,
    log: silentLog,
    emit: () => undefined,
  })
  parts.defer(() => trunk.close())
  const listener = await listenStream({ address: '127.0.0.1', port: 0, tls }, (transport) =>
    trunk.serve(tapTransport(transport, (_direction, message) => wire.push(Buffer.from(message).toString()))),
  )
  parts.defer(() => listener.close())
  port = listener.port
  kedge = parts.use(await startKedge())
  phone = parts.use(
    await openPhone(kedge.windowUrl, 620, 'secrets', (page) => {
      page.on('websocket', (socket) => {
        socket.on('framereceived', ({ payload }) => told.push(payload.toString()))
      })
    }),
  )
})
afterAll(() => parts?.disposeAsync())

/** What must not get out, found in what really crossed the wire. */
function secretsOnTheWire(): string[] {
  const find = (pattern: RegExp) => [...wire.join('\n').matchAll(pattern)].map(([, secret = '']) => secret)
  const keys = find(/inline:([A-Za-z0-9+/=]+)/g)
  const answers = find(/\bresponse="([0-9a-f]+)"/g)
  // A registration and two calls, each with an answer to a challenge and a key both ways.
  expect(new Set(keys).size).toBeGreaterThanOrEqual(4)
  expect(new Set(answers).size).toBeGreaterThanOrEqual(3)
  return [password, ...keys, ...answers, ...find(/\bcnonce="([^"]+)"/g)]
}

/** The same in the forms in which a log or a database might hold it. */
const forms = (secret: string) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('hex'),
  ...(/^[A-Za-z0-9+/]{40,}=*$/.test(secret) ? [Buffer.from(secret, 'base64').toString('hex')] : []),
]

function filesBelow(folder: string): { name: string; content: Buffer }[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.map(({ parentPath, name }) => ({ name, content: readFileSync(join(parentPath, name)) }))
}

const found = (secrets: readonly string[], where: readonly { name: string; content: Buffer | string }[]) =>
  where.flatMap(({ name, content }) =>
    secrets.flatMap(forms).flatMap((form) => (content.includes(form) ? [`${name}: ${form.slice(0, 6)}…`] : [])),
  )

test('no password, key or digest answer of a call is in the window, on disk, in a trace or in the support file', async () => {
  await phone.addAccount({ label: 'Work', domain, username: 'ada', password, server: '127.0.0.1', port, caPem })
  await phone.seesAccount('registered')
  for (const _call of [1, 2]) {
    await phone.call('echo')
    await phone.seesCall('connected')
    await phone.seesSecurity('proven')
    await phone.hangUp()
    await phone.seesCall('ended')
    await phone.backToReady()
  }
  await phone.page.getByRole('button', { name: 'Settings' }).click()
  await phone.element('settings-support').click()
  await phone.picture('support')
  const saved = await phone.downloaded('support-save')
  await phone.element('support-account').first().click()
  const text = await phone.downloaded('trace-text')
  const capture = await phone.downloaded('trace-capture')
  const rows = phone.element('trace-row').getByRole('button')
  await rows.first().focus()
  await phone.page.keyboard.press('ArrowDown')
  await phone.page.keyboard.press('Enter')
  await expect.poll(() => rows.nth(1).getAttribute('aria-expanded')).toBe('true')
  await phone.page.keyboard.press('Enter')
  await phone.element('trace-row').filter({ hasText: 'INVITE' }).first().getByRole('button').click()
  const shown = await phone.element('trace-message').first().innerText()
  expect(shown).toContain('inline:[redacted]')
  await phone.picture('trace')

  const bundle = join(scratch.path, 'bundle')
  execFileSync('mkdir', [bundle])
  execFileSync('tar', ['-xzf', '-', '-C', bundle], { input: saved })
  const inBundle = filesBelow(bundle)
  const messages = inBundle.find(({ name }) => name === 'account-1.txt')?.content.toString() ?? ''
  expect(messages.match(/^INVITE /gm)?.length).toBeGreaterThanOrEqual(3)
  expect(inBundle.find(({ name }) => name === 'media.jsonl')?.content.toString()).toMatch(/"received":[1-9]/)
  expect(inBundle.find(({ name }) => name === 'events.jsonl')?.content.toString()).toContain('"devices"')
  expect(JSON.parse(inBundle.find(({ name }) => name === 'calls.json')?.content.toString() ?? '{}').ended).toHaveLength(
    2,
  )

  const everywhere = [
    ...inBundle,
    { name: 'trace.txt', content: text },
    { name: 'trace.pcapng', content: capture },
    { name: 'messages to the window', content: told.join('\n') },
    { name: 'output', content: kedge.process.tail() },
    ...filesBelow(kedge.dataDir),
  ]
  expect(everywhere.some(({ name }) => name === 'kedge.log')).toBe(true)
  expect(everywhere.some(({ name }) => name.startsWith('kedge.db'))).toBe(true)
  expect(told.length).toBeGreaterThan(20)
  const secrets = secretsOnTheWire()
  expect(found(secrets, everywhere)).toEqual([])
  // The window has to know the passwords of its own media path, and nobody else.
  const icePasswords = [...told.join('\n').matchAll(/a=ice-pwd:([^\\\s]+)/g)].map(([, secret = '']) => secret)
  expect(icePasswords.length).toBeGreaterThanOrEqual(2)
  expect(
    found(
      icePasswords,
      everywhere.filter(({ name }) => name !== 'messages to the window'),
    ),
  ).toEqual([])

  // Canary: the same search finds every secret where they are.
  for (const secret of secrets.slice(1))
    expect(found([secret], [{ name: 'wire', content: wire.join('\n') }])).not.toEqual([])
})
