import type { Body } from 'sip.js/lib/core/index.js'
import type { Disposition } from './types.ts'

/** A session description as the core takes it. */
export const sdpBody = (content: string, contentDisposition: Disposition = 'session'): Body => ({
  contentDisposition,
  contentType: 'application/sdp',
  content,
})

/** The same in a response. What it is for is said where it is not the session's (RFC 3261 §20.11). */
export function sdpPart(content: string, disposition: Disposition): { body: Body; extraHeaders?: string[] } {
  const body = sdpBody(content, disposition)
  if (disposition === 'session') return { body }
  return { body, extraHeaders: [`Content-Disposition: ${disposition};handling=optional`] }
}

/**
 * @param code - warn-code of RFC 3261 §20.43; `399`, for text meant for people, where none says more
 */
export function warningHeaders(text: string | undefined, code = 399): { extraHeaders?: string[] } {
  if (text === undefined) return {}
  return { extraHeaders: [`Warning: ${code} kedge "${text.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, ' ')}"`] }
}
