import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../../../electron/store/store.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kedge-store-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const settings: AccountSettings = {
  id: 'work',
  label: 'Work',
  domain: 'pbx.example.com',
  transport: 'tls',
  username: 'ada',
  register: true,
  encryption: 'required',
}

describe('the store', () => {
  it('keeps accounts over a restart, in a file of this user alone', () => {
    const store = openStore(folder)
    store.saveAccount(settings, Buffer.from('sealed'))
    store.close()
    expect(statSync(join(folder, 'kedge.db')).mode & 0o077).toBe(0)
    const again = openStore(folder)
    expect(again.accounts()).toEqual([{ settings, sealedPassword: new Uint8Array(Buffer.from('sealed')) }])
    again.close()
  })

  it('is known by the same id over restarts, and no other installation has it', () => {
    const ids = [folder, folder, mkdtempSync(join(folder, 'other-'))].map((at) => {
      const store = openStore(at)
      store.close()
      return store.installationId
    })
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(ids[1]).toBe(ids[0])
    expect(ids[2]).not.toBe(ids[0])
  })

  it('keeps the stored password when settings are saved without one', () => {
    const store = openStore(folder)
    store.saveAccount(settings, Buffer.from('sealed'))
    store.saveAccount({ ...settings, label: 'Office' }, undefined)
    expect(store.accounts()).toMatchObject([{ settings: { label: 'Office' }, sealedPassword: expect.anything() }])
    store.removeAccount('work')
    expect(store.accounts()).toEqual([])
    store.close()
  })

  it('migrates a database once and leaves a current one alone', () => {
    openStore(folder).close()
    const version = () => {
      const db = new DatabaseSync(join(folder, 'kedge.db'))
      const row = db.prepare('PRAGMA user_version').get()
      db.close()
      return row?.user_version
    }
    const first = version()
    openStore(folder).close()
    expect(version()).toBe(first)
    expect(first).toBeGreaterThan(0)
  })
})
