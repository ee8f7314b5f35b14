let shownLocale: string | undefined

/** Dates and numbers follow the language of the window, in the form of the user's own region. @param locale - BCP 47 tag */
export function formatIn(locale: string): void {
  shownLocale = locale
}

/** A running time as `m:ss`, or `h:mm:ss` from one hour on. Negative (a clock that was set back) reads as zero. */
export function formatDuration(ms: number): string {
  const totalS = Math.max(0, Math.floor(ms / 1_000))
  const parts = [Math.floor(totalS / 3_600), Math.floor((totalS % 3_600) / 60), totalS % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}

/** `2026-03-01 10:42` style short clock of the user's own locale. */
export const formatClock = (epochMs: number, locale = shownLocale): string =>
  new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }).format(epochMs)

export const formatCount = (count: number, locale = shownLocale): string => new Intl.NumberFormat(locale).format(count)

const dayMs = 86_400_000

/** Days between two moments as a calendar on this machine counts them. */
const daysBetween = (from: number, to: number): number =>
  Math.round((new Date(to).setHours(0, 0, 0, 0) - new Date(from).setHours(0, 0, 0, 0)) / dayMs)

/**
 * When a call was, as short as it stays clear: the time today, "yesterday", the weekday within a week, then the date.
 * @param now - epoch ms
 */
export function formatWhen(epochMs: number, now: number, locale = shownLocale): string {
  const days = daysBetween(epochMs, now)
  if (days <= 0) return formatClock(epochMs, locale)
  if (days === 1) return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-1, 'day')
  if (days < 7) return new Intl.DateTimeFormat(locale, { weekday: 'short' }).format(epochMs)
  const sameYear = new Date(epochMs).getFullYear() === new Date(now).getFullYear()
  const year = sameYear ? {} : ({ year: '2-digit' } as const)
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', ...year }).format(epochMs)
}

/** Date and time, whole, for a receipt. */
export const formatMoment = (epochMs: number, locale = shownLocale): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }).format(epochMs)

/** Lost packets in percent, as fine as one can tell apart; a loss that is there is never shown as none. */
export function formatLoss(lossPercent: number, locale = shownLocale): string {
  const shown = lossPercent > 0 ? Math.max(0.1, lossPercent) : 0
  const maximumFractionDigits = shown < 10 ? 1 : 0
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits }).format(shown / 100)
}

export const formatMs = (ms: number, locale = shownLocale): string =>
  new Intl.NumberFormat(locale, { style: 'unit', unit: 'millisecond', maximumFractionDigits: 0 }).format(ms)

/** A score with one digit after the point, also where that is a zero. */
export const formatScore = (mos: number, locale = shownLocale): string =>
  new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(mos)

/** The time of day to the millisecond, for what is compared with other people's logs. */
export const formatPrecise = (epochMs: number, locale = shownLocale): string =>
  new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hour12: false,
  }).format(epochMs)
