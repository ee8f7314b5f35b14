import { describe, expect, it } from 'vitest'
import { AccountKeeper, passwordKeeping } from '../../../electron/accounts/account-keeper.ts'
import type { AccountSettings, AccountView } from '../../../shared/model/account.ts'
import type { PasswordChoice, PasswordProtection } from '../../../shared/model/desktop.ts'

const work: AccountSettings = {
  id: 'work',
  label: 'Work',
  domain: 'pbx.example.com',
  transport: 'tls',
  username: 'ada',
  register: true,
  encryption: 'required',
}

function rig(protection: PasswordProtection, choice: PasswordChoice, disk = new Map<string, Uint8Array | undefined>()) {
  const connected = new Map<string, string | undefined>()
  const settings = new Map<string, AccountSettings>([...disk.keys()].map((id) => [id, { ...work, id }]))
  const keeper = new AccountKeeper({
    accounts: {
      list: () => [...connected.keys()].map((id) => ({ settings: { ...work, id } }) as AccountView),
      save: ({ id }, password) => connected.set(id, password),
      remove: (id) => connected.delete(id),
      retry: () => undefined,
    },
    store: {
      accounts: () => [...settings.values()].map((kept) => ({ settings: kept, sealedPassword: disk.get(kept.id) })),
      saveAccount(saved, sealed) {
        settings.set(saved.id, saved)
        disk.set(saved.id, sealed ?? disk.get(saved.id))
      },
      removeAccount(id) {
        settings.delete(id)
        disk.delete(id)
      },
    },
    secrets: {
      protection,
      seal: async (plain) => Buffer.from(`sealed ${plain}`),
      async open(sealed) {
        const text = Buffer.from(sealed).toString()
        if (!text.startsWith('sealed ')) throw new Error('another key')
        return text.slice(7)
      },
    },
    passwordChoice: () => choice,
    onUnreadable: () => undefined,
    onChange: () => undefined,
  })
  return { keeper, connected, disk }
}

describe('what becomes of a password', () => {
  it.each([
    ['system', 'ask', 'seal'],
    ['key-file', 'not-stored', 'seal'],
    ['readable', 'ask', 'ask'],
    ['readable', 'readable', 'seal'],
    ['readable', 'not-stored', 'forget'],
    ['none', 'readable', 'ask'],
    ['none', 'not-stored', 'forget'],
  ] as const)('in a place that is "%s" with the choice "%s": %s', (protection, choice, becomes) => {
    expect(passwordKeeping(protection, choice)).toBe(becomes)
  })

  it('without a key store the user is asked, and until then nothing is stored and nobody connects', async () => {
    const { keeper, connected, disk } = rig('readable', 'ask')
    await expect(keeper.save(work, 'hunter2')).rejects.toMatchObject({ code: 'account/password-storage' })
    expect([...disk, ...connected]).toEqual([])
  })

  it('one that is not to be stored works until Kedge ends, and is asked for afterwards', async () => {
    const first = rig('readable', 'not-stored')
    await first.keeper.save(work, 'hunter2')
    expect(first.connected.get('work')).toBe('hunter2')
    expect(JSON.stringify([...first.disk])).not.toContain('hunter2')
    const second = rig('readable', 'not-stored', first.disk)
    await second.keeper.load()
    expect(second.connected.size).toBe(0)
    expect(second.keeper.list()).toMatchObject([{ state: { kind: 'failed', code: 'account/password-needed' } }])
    await second.keeper.save({ ...work, label: 'Office' }, undefined)
    expect(second.connected.size).toBe(0)
    await second.keeper.save(work, 'hunter2')
    expect(second.connected.get('work')).toBe('hunter2')
    expect(second.keeper.list()).toHaveLength(1)
  })

  it('one that another key sealed costs only its own account', async () => {
    const disk = new Map<string, Uint8Array | undefined>([
      ['lost', Buffer.from('gibberish')],
      ['kept', Buffer.from('sealed a')],
    ])
    const { keeper, connected } = rig('system', 'ask', disk)
    await keeper.load()
    expect([...connected]).toEqual([['kept', 'a']])
    keeper.remove('lost')
    expect(keeper.list()).toHaveLength(1)
  })
})
