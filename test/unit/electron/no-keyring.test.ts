import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { defaultDesktopSettings, type PasswordChoice } from '../../../shared/model/desktop.ts'
import { app, recorded } from '../../fakes/electron.ts'
import { ask, deafAccount, openDoor, stateOf } from './rig.ts'

vi.mock('electron', () => import('../../fakes/electron.ts'))

/** The whole main process on a Linux desktop without a key store: what it writes is searched, every file of it. */
const password = 'correct horse battery staple'

beforeAll(async () => {
  recorded.dataDir = mkdtempSync(join(tmpdir(), 'kedge-keyring-'))
  recorded.storageBackend = 'basic_text'
  await import('../../../electron/main.ts')
  openDoor()
})
afterAll(async () => {
  app.quit()
  await vi.waitUntil(() => recorded.quits === 1, { timeout: 10_000 })
  rmSync(recorded.dataDir, { recursive: true, force: true })
})

const choose = (passwords: PasswordChoice) =>
  ask('saveSettings', { settings: { desktop: { ...defaultDesktopSettings, passwords } } })

/** Files that hold the password, readable or under the key that everyone knows. */
function filesWithPassword(): string[] {
  const sealed = Buffer.from(Buffer.from(password).map((byte) => byte ^ 0x5a))
  return readdirSync(recorded.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const bytes = readFileSync(path)
      return bytes.includes(password) || bytes.includes(sealed)
    })
}

describe('a Linux desktop without a key store', () => {
  it('is said, and nothing is stored before the user has chosen', async () => {
    expect((await stateOf()).passwordProtection).toBe('readable')
    expect(await ask('saveAccount', { settings: deafAccount, password })).toMatchObject({
      ok: false,
      error: { code: 'account/password-storage' },
    })
    expect((await stateOf()).accounts.map(({ settings }) => settings.id)).not.toContain('work')
    expect(filesWithPassword()).toEqual([])
  })

  it('“do not store”: the account works, and no file has the password', async () => {
    await choose('not-stored')
    expect(await ask('saveAccount', { settings: deafAccount, password })).toMatchObject({ ok: true })
    expect((await stateOf()).accounts.map(({ settings }) => settings.id)).toContain('work')
    expect(filesWithPassword()).toEqual([])
  })

  it('“store them all the same”: now it is there, which the same search finds (canary)', async () => {
    await choose('readable')
    expect(await ask('saveAccount', { settings: deafAccount, password })).toMatchObject({ ok: true })
    expect(filesWithPassword().length).toBeGreaterThan(0)
  })
})
