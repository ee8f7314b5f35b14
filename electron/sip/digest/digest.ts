import { createHash } from 'node:crypto'
import type { Challenge, DigestAlgorithm } from './challenge.ts'

/** What of a request the digest covers. */
export interface DigestTarget {
  readonly method: string
  /** Request-URI exactly as it stands in the start line. */
  readonly uri: string
  /** Entity body; empty when there is none. */
  readonly body: string
}

export interface DigestInput extends DigestTarget {
  readonly username: string
  readonly password: string
  readonly challenge: Challenge
  readonly cnonce: string
  /** How often this nonce has been used, this time included: 1..2^32-1. */
  readonly nc: number
}

const hashNames: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' }

/** Hash function of an algorithm, hexadecimal in and text as UTF-8 (RFC 7616 §3.4.2, §4). */
function hasher(algorithm: DigestAlgorithm): (text: string) => string {
  const name = hashNames[algorithm.replace(/-sess$/, '')] ?? 'md5'
  return (text) => createHash(name).update(text, 'utf8').digest('hex')
}

/** The `response` value (RFC 7616 §3.4.1). Pure. */
export function digestResponse(input: DigestInput): string {
  const { challenge, username, password, cnonce } = input
  const h = hasher(challenge.algorithm)
  const plainA1 = `${username}:${challenge.realm}:${password}`
  const a1 = challenge.algorithm.endsWith('-sess') ? `${h(plainA1)}:${challenge.nonce}:${cnonce}` : plainA1
  const a2 = `${input.method}:${input.uri}${challenge.qop === 'auth-int' ? `:${h(input.body)}` : ''}`
  const middle = challenge.qop ? `${ncText(input.nc)}:${cnonce}:${challenge.qop}:` : ''
  return h(`${h(a1)}:${challenge.nonce}:${middle}${h(a2)}`)
}

/** Value of an `Authorization` or `Proxy-Authorization` header (RFC 7616 §3.4). Pure. */
export function authorizationValue(input: DigestInput): string {
  const { challenge } = input
  const username = challenge.userhash
    ? hasher(challenge.algorithm)(`${input.username}:${challenge.realm}`)
    : input.username.replace(/["\\]/g, '\\$&')
  const parts = [
    `username="${username}"`,
    `realm="${challenge.realm}"`,
    `nonce="${challenge.nonce}"`,
    `uri="${input.uri}"`,
    `response="${digestResponse(input)}"`,
    `algorithm=${challenge.algorithm}`,
  ]
  if (challenge.qop) parts.push(`cnonce="${input.cnonce}"`, `qop=${challenge.qop}`, `nc=${ncText(input.nc)}`)
  else if (challenge.algorithm.endsWith('-sess')) parts.push(`cnonce="${input.cnonce}"`)
  if (challenge.opaque !== undefined) parts.push(`opaque="${challenge.opaque}"`)
  if (challenge.userhash) parts.push('userhash=true')
  return `Digest ${parts.join(', ')}`
}

const ncText = (nc: number) => nc.toString(16).padStart(8, '0')
