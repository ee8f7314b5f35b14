import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../../../electron/store/store.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { defaultSettings } from '../../../shared/model/settings.ts'

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

  it('that is damaged is set aside whole, and Kedge starts anew', () => {
    const store = openStore(folder)
    store.saveAccount(settings, undefined)
    store.close()
    const path = join(folder, 'kedge.db')
    const damaged = readFileSync(path)
    damaged.fill(0x5a, 100, 4096)
    writeFileSync(path, damaged)
    const anew = openStore(folder, Date.UTC(2026, 10, 25, 6, 7, 8))
    expect(anew.setAside).toBe(join(folder, 'kedge-damaged-2026-11-25T06-07-08-000Z.db'))
    expect(readFileSync(anew.setAside ?? '')).toEqual(damaged)
    expect(anew.accounts()).toEqual([])
    anew.saveAccount(settings, undefined)
    anew.close()
    const again = openStore(folder)
    expect(again.accounts()).toHaveLength(1)
    expect(again.setAside).toBeUndefined()
    again.close()
  })

  it('that is no database at all is set aside as well', () => {
    writeFileSync(join(folder, 'kedge.db'), 'these are not the bytes that were written'.repeat(200))
    const store = openStore(folder)
    expect(readFileSync(store.setAside ?? '', 'utf8')).toMatch(/^these are not/)
    store.close()
  })

  it('that a newer Kedge has written is left as it is', () => {
    openStore(folder).close()
    const db = new DatabaseSync(join(folder, 'kedge.db'))
    db.exec('PRAGMA user_version = 99')
    db.close()
    expect(() => openStore(folder)).toThrow(expect.objectContaining({ code: 'store/newer' }))
    expect(readdirSync(folder).filter((file) => file.includes('damaged'))).toEqual([])
  })

  it('keeps every setting that can be read beside one that cannot', () => {
    const store = openStore(folder)
    store.settings.save({ language: 'de', doNotDisturb: true })
    store.close()
    const db = new DatabaseSync(join(folder, 'kedge.db'))
    db.exec(`UPDATE setting SET value = json_set(value, '$.language', 'xx', '$.unknown', 1) WHERE name = 'window'`)
    db.close()
    const again = openStore(folder)
    expect(again.settings.read()).toEqual({ ...defaultSettings, doNotDisturb: true })
    again.close()
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
