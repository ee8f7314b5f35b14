/** A running time as `m:ss`, or `h:mm:ss` from one hour on. Negative (a clock that was set back) reads as zero. */
export function formatDuration(ms: number): string {
  const totalS = Math.max(0, Math.floor(ms / 1_000))
  const parts = [Math.floor(totalS / 3_600), Math.floor((totalS % 3_600) / 60), totalS % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}

/** `2026-03-01 10:42` style short clock of the user's own locale. */
export const formatClock = (epochMs: number, locale?: string): string =>
  new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }).format(epochMs)

export const formatCount = (count: number, locale?: string): string => new Intl.NumberFormat(locale).format(count)
