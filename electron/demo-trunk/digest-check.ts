import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Strongest first: a client takes the topmost one it knows (RFC 8760 §2.3). */
export const digestAlgorithms = ['SHA-256', 'MD5'] as const
export type DigestAlgorithm = (typeof digestAlgorithms)[number]

const hashNames: Record<DigestAlgorithm, string> = { 'SHA-256': 'sha256', MD5: 'md5' }

/** `stale`: the credentials are right for a nonce that is no longer accepted; the client may try again unasked. */
export type DigestOutcome = 'ok' | 'missing' | 'wrong' | 'stale'

export interface DigestUser {
  readonly realm: string
  readonly username: string
  readonly password: string
  /** What is challenged for, strongest first; all of `digestAlgorithms` when absent. */
  readonly algorithms?: readonly DigestAlgorithm[]
}

export interface DigestCheck {
  /** Values for one WWW-Authenticate or Proxy-Authenticate header each, with a new nonce. */
  challenges(options: { readonly stale: boolean }): string[]
  /** @param authorization - value of the Authorization or Proxy-Authorization header; absent when there is none */
  verify(authorization: string | undefined, method: string): DigestOutcome
}

const nonceLifeMs = 5 * 60 * 1000
/** Nonces remembered; the oldest is forgotten first, so that unanswered challenges cannot fill the memory. */
const maxNonces = 64

/**
 * Checks digest credentials of one user (RFC 7616 with qop=auth, as RFC 3261 §22 and RFC 8760 have it). A nonce lives
 * five minutes, and each use must count up its nc, so that recorded credentials are worth nothing.
 * @param clock - epoch ms
 */
export function createDigestCheck(user: DigestUser, clock: () => number): DigestCheck {
  const { algorithms = digestAlgorithms } = user
  const nonces = new Map<string, { readonly issuedAt: number; lastCount: number }>()

  function issueNonce(): string {
    const nonce = randomBytes(24).toString('base64url')
    nonces.set(nonce, { issuedAt: clock(), lastCount: 0 })
    const [oldest] = nonces.keys()
    if (nonces.size > maxNonces && oldest !== undefined) nonces.delete(oldest)
    return nonce
  }

  /** Counts a use of the nonce when it is a valid one. */
  function countUse(nonce: string, count: number): boolean {
    const known = nonces.get(nonce)
    if (known === undefined || clock() - known.issuedAt > nonceLifeMs || count <= known.lastCount) return false
    known.lastCount = count
    return true
  }

  return {
    challenges({ stale }) {
      const nonce = issueNonce()
      return algorithms.map(
        (algorithm) =>
          `Digest realm="${user.realm}", nonce="${nonce}", qop="auth", algorithm=${algorithm}${stale ? ', stale=true' : ''}`,
      )
    },
    verify(authorization, method) {
      if (authorization === undefined) return 'missing'
      const given = parseDigest(authorization)
      const algorithm = algorithms.find((known) => known === (given.algorithm ?? 'MD5').toUpperCase())
      if (algorithm === undefined || given.realm !== user.realm || given.username !== user.username) return 'wrong'
      if (given.qop !== 'auth' || !/^[0-9a-f]{8}$/i.test(given.nc ?? '')) return 'wrong'
      if (!sameText(expectedResponse(algorithm, user, given, method), given.response ?? '')) return 'wrong'
      return countUse(given.nonce ?? '', Number.parseInt(given.nc ?? '', 16)) ? 'ok' : 'stale'
    },
  }
}

type DigestFields = Readonly<Record<string, string | undefined>>

/** RFC 7616 §3.4.1 to §3.4.3 for qop=auth. */
function expectedResponse(algorithm: DigestAlgorithm, user: DigestUser, given: DigestFields, method: string): string {
  const hash = (text: string) => createHash(hashNames[algorithm]).update(text).digest('hex')
  const secret = hash(`${user.username}:${user.realm}:${user.password}`)
  const request = hash(`${method}:${given.uri}`)
  return hash(`${secret}:${given.nonce}:${given.nc}:${given.cnonce}:${given.qop}:${request}`)
}

function parseDigest(header: string): DigestFields {
  const scheme = /^Digest\s+/i.exec(header)
  if (scheme === null) return {}
  const fields: Record<string, string> = {}
  for (const [, name, quoted, token] of header
    .slice(scheme[0].length)
    .matchAll(/([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi)) {
    if (name !== undefined) fields[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? token ?? ''
  }
  return fields
}

function sameText(expected: string, given: string): boolean {
  const a = Buffer.from(expected)
  const b = Buffer.from(given.toLowerCase())
  return a.length === b.length && timingSafeEqual(a, b)
}
