import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** Where a packaged build gets its updates from; put into the package by `npm run dist` when it is told both. */
export interface UpdateSource {
  /** Folder of the feed, https, with a slash at its end. */
  readonly url: string
  /** PEM of the Ed25519 key that release lists are signed with. */
  readonly publicKey: string
}

const schema = z.strictObject({
  url: z.url({ protocol: /^https$/ }).endsWith('/'),
  publicKey: z.string().refine(isEd25519),
})

/** The build's own file. Undefined where there is none; a file that is not right is a fault of the build and throws. */
export function readUpdateSource(path: string): UpdateSource | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  return schema.parse(JSON.parse(text))
}

function isEd25519(pem: string): boolean {
  try {
    return createPublicKey(pem).asymmetricKeyType === 'ed25519'
  } catch {
    return false
  }
}

export const signedListName = 'kedge-release.json'
