import { type ErrorCode, KedgeError } from '../../shared/errors.ts'

export type SdpErrorCode = Extract<ErrorCode, `sdp/${string}` | `security/${string}`>

/** The SIP response that a refusal leads to: a status, and a Warning that says what was missing (RFC 3261 §20.43). */
export interface SipRefusal {
  readonly sipStatus: 400 | 488
  readonly warning: { readonly code: 301 | 302 | 304 | 305 | 306 | 399; readonly text: string }
}

/** The response for each code; the warn-codes are those of RFC 3261 §20.43, 399 where none fits. */
const warningCodes: Readonly<Record<SdpErrorCode, SipRefusal['warning']['code']>> = {
  'sdp/malformed': 399,
  'sdp/no-audio': 304,
  'sdp/no-common-codec': 305,
  'sdp/no-usable-key': 306,
  'sdp/unsupported-profile': 302,
  'sdp/answer-mismatch': 399,
  'security/answer-not-encrypted': 302,
  'security/offer-not-encrypted': 302,
  'security/trunk-refuses-encryption': 302,
  'security/keying-failed': 306,
  'security/keys-would-be-exposed': 399,
  'security/dtls-failed': 399,
}

/** A description that cannot be read or used. Its message never quotes the description, which may hold keys. */
export class SdpError extends KedgeError implements SipRefusal {
  declare readonly code: SdpErrorCode
  readonly sipStatus: SipRefusal['sipStatus']
  readonly warning: SipRefusal['warning']
  constructor(code: SdpErrorCode, message: string) {
    super(code, message)
    this.name = 'SdpError'
    this.sipStatus = code === 'sdp/malformed' ? 400 : 488
    this.warning = { code: warningCodes[code], text: message }
  }
}
