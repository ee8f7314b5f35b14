/** One `WWW-Authenticate` or `Proxy-Authenticate` value of the Digest scheme (RFC 7616 §3.3, RFC 3261 §22). */
export interface Challenge {
  /** As sent, without its quotes; quoted pairs stay as they are, because the digest is over that text. */
  readonly realm: string
  readonly nonce: string
  readonly opaque?: string
  readonly algorithm: DigestAlgorithm
  /** The protection we will use; absent when the server offers none (RFC 2617 servers). */
  readonly qop?: 'auth' | 'auth-int'
  readonly stale: boolean
  readonly userhash: boolean
}

export const digestAlgorithms = [
  'MD5',
  'MD5-sess',
  'SHA-256',
  'SHA-256-sess',
  'SHA-512-256',
  'SHA-512-256-sess',
] as const

export type DigestAlgorithm = (typeof digestAlgorithms)[number]

/**
 * Pure. Reads one challenge.
 * @returns undefined for another scheme, an algorithm or a qop we do not know, or a missing realm or nonce
 */
export function parseChallenge(value: string): Challenge | undefined {
  const [, scheme, rest] = value.match(/^\s*([^\s]+)\s+(.*)$/s) ?? []
  if (scheme?.toLowerCase() !== 'digest' || rest === undefined) return undefined
  const params = parseAuthParams(rest)
  const realm = params.get('realm')
  const nonce = params.get('nonce')
  const algorithm = knownAlgorithm(params.get('algorithm'))
  const qop = chooseQop(params.get('qop'))
  if (realm === undefined || !nonce || !algorithm || qop === 'unknown') return undefined
  const opaque = params.get('opaque')
  return {
    realm,
    nonce,
    algorithm,
    ...(opaque === undefined ? {} : { opaque }),
    ...(qop === undefined ? {} : { qop }),
    stale: params.get('stale')?.toLowerCase() === 'true',
    userhash: params.get('userhash')?.toLowerCase() === 'true',
  }
}

/**
 * The challenge to answer: the topmost one that we can (RFC 8760 §2.4). Servers list them in their own order of
 * preference, so a client that can do the strong algorithm never answers with the weak one below it.
 */
export function chooseChallenge(values: readonly string[]): Challenge | undefined {
  for (const value of values) {
    const challenge = parseChallenge(value)
    if (challenge) return challenge
  }
  return undefined
}

/** `name=token` and `name="quoted"` pairs of a challenge or of credentials, names in lower case. */
export function parseAuthParams(text: string): Map<string, string> {
  const params = new Map<string, string>()
  // A name begins where none goes on, so that a long one without a value is read once.
  for (const match of text.matchAll(/(?<![A-Za-z0-9_-])([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/g)) {
    const name = match[1]?.toLowerCase()
    if (name && !params.has(name)) params.set(name, match[2] ?? match[3] ?? '')
  }
  return params
}

function knownAlgorithm(name: string | undefined): DigestAlgorithm | undefined {
  if (name === undefined || name === '') return 'MD5'
  return digestAlgorithms.find((known) => known.toLowerCase() === name.toLowerCase())
}

function chooseQop(offered: string | undefined): Challenge['qop'] | 'unknown' {
  if (offered === undefined) return undefined
  const options = offered.split(',').map((option) => option.trim().toLowerCase())
  if (options.includes('auth')) return 'auth'
  return options.includes('auth-int') ? 'auth-int' : 'unknown'
}
