import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KedgeError } from '../../shared/errors.ts'
import type { SecretBox } from './host.ts'

const keyBytes = 32
const ivBytes = 12
const tagBytes = 16

/**
 * Secret box of the browser shell, which has no operating-system key store: AES-256-GCM under a key file that only
 * this user can read. It keeps secrets out of backups of the database and out of casual sight, not from the user's
 * own programs. Sealed form: IV (12 bytes), tag (16), ciphertext.
 */
export async function openKeyFile(dataDir: string): Promise<SecretBox> {
  const key = await readOrMakeKey(join(dataDir, 'key'))
  return {
    protection: 'key-file',
    async seal(plain) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', key, iv)
      const ciphertext = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), ciphertext])
    },
    async open(sealed) {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivBytes))
      decipher.setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes))
      try {
        return decipher.update(sealed.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
      } catch (cause) {
        throw new KedgeError('internal', 'a stored secret does not belong to this key file', { cause })
      }
    },
  }
}

async function readOrMakeKey(path: string): Promise<Buffer> {
  try {
    const key = await readFile(path)
    if (key.length !== keyBytes) throw new KedgeError('internal', 'the key file is damaged')
    await chmod(path, 0o600)
    return key
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const key = randomBytes(keyBytes)
  await writeFile(path, key, { mode: 0o600, flag: 'wx' })
  return key
}
