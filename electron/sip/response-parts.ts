import type { Body } from 'sip.js/lib/core/index.js'

/** A session description as the core takes it. */
export const sdpBody = (content: string): Body => ({
  contentDisposition: 'session',
  contentType: 'application/sdp',
  content,
})

/**
 * @param code - warn-code of RFC 3261 §20.43; `399`, for text meant for people, where none says more
 */
export function warningHeaders(text: string | undefined, code = 399): { extraHeaders?: string[] } {
  if (text === undefined) return {}
  return { extraHeaders: [`Warning: ${code} kedge "${text.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, ' ')}"`] }
}
