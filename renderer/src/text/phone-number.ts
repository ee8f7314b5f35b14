import { AsYouType, type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min'

/** Two letters (ISO 3166-1) of the country whose numbers need no prefix; undefined when nothing tells. */
export type Country = CountryCode | undefined

/** Pure. The country that a language tag stands for: `en-GB` names it, `de` is taken for where most speak it. */
export function countryOf(language: string): Country {
  try {
    const region = new Intl.Locale(language).maximize().region
    return region && isSupportedCountry(region) ? region : undefined
  } catch {
    // A tag that is none, as some systems have it (`C`): no country then.
    return undefined
  }
}

const mostRemembered = 50_000

/** What was found before is found again: to read a number takes some 50 µs, and an address book has thousands. */
function remembered(find: (user: string, country: Country) => string): (user: string, country: Country) => string {
  const known = new Map<string, string>()
  return (user, country) => {
    const asked = `${country} ${user}`
    const before = known.get(asked)
    if (before !== undefined) return before
    if (known.size >= mostRemembered) known.clear()
    const found = find(user, country)
    known.set(asked, found)
    return found
  }
}

/** What may be a number of the public network; shorter ones are extensions and services of their own. */
const dialled = /^\+?[0-9]{6,15}$/
const separators = /[\s().\-/]/gu

function parse(user: string, country: Country) {
  const digits = user.replace(separators, '')
  if (!dialled.test(digits)) return undefined
  const parsed = parsePhoneNumberFromString(digits, country)
  return parsed?.isPossible() ? parsed : undefined
}

/** A number as people of `country` write it; one of another country with its prefix; anything else as it is. */
export const formatNumber: (user: string, country: Country) => string = remembered((user, country) => {
  const number = parse(user, country)
  if (!number) return user
  return number.country !== undefined && number.country === country
    ? number.formatNational()
    : number.formatInternational()
})

/** Pure. Groups the digits typed so far, for display beside the field; what is dialled stays what was typed. */
export const formatTyped = (digits: string, country: Country): string =>
  /^\+?[0-9]{4,15}$/u.test(digits) ? new AsYouType(country).input(digits) : digits

/** Equal for two ways to write one number (with prefix, without, with blanks), and for one SIP user in any case. */
export const numberKey: (user: string, country: Country) => string = remembered(
  (user, country) => parse(user, country)?.number ?? user.replace(separators, '').toLowerCase(),
)

/** Pure. Digits by which a number that begins so, as people of `country` dial it, is found among numbers with prefix. */
export function beginnings(typed: string, country: Country): readonly string[] {
  const bare = typed.replace(separators, '')
  const reader = new AsYouType(country)
  reader.input(bare)
  const international = reader.getNumberValue()
  return [...new Set([bare, international ?? bare].map((digits) => digits.replace(/\D/gu, '')))]
}

/** Pure. The forms in which a number may stand in a call: with prefix, as dialled inside its country, and as given. */
export function numberForms(user: string, country: Country): readonly string[] {
  const number = parse(user, country)
  const bare = user.replace(separators, '')
  if (!number) return [bare]
  return [...new Set([bare, number.number, number.formatNational().replace(/\D/gu, ''), number.number.slice(1)])]
}
