import type { UserAgentCore } from 'sip.js/lib/core/index.js'
import { headerOf, parseCSeq, type RawMessage, topVia } from './message/raw-message.ts'

/**
 * Whether a message is a response to nothing that we have sent. The core would drop it as well, after the grammar has read
 * it, which is the dear part.
 */
export function isStrayResponse({ userAgentClients }: UserAgentCore, raw: RawMessage): boolean {
  if (raw.start.kind === 'request') return false
  const branch = topVia(raw)?.match(/;\s*branch\s*=\s*([^;,\s]+)/i)?.[1]
  return !userAgentClients.has(`${branch}${parseCSeq(headerOf(raw, 'cseq'))?.method}`)
}
