import { type ErrorCode, KedgeError } from '../../../shared/errors.ts'

/** Node's codes for a connection that fails, by what the user can do about it. */
const codes: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'net/host-not-found',
  EAI_AGAIN: 'net/host-not-found',
  EAI_NODATA: 'net/host-not-found',
  EAI_NONAME: 'net/host-not-found',
  EAI_FAIL: 'net/host-not-found',
  ECONNREFUSED: 'net/refused',
  EHOSTUNREACH: 'net/unreachable',
  ENETUNREACH: 'net/unreachable',
  EHOSTDOWN: 'net/unreachable',
  ENETDOWN: 'net/unreachable',
  EADDRNOTAVAIL: 'net/unreachable',
  EACCES: 'net/unreachable',
  EPERM: 'net/unreachable',
  ETIMEDOUT: 'net/timeout',
  ECONNRESET: 'net/closed',
  ECONNABORTED: 'net/closed',
  EPIPE: 'net/closed',
}

/** Certificate verdicts of OpenSSL and Node (`tls.TLSSocket.authorizationError`). */
const certificateCodes: Readonly<Record<string, ErrorCode>> = {
  CERT_HAS_EXPIRED: 'tls/expired',
  CERT_NOT_YET_VALID: 'tls/not-yet-valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls/wrong-name',
  HOSTNAME_MISMATCH: 'tls/wrong-name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls/untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls/untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls/untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'tls/untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls/untrusted',
  CERT_UNTRUSTED: 'tls/untrusted',
  CERT_REJECTED: 'tls/untrusted',
  CERT_REVOKED: 'tls/untrusted',
  CERT_SIGNATURE_FAILURE: 'tls/untrusted',
  CERT_CHAIN_TOO_LONG: 'tls/untrusted',
  PATH_LENGTH_EXCEEDED: 'tls/untrusted',
  INVALID_CA: 'tls/untrusted',
  INVALID_PURPOSE: 'tls/untrusted',
}

/** Alerts with which a server says what it thinks of our certificate, or that it wants one (RFC 8446 §6.2). */
const clientCertificateAlert =
  /_ALERT_(?:CERTIFICATE_(?:REQUIRED|EXPIRED|REVOKED|UNKNOWN)|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)$/

/**
 * Pure: what an error of a socket means to the user. `phase` tells a server that hangs up during the TLS handshake
 * (it speaks no TLS, or none that we accept) from one that hangs up later.
 */
export function networkError(error: unknown, phase: 'connecting' | 'handshake' | 'open'): KedgeError {
  if (error instanceof KedgeError) return error
  const { code = '', message } = describe(error)
  const certificate = certificateCodes[code]
  if (certificate) return new KedgeError(certificate, message, { cause: error })
  if (clientCertificateAlert.test(code)) return new KedgeError('tls/client-certificate', message, { cause: error })
  const known = codes[code]
  const isTls = /^(ERR_SSL_|ERR_TLS_|EPROTO$)/.test(code)
  const hangsUp = known === 'net/closed' || known === undefined
  const mapped = phase === 'handshake' && (isTls || hangsUp) ? 'tls/handshake' : (known ?? 'net/closed')
  return new KedgeError(mapped, message, { cause: error })
}

/** Several addresses tried, several errors: the last says as much as any (Happy Eyeballs reports them together). */
function describe(error: unknown): { code?: string; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors.at(-1))
  if (!(error instanceof Error)) return { message: String(error) }
  const { code } = error as NodeJS.ErrnoException
  return { message: error.message, ...(typeof code === 'string' ? { code } : {}) }
}
