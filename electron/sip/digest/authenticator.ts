import type { Credentials } from '../endpoint-config.ts'
import { type Challenge, chooseChallenge, parseAuthParams } from './challenge.ts'
import { authorizationValue, type DigestTarget } from './digest.ts'

/** The credentials of one logical request through all its tries. */
export interface RequestCredentials {
  /** Header lines for the next try; empty while nothing has been challenged. */
  lines(): string[]
  /**
   * Takes a 401 or 407.
   * @param values - all `WWW-Authenticate` (401) or `Proxy-Authenticate` (407) values, topmost first
   * @returns true when the request is worth another try with `lines()`; false when the answer stands
   */
  challenged(status: 401 | 407, values: readonly string[]): boolean
  /**
   * Takes the response that stands: with it a server may name the nonce of the next request (RFC 7616 §3.5, RFC 7615 §4).
   * @param header - first value of a header by its name
   */
  accepted(header: (name: string) => string | undefined): void
}

export interface Authenticator {
  forRequest(target: DigestTarget): RequestCredentials
}

/** Who challenges: a registrar or user agent (401), or a proxy (407). */
type Challenger = 'www' | 'proxy'

interface KnownNonce {
  readonly challenge: Challenge
  /** Uses so far. */
  nc: number
}

const challengers: readonly Challenger[] = ['www', 'proxy']
const infoNames: Readonly<Record<Challenger, string>> = {
  www: 'authentication-info',
  proxy: 'proxy-authentication-info',
}
const headerNames: Readonly<Record<Challenger, string>> = { www: 'Authorization', proxy: 'Proxy-Authorization' }

/** Answers to one challenger in one request: the challenge, and one more when it was only stale (RFC 7616 §3.3). */
const maxAnswers = 2

/**
 * Answers the challenges of one account's own server, and of nobody else (NEGOTIATION case 54, CVE-2021-41158):
 * the realm of the first challenge on the account is the account's realm from then on, a nonce that was refused is
 * not answered again, and a request is answered once (twice when the server calls the nonce stale).
 *
 * Nonces are used again with a growing count, so that a refresh needs one round trip. `Authorization` is sent unasked
 * to the registrar only: in a call a proxy would pass it on to the other party.
 * @param makeCnonce - unguessable text of at least 64 bits
 * @param onChallenge - told of every challenge that is answered
 */
export function createAuthenticator(
  credentials: Credentials,
  makeCnonce: () => string,
  onChallenge?: (challenge: Challenge) => void,
): Authenticator {
  const known = new Map<string, KnownNonce>()
  let realm: string | undefined

  function line(challenger: Challenger, nonce: KnownNonce, target: DigestTarget): string {
    nonce.nc += 1
    const { challenge, nc } = nonce
    const value = authorizationValue({ ...target, ...credentials, challenge, cnonce: makeCnonce(), nc })
    return `${headerNames[challenger]}: ${value}`
  }

  function forRequest(target: DigestTarget): RequestCredentials {
    const scope = target.method === 'REGISTER' ? 'registrar' : 'calls'
    const usedNonces = new Set<string>()
    const answers: Record<Challenger, number> = { www: 0, proxy: 0 }
    const sendsUnasked = (who: Challenger) => scope === 'registrar' || who === 'proxy'

    function lines(): string[] {
      const result: string[] = []
      for (const who of challengers) {
        const nonce = known.get(`${scope}/${who}`)
        if (!nonce || (answers[who] === 0 && !sendsUnasked(who))) continue
        usedNonces.add(nonce.challenge.nonce)
        result.push(line(who, nonce, target))
      }
      return result
    }

    function challenged(status: 401 | 407, values: readonly string[]): boolean {
      const who = status === 401 ? 'www' : 'proxy'
      const challenge = chooseChallenge(values)
      if (!challenge || !mayAnswer(who, challenge)) {
        known.delete(`${scope}/${who}`)
        return false
      }
      realm = challenge.realm
      answers[who] += 1
      known.set(`${scope}/${who}`, { challenge, nc: 0 })
      onChallenge?.(challenge)
      return true
    }

    function mayAnswer(who: Challenger, challenge: Challenge): boolean {
      if (realm !== undefined && realm !== challenge.realm) return false
      if (usedNonces.has(challenge.nonce)) return false
      return answers[who] === 0 || (challenge.stale && answers[who] < maxAnswers)
    }

    function accepted(header: (name: string) => string | undefined): void {
      for (const who of challengers) {
        const nonce = known.get(`${scope}/${who}`)
        const next = parseAuthParams(header(infoNames[who]) ?? '').get('nextnonce')
        // Only what we have answered in this very request: nobody else tells us nonces.
        if (!next || !nonce || !usedNonces.has(nonce.challenge.nonce)) continue
        known.set(`${scope}/${who}`, { challenge: { ...nonce.challenge, nonce: next, stale: false }, nc: 0 })
      }
    }

    return { lines, challenged, accepted }
  }

  return { forRequest }
}
