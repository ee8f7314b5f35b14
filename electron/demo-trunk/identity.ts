import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { createAuthority, type KeyedCertificate, validityOf } from './certificates.ts'

/** What makes the demo trunk the same one at every start: its authority and its user's password. */
export interface TrunkIdentity {
  readonly authority: KeyedCertificate
  readonly password: string
}

const identityFile = 'demo-trunk.json'
const dayMs = 24 * 60 * 60 * 1000
const authorityLifeMs = 5 * 365 * dayMs
const renewalMarginMs = 30 * dayMs

const storedIdentity = z.object({
  version: z.literal(1),
  password: z.string().min(16),
  authority: z.object({ certificatePem: z.string(), privateKeyPem: z.string() }),
})

/**
 * Reads the identity kept in `dataDir`, or makes one at the first start. The authority is made anew 30 days before
 * it expires; the password is kept. An unreadable file is replaced: nothing in it is worth more than a working demo.
 * @param now - epoch ms
 */
export async function loadIdentity(dataDir: string, now: number): Promise<TrunkIdentity> {
  const stored = await readIdentity(dataDir)
  if (stored !== undefined && isFresh(stored.authority, now)) return stored
  const identity: TrunkIdentity = {
    password: stored?.password ?? randomBytes(18).toString('base64url'),
    authority: await createAuthority('Kedge demo trunk authority', {
      notBefore: new Date(now - dayMs),
      notAfter: new Date(now + authorityLifeMs),
    }),
  }
  await writeIdentity(dataDir, identity)
  return identity
}

function isFresh(authority: KeyedCertificate, now: number): boolean {
  const { notBefore, notAfter } = validityOf(authority.certificatePem)
  return notBefore.getTime() <= now && now < notAfter.getTime() - renewalMarginMs
}

async function readIdentity(dataDir: string): Promise<TrunkIdentity | undefined> {
  const text = await readIfPresent(join(dataDir, identityFile))
  if (text === undefined) return undefined
  try {
    const { password, authority } = storedIdentity.parse(JSON.parse(text))
    validityOf(authority.certificatePem)
    return { password, authority }
  } catch {
    return undefined
  }
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Written beside and renamed, so that a crash leaves the old file or the new one; readable by its owner only. */
async function writeIdentity(dataDir: string, identity: TrunkIdentity): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const path = join(dataDir, identityFile)
  const unfinished = `${path}.${process.pid}.tmp`
  await writeFile(unfinished, `${JSON.stringify({ version: 1, ...identity }, null, 2)}\n`, { mode: 0o600 })
  await rename(unfinished, path)
}
