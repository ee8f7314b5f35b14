import { redact } from '../redact.ts'

/**
 * A SIP message as it may be kept: without what `redact` knows, and without the digits that a user types into a call,
 * which are PINs and card numbers (RFC 6086 INFO, in the two forms that trunks use). Pure.
 */
export function maskMessage(text: string): string {
  return redact(text)
    .replace(/^(signal[ \t]*=[ \t]*)\S+/gim, '$1[redacted]')
    .replace(/^(content-type|c)([ \t]*:[ \t]*application\/dtmf\b(?!-)[\s\S]*?\r\n\r\n)[\s\S]*$/im, '$1$2[redacted]')
}
