import type { Country } from './phone-number.ts'

/** Reached from mobile phones nearly everywhere, or known everywhere from films: a person in need tries them. */
const everywhere: readonly string[] = ['112', '911', '999', '000']

/** What besides is dialled in need in each country (its own regulator's list). */
const byCountry: Partial<Record<NonNullable<Country>, readonly string[]>> = {
  AT: ['122', '133', '144'],
  AU: ['106'],
  BE: ['100', '101'],
  BR: ['190', '192', '193'],
  CH: ['117', '118', '144'],
  CN: ['110', '119', '120', '122'],
  DE: ['110'],
  ES: ['061', '080', '091'],
  FR: ['15', '17', '18', '114', '115'],
  IN: ['100', '101', '102', '108'],
  IT: ['113', '115', '118'],
  JP: ['110', '118', '119'],
  KR: ['119'],
  MX: ['065', '066'],
  NO: ['110', '113'],
  NZ: ['111'],
  PL: ['997', '998'],
  TW: ['110', '119'],
  ZA: ['10111', '10177'],
}

/** Pure. Whether a number, as it would be dialled, calls for help. */
export const isEmergencyNumber = (user: string, country: Country): boolean =>
  everywhere.includes(user) || (country !== undefined && (byCountry[country]?.includes(user) ?? false))
