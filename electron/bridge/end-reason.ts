import type { ErrorCode } from '../../shared/errors.ts'

/** Final responses that say something of their own about a call that was placed here (RFC 3261 §21). */
const byStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'account/wrong-password',
  403: 'call/forbidden',
  404: 'call/not-found',
  407: 'account/wrong-password',
  408: 'call/no-answer',
  410: 'call/not-found',
  415: 'security/trunk-refuses-encryption',
  480: 'call/unavailable',
  484: 'call/not-found',
  486: 'call/busy',
  487: 'call/cancelled',
  488: 'security/trunk-refuses-encryption',
  503: 'call/trunk-error',
  600: 'call/busy',
  603: 'call/declined',
  604: 'call/not-found',
  606: 'security/trunk-refuses-encryption',
}

/** RFC 3261 §20.43: "one or more media formats ... are not available". */
const incompatibleFormat = 305

/**
 * Why a call that we placed was not answered, from the callee's final response.
 * @param status - 300..699
 * @param offeredSecure - our offer was encrypted media only, so 415, 488 and 606 mean that the callee would not have it
 * @param warningCode - of the response's Warning; 305 says that it was the codecs after all (RFC 3261 §20.43)
 */
export function rejectionCode(status: number, offeredSecure: boolean, warningCode?: number): ErrorCode {
  const code = byStatus[status]
  const codecs = !offeredSecure || warningCode === incompatibleFormat
  if (code === 'security/trunk-refuses-encryption' && codecs) return 'sdp/no-common-codec'
  if (code !== undefined) return code
  if (status < 400) return 'call/redirected'
  return status < 500 || status >= 600 ? 'call/refused' : 'call/trunk-error'
}

/** The status the caller's leg is rejected with when we end a call that was not answered yet. */
const callerStatus: Readonly<Partial<Record<ErrorCode, number>>> = {
  'call/account-not-ready': 503,
  'call/account-unknown': 404,
  'call/bad-target': 484,
  'call/busy': 486,
  'call/cancelled': 487,
  'call/declined': 603,
  'call/forbidden': 403,
  'call/forwarding-loop': 482,
  'call/no-answer': 408,
  'call/not-found': 404,
  'call/unavailable': 480,
  'call/worker-lost': 503,
  'sdp/malformed': 400,
  internal: 500,
}

/** @returns 4xx-6xx for the caller's leg; 488 for what the negotiation refused, 480 where nothing fits better */
export function rejectionStatus(code: ErrorCode): number {
  const status = callerStatus[code]
  if (status !== undefined) return status
  if (code.startsWith('sdp/') || code.startsWith('security/')) return 488
  return 480
}

/** The other side would not have the call encrypted: it refused it for that, or answered in clear. */
export function isEncryptionRefused(code: ErrorCode): boolean {
  return code === 'security/trunk-refuses-encryption' || code === 'security/answer-not-encrypted'
}
