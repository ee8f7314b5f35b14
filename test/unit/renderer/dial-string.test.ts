import { describe, expect, test } from 'vitest'
import { escapeUser } from '../../../renderer/src/phone/call-target.ts'
import { type DialString, dialTarget, parseDialString } from '../../../renderer/src/text/dial-string.ts'

const numberOf = (user: string): DialString => ({ kind: 'number', user })
const address = (user: string, domain: string): DialString => ({ kind: 'address', user, domain })

describe('what is typed or pasted is read as something to call', () => {
  test.each<[name: string, text: string, read: DialString]>([
    ['nothing', '', { kind: 'empty' }],
    ['only blanks', ' \t ', { kind: 'empty' }],
    ['digits', '100', numberOf('100')],
    ['a number with blanks', '+44 20 7946 0018', numberOf('+442079460018')],
    ['a North American number', '(555) 010-0199', numberOf('5550100199')],
    ['dots', '06.12.34.56.78', numberOf('0612345678')],
    ['slashes, as in Germany', '030/901820', numberOf('030901820')],
    ['the zero for callers inside the country', '+44 (0)20 7946 0018', numberOf('+442079460018')],
    ['a bracketed zero without a country code', '(0)20 79', numberOf('02079')],
    ['no-break spaces and bidi marks of a web page', '\u202a+44\u00a020\u00a07946\u202c\u200b', numberOf('+44207946')],
    ['an en dash', '555\u20130199', numberOf('5550199')],
    ['feature codes', '*67#', numberOf('*67#')],
    ['a tel link', 'tel:+44-20-7946-0018', numberOf('+442079460018')],
    ['a tel link with parameters', 'tel:7042;phone-context=example.com', numberOf('7042')],
    ['a sip address', 'sip:ada@example.com', address('ada', 'example.com')],
    [
      'a sips address with port and parameters',
      'SIPS:ada@Example.com:5061;transport=tls?Subject=x',
      address('ada', 'example.com:5061'),
    ],
    ['an address in angle brackets', '<sip:ada@example.com>', address('ada', 'example.com')],
    ['an address without a scheme', 'ada@example.com', address('ada', 'example.com')],
    ['a number at a domain', '+44 20 7946@example.com', address('+44207946', 'example.com')],
    ['an IPv6 host', 'ada@[2001:db8::1]', address('ada', '[2001:db8::1]')],
    ['an escaped user', 'sip:a%64a@example.com', address('ada', 'example.com')],
    ['a bare name', 'echo', { kind: 'name', user: 'echo' }],
    ['a percent sign that is no escape', '50%', { kind: 'name', user: '50%' }],
    ['two at signs', 'a@b@c', { kind: 'invalid' }],
    ['no user before the at sign', '@example.com', { kind: 'invalid' }],
    ['markup', '<b>hello there', { kind: 'invalid' }],
    ['a sentence', 'call me at noon', { kind: 'invalid' }],
    ['an injected header', 'ada@example.com\r\nX: y', { kind: 'invalid' }],
    ['an escaped line break', 'sip:ada%0d%0aX@example.com', { kind: 'invalid' }],
    ['a colon, which would start a password', 'ada:secret', { kind: 'invalid' }],
    ['a number that is too long', '1'.repeat(129), { kind: 'invalid' }],
  ])('%s', (_name, text, read) => {
    expect(parseDialString(text)).toEqual(read)
  })

  test('an address of the account’s own domain is dialled by its user alone', () => {
    expect(dialTarget(address('ada', 'example.com'), 'Example.COM')).toBe('ada')
  })

  test('an address of another domain keeps its domain', () => {
    expect(dialTarget(address('ada', 'other.org'), 'example.com')).toBe('ada@other.org')
  })

  test('nothing valid is no target', () => {
    expect(dialTarget({ kind: 'empty' }, 'example.com')).toBeUndefined()
    expect(dialTarget({ kind: 'invalid' }, 'example.com')).toBeUndefined()
  })
})

describe('the user part of a Request-URI (RFC 3261 §25.1)', () => {
  test.each([
    ['echo', 'echo'],
    ['+44', '%2B44'],
    ['*67#', '*67%23'],
    ['a@b', 'a%40b'],
    ['50%', '50%25'],
    ['a;b?c:d', 'a%3Bb%3Fc%3Ad'],
    ['é', '%C3%A9'],
  ])('%s is written %s', (user, escaped) => {
    expect(escapeUser(user)).toBe(escaped)
    expect(decodeURIComponent(escaped)).toBe(user)
  })
})
