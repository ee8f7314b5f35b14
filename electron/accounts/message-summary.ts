import type { WaitingMessages } from '../../shared/model/account.ts'

/** Event package and media type of voice mail (RFC 3842 §3). */
export const messageSummary = { event: 'message-summary', accept: 'application/simple-message-summary' } as const

/**
 * Pure: what a notification says (RFC 3842 §5.2). Counts are those of voice messages; urgent ones are among them.
 * @returns undefined when it says nothing that can be read
 */
export function parseMessageSummary(body: string): WaitingMessages | undefined {
  const lines = body.split(/\r?\n/)
  const value = (name: RegExp) => lines.map((line) => line.match(name)?.[1]?.trim()).find(Boolean)
  const waiting = value(/^messages-waiting\s*:(.*)$/i)?.toLowerCase()
  const [, fresh, old] = value(/^voice-message\s*:(.*)$/i)?.match(/^(\d{1,6})\s*\/\s*(\d{1,6})/) ?? []
  if (waiting !== 'yes' && waiting !== 'no' && fresh === undefined) return undefined
  return {
    waiting: waiting === undefined ? Number(fresh) > 0 : waiting === 'yes',
    ...(fresh === undefined || old === undefined ? {} : { fresh: Number(fresh), old: Number(old) }),
  }
}
