export type SrtpErrorCode =
  | 'srtp/bad-key-length'
  | 'srtp/bad-salt-length'
  | 'srtp/bad-mki'
  | 'srtp/bad-lifetime'
  | 'srtp/bad-position'
  | 'srtp/no-key'
  | 'srtp/closed'
  | 'srtp/kernel-missing'
  | 'srtp/kernel-unusable'

/** Misuse and set-up failures. What a packet comes to is a status, never this. Messages carry lengths, never key bytes. */
export class SrtpError extends Error {
  readonly code: SrtpErrorCode
  constructor(code: SrtpErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SrtpError'
    this.code = code
  }
}
