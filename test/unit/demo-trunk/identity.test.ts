import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { validityOf } from '../../../electron/demo-trunk/certificates.ts'
import { loadIdentity } from '../../../electron/demo-trunk/identity.ts'

const now = Date.parse('2026-11-01T00:00:00Z')
const yearMs = 365 * 86_400_000
let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kedge-identity-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

test('authority and password are the same at the next start', async () => {
  const first = await loadIdentity(dataDir, now)
  expect(await loadIdentity(dataDir, now + yearMs)).toEqual(first)
})

test('two data folders have different passwords and keys', async () => {
  const first = await loadIdentity(join(dataDir, 'a'), now)
  const second = await loadIdentity(join(dataDir, 'b'), now)
  expect(first.password).not.toBe(second.password)
  expect(first.authority.privateKeyPem).not.toBe(second.authority.privateKeyPem)
})

test.skipIf(process.platform === 'win32')(
  'the identity is readable by its owner only, and no other file is left',
  async () => {
    await loadIdentity(dataDir, now)
    const files = await readdir(dataDir)
    expect(files).toEqual(['demo-trunk.json'])
    expect((await stat(join(dataDir, 'demo-trunk.json'))).mode & 0o777).toBe(0o600)
  },
)

test.each([
  { name: 'close to its end', later: 5 * yearMs - 20 * 86_400_000 },
  { name: 'past its end', later: 6 * yearMs },
  { name: 'not yet valid, after the clock was set back', later: -yearMs },
])('an authority $name is made anew and the password is kept', async ({ later }) => {
  const first = await loadIdentity(dataDir, now)
  const second = await loadIdentity(dataDir, now + later)
  expect(second.password).toBe(first.password)
  expect(second.authority).not.toEqual(first.authority)
  expect(validityOf(second.authority.certificatePem).notAfter.getTime()).toBeGreaterThan(now + later + 4 * yearMs)
})

test.each([
  { name: 'cut off', damage: (text: string) => text.slice(0, text.length / 2) },
  { name: 'empty', damage: () => '' },
  { name: 'with a broken certificate', damage: (text: string) => text.replace('MII', '!!!') },
])('a stored identity that is $name is replaced', async ({ damage }) => {
  const path = join(dataDir, 'demo-trunk.json')
  await loadIdentity(dataDir, now)
  await writeFile(path, damage(await readFile(path, 'utf8')))
  const replaced = await loadIdentity(dataDir, now)
  expect(await loadIdentity(dataDir, now)).toEqual(replaced)
})
