import { afterEach, describe, expect, it, vi } from 'vitest'
import { openSafeStorage } from '../../../electron/host/electron/secrets.ts'
import { recorded } from '../../fakes/electron.ts'

vi.mock('electron', () => import('../../fakes/electron.ts'))

afterEach(() => {
  recorded.storageBackend = 'gnome_libsecret'
  recorded.encryptionAvailable = true
})

describe('the system’s key store', () => {
  it.each([
    ['linux', 'gnome_libsecret', true, 'system'],
    ['linux', 'kwallet6', true, 'system'],
    ['linux', 'basic_text', true, 'readable'],
    ['linux', 'unknown', true, 'readable'],
    ['linux', 'gnome_libsecret', false, 'none'],
    ['darwin', 'basic_text', true, 'system'],
    ['win32', 'unknown', true, 'system'],
    ['win32', 'unknown', false, 'none'],
  ] as const)('on %s with %s, available %s, protects as "%s"', async (platform, backend, available, protection) => {
    recorded.storageBackend = backend
    recorded.encryptionAvailable = available
    expect((await openSafeStorage(platform)).protection).toBe(protection)
  })

  it('opens what it sealed', async () => {
    const box = await openSafeStorage('linux')
    const sealed = await box.seal('hunter2')
    expect(Buffer.from(sealed).includes('hunter2')).toBe(false)
    expect(await box.open(sealed)).toBe('hunter2')
  })

  it('seals nothing where there is none', async () => {
    recorded.encryptionAvailable = false
    const box = await openSafeStorage('linux')
    await expect(box.seal('hunter2')).rejects.toMatchObject({ code: 'internal' })
  })
})
