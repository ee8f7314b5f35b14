import type { Body } from 'sip.js/lib/core/index.js'

/** A session description as the core takes it. */
export const sdpBody = (content: string): Body => ({
  contentDisposition: 'session',
  contentType: 'application/sdp',
  content,
})

/** `399` is the code for text meant for people (RFC 3261 §20.43). */
export function warningHeaders(text: string | undefined): { extraHeaders?: string[] } {
  if (text === undefined) return {}
  return { extraHeaders: [`Warning: 399 kedge "${text.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, ' ')}"`] }
}
