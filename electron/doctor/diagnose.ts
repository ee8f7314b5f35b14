import { type ErrorCode, toWireError } from '../../shared/errors.ts'
import type { AccountSettings } from '../../shared/model/account.ts'
import type { LegCounters, SignallingView } from '../../shared/model/call.ts'
import { rejectionCode } from '../bridge/end-reason.ts'
import type { AnswerDecision } from '../sdp/types.ts'
import { type Challenge, chooseChallenge } from '../sip/digest/challenge.ts'
import type { FinalResponse } from '../sip/response.ts'
import { hostPort, type TransportAddress } from '../sip/transport/transport.ts'
import type { SipResponse } from '../sip/types.ts'
import type { Heard } from './hear-tone.ts'
import { callFault, encryptionFault, registerFault } from './provider.ts'
import { failed, ok, skipped, type Verdict } from './verdict.ts'

type Settings = AccountSettings

/** Pure functions: what was seen in, a verdict out. What is done to see it stands in `steps/`. */
export function diagnoseAddresses(
  settings: Settings,
  found: readonly TransportAddress[],
  asked: readonly string[],
): Verdict {
  const host = settings.server ?? settings.domain
  const [first] = found
  if (!first) return failed('net/host-not-found', { values: { server: host }, facts: asked })
  if (asked.length === 0) return ok('dns-address', { values: { server: hostPort(first) } })
  return ok('dns-servers', {
    values: { server: host, address: hostPort(first), count: String(found.length) },
    facts: asked,
  })
}

/** A connection or a look-up that failed; the codes are those of any account. */
export function diagnoseFailure(error: unknown, facts: readonly string[] = []): Verdict {
  const { code, message } = toWireError(error)
  return failed(code, { facts: [...facts, message] })
}

export function diagnoseTls({ tlsVersion, tlsCipher, peerName, peerIssuer }: SignallingView): Verdict {
  return ok('tls-verified', {
    values: { version: tlsVersion?.replace('TLSv', 'TLS ') ?? '', name: peerName ?? '', issuer: peerIssuer ?? '' },
    facts: [
      `${tlsVersion} ${tlsCipher}`,
      `certificate for ${peerName}`,
      ...(peerIssuer ? [`issued by ${peerIssuer}`] : []),
    ],
  })
}

const lineOf = ({ status, reason }: SipResponse) => `${status} ${reason}`.trim()

function factsOf(response: FinalResponse, names: readonly string[]): string[] {
  return [
    lineOf(response),
    ...names.flatMap((name) => response.headers(name).map((value) => `${name}: ${value.slice(0, 200)}`)),
  ]
}

/** Any answer of the server's own proves that SIP is spoken there; only a fault of its own is none to go on with. */
export function diagnoseOptions(response: FinalResponse): Verdict {
  const { status, local } = response
  if (local) return failed(status === 408 ? 'account/timeout' : 'net/closed')
  const facts = factsOf(response, ['Server', 'User-Agent', 'Allow'])
  const down = status === 408 || status === 480 || (status >= 500 && status !== 501 && status !== 505)
  return down
    ? failed('account/server-error', { facts })
    : ok('sip-answers', { facts, values: { status: lineOf(response) } })
}

const accepted = (challenge: Challenge | undefined, facts: readonly string[]): Verdict =>
  challenge
    ? ok('password-accepted', {
        values: { algorithm: challenge.algorithm },
        facts: [
          ...facts,
          `Digest ${challenge.algorithm}${challenge.qop ? `, qop ${challenge.qop}` : ''}`,
          `realm ${challenge.realm}`,
        ],
      })
    : ok('no-password-asked', { facts })

/** A 401 or 407 that stands: of a kind that we cannot answer, or the answer was wrong. */
function diagnoseUnauthorized(response: FinalResponse, facts: readonly string[]): Verdict {
  const offered = [...response.headers('www-authenticate'), ...response.headers('proxy-authenticate')]
  const known = offered.length === 0 || chooseChallenge(offered) !== undefined
  return failed(known ? 'account/wrong-password' : 'digest-unknown', { facts })
}

const registerCodes: Readonly<Record<number, ErrorCode>> = { 404: 'account/not-found', 604: 'account/not-found' }

/** @param challenge - the one that was answered; undefined when nothing was asked */
export function diagnoseRegister(
  settings: Settings,
  response: FinalResponse,
  challenge: Challenge | undefined,
): Verdict {
  const { status, local } = response
  if (local) return failed(status === 408 ? 'account/timeout' : 'net/closed')
  const facts = factsOf(response, ['X-Twilio-Error', 'Warning'])
  if (status < 300) return accepted(challenge, facts)
  const own = registerFault(settings, status, facts.join(' '))
  if (own) return failed(own, { facts })
  if (status === 401 || status === 407) return diagnoseUnauthorized(response, facts)
  if (status >= 500) return failed('account/server-error', { facts })
  return failed(registerCodes[status] ?? 'account/refused', { facts })
}

/**
 * A trunk without registration has been asked with OPTIONS.
 * @returns undefined when it did not ask for the password: a call will tell
 */
export function diagnoseProbe(response: FinalResponse, challenge: Challenge | undefined): Verdict | undefined {
  const facts = factsOf(response, [])
  if (response.status === 401 || response.status === 407) return diagnoseUnauthorized(response, facts)
  return challenge && accepted(challenge, facts)
}

/** What became of the call to the echo number. */
export type CallOutcome =
  | { readonly kind: 'answered'; readonly response: SipResponse }
  | { readonly kind: 'refused'; readonly response: SipResponse; readonly code?: ErrorCode }
  /** It rang, and nobody took it. */
  | { readonly kind: 'unanswered' }

/** What the call says about the password, at a trunk that asks for it with a call alone. */
export function diagnoseCallPassword(
  settings: Settings,
  outcome: CallOutcome,
  challenge: Challenge | undefined,
): Verdict {
  if (outcome.kind !== 'refused') return accepted(challenge, [])
  const { status } = outcome.response
  const facts = [lineOf(outcome.response)]
  if (status === 401 || status === 407)
    return failed(challenge ? 'account/wrong-password' : 'digest-unknown', { facts })
  const own = status === 403 ? callFault(settings, status, said(outcome.response)) : undefined
  return own ? failed(own, { facts }) : accepted(challenge, facts)
}

const said = ({ reason, warning = '' }: SipResponse) => `${reason} ${warning}`
const notThere = [404, 410, 484, 604]
const notFree = [408, 480, 486, 487, 600, 603]

/** What the trunk did with the offer of encrypted media. `decision` is there when the call was answered. */
export function diagnoseMedia(
  settings: Settings,
  number: string,
  outcome: CallOutcome,
  decision: AnswerDecision | undefined,
): Verdict {
  const values = { number }
  if (outcome.kind === 'unanswered') return skipped('call-not-answered', { values })
  const facts = [lineOf(outcome.response), ...(outcome.response.warning ? [outcome.response.warning] : [])]
  if (outcome.kind === 'refused') return diagnoseRefusal(settings, values, outcome, facts)
  if (decision?.kind === 'accepted') {
    const suite = decision.ourCrypto?.suite
    return suite ? ok('srtp-accepted', { values: { suite }, facts }) : skipped('encryption-off', { facts })
  }
  if (decision === undefined) return failed('sdp/malformed', { facts })
  const own = decision.code === 'security/answer-not-encrypted' ? encryptionFault(settings) : undefined
  return failed(own ?? decision.code, { facts: [...facts, decision.warning.text] })
}

function diagnoseRefusal(
  settings: Settings,
  values: { readonly number: string },
  { response, code }: CallOutcome & { kind: 'refused' },
  facts: readonly string[],
): Verdict {
  const { status } = response
  if (code) return failed(code, { facts })
  const own = callFault(settings, status, said(response))
  if (own) return failed(own, { values, facts })
  if (notThere.includes(status)) return skipped('number-not-there', { values, facts })
  if (notFree.includes(status)) return skipped('call-not-answered', { values, facts })
  if (status === 401 || status === 407) return failed('password-refused-in-call', { facts })
  const meant = rejectionCode(status, settings.encryption !== 'off', response.warningCode)
  const where = meant === 'security/trunk-refuses-encryption' ? encryptionFault(settings) : undefined
  return failed(where ?? meant, { values, facts })
}

/** Whether what was said into the call came back. */
export function diagnoseEcho(number: string, heard: Heard, counters: LegCounters): Verdict {
  const values = { number }
  const facts = [
    `${counters.sent} packets sent, ${counters.received} received`,
    ...(counters.authFailed > 0 ? [`${counters.authFailed} packets failed authentication`] : []),
    ...(counters.tooManyStreams > 0 ? [`${counters.tooManyStreams} packets of one stream too many`] : []),
  ]
  if (heard === 'tone') return ok('echo-heard', { values, facts })
  if (counters.received === 0 && counters.authFailed > 0) return failed('echo-keys-wrong', { values, facts })
  return failed(counters.received === 0 ? 'echo-silent' : 'echo-other-sound', { values, facts })
}
