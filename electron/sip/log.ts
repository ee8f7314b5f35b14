/** Where the SIP stack reports what a maintainer needs. Callers pass no message bodies, credentials or keys. */
export interface SipLog {
  debug(message: string): void
  warn(message: string): void
}

export const silentLog: SipLog = { debug: () => undefined, warn: () => undefined }
