import { safeStorage } from 'electron'
import { KedgeError } from '../../../shared/errors.ts'
import type { PasswordProtection } from '../../../shared/model/desktop.ts'
import type { SecretBox } from '../host.ts'

/** The operating system's key store. On Linux it may be none: then the key is one that everyone knows, and the user is told. */
export async function openSafeStorage(platform: NodeJS.Platform): Promise<SecretBox> {
  const protection = await protectionOf(platform)
  const available = () => {
    if (protection === 'none') throw new KedgeError('internal', 'the operating system offers no key store')
  }
  return {
    protection,
    async seal(plain) {
      available()
      return safeStorage.encryptStringAsync(plain)
    },
    async open(sealed) {
      available()
      return (await safeStorage.decryptStringAsync(Buffer.from(sealed))).result
    },
  }
}

async function protectionOf(platform: NodeJS.Platform): Promise<PasswordProtection> {
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return 'none'
  if (platform !== 'linux') return 'system'
  const backend = safeStorage.getSelectedStorageBackend()
  return backend === 'basic_text' || backend === 'unknown' ? 'readable' : 'system'
}
