import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { headerOf, headersOf, topVia } from '../../../electron/sip/message/raw-message.ts'
import { refusalText } from '../../../electron/sip/message/refusal.ts'
import { toCoreMessage } from '../../../electron/sip/message/to-core.ts'
import { checkMessage } from '../../../electron/sip/transport/front-check.ts'

const base = [
  'Via: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK1',
  'From: <sip:a@example.test>;tag=1',
  'To: <sip:b@example.test>',
  'Call-ID: x',
  'CSeq: 1 OPTIONS',
]

const text = (headers: readonly string[], body = '', start = 'OPTIONS sip:b@example.test SIP/2.0') =>
  [start, ...headers, '', body].join('\r\n')

const check = (message: string) => checkMessage(Buffer.from(message))
const without = (name: string) => base.filter((line) => !line.startsWith(name))

describe('front check', () => {
  it('an ordinary request is split into its lines, with long header names and the body', () => {
    const result = check(text(['v: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK2', ...without('Via'), 'l: 2'], 'hi there'))
    if (result.kind !== 'ok') throw new Error(result.reason)
    expect(headerOf(result.message, 'via')).toContain('z9hG4bK2')
    expect(result.message.body).toBe('hi')
  })

  it('folded lines are joined (RFC 3261 7.3.1)', () => {
    const result = check(text([...base, 'Subject: one\r\n  two\r\n\tthree']))
    expect(result.kind === 'ok' && headerOf(result.message, 'subject')).toBe('one two three')
  })

  it.each([
    ['a longer Content-Length than body', [...base, 'Content-Length: 5'], 'Bad Content-Length'],
    ['a negative Content-Length', [...base, 'Content-Length: -1'], 'Bad Content-Length'],
    ['two Content-Lengths', [...base, 'Content-Length: 0', 'l: 0'], 'Repeated content-length'],
    ['two Call-IDs', [...base, 'i: y'], 'Repeated call-id'],
    ['another method in CSeq', [...without('CSeq'), 'CSeq: 1 INVITE'], 'CSeq Method Mismatch'],
    ['a CSeq past 2^31-1', [...without('CSeq'), 'CSeq: 2147483648 OPTIONS'], 'Bad CSeq'],
    ['Max-Forwards past 255', [...base, 'Max-Forwards: 300'], 'Bad Max-Forwards'],
    ['65 Vias', [...base, ...Array.from({ length: 64 }, () => 'Via: SIP/2.0/TCP h;branch=z9hG4bK9')], 'Too Many Vias'],
  ])('%s is refused with 400', (_name, headers, reason) => {
    expect(check(text(headers))).toMatchObject({ kind: 'refuse', status: 400, reason })
  })

  it('another SIP version is refused with 505', () => {
    expect(check(text(base, '', 'OPTIONS sip:b@example.test SIP/7.0'))).toMatchObject({ kind: 'refuse', status: 505 })
  })

  it.each([
    ['no start line', 'hello\r\n\r\n'],
    ['no blank line', 'OPTIONS sip:b@example.test SIP/2.0\r\nVia: x'],
    ['a NUL', text([...base, 'Subject: a\0b'])],
    ['a bare LF', text([...base, 'Subject: a\nVia: evil'])],
    ['a bare CR', text([...base, 'Subject: a\rVia: evil'])],
    ['a blank before the colon of P-Asserted-Identity', text([...base, 'P-Asserted-Identity : <sip:boss@x>'])],
    ['a header past 8 kB', text([...base, `Subject: ${'a'.repeat(9_000)}`])],
    ['129 headers', text([...base, ...Array.from({ length: 124 }, (_, n) => `X-${n}: y`)])],
    ['a message past 128 kB', text(base, 'a'.repeat(131_072))],
    ['a response without CSeq', text(without('CSeq'), '', 'SIP/2.0 200 OK')],
    ['a request without Via: nobody to answer', text(without('Via'))],
    ['a bad ACK, which is never answered', text([...without('CSeq'), 'CSeq: 1 INVITE'], '', 'ACK sip:b@x SIP/2.0')],
  ])('%s is dropped', (_name, message) => expect(check(message).kind).toBe('discard'))

  it('a blank before the colon of other headers is as good as none (RFC 4475 3.1.1.1)', () => {
    expect(check(text([...without('To'), 'TO :\r\n sip:b@example.test'])).kind).toBe('ok')
  })

  it('a refusal repeats what the client needs to match it, and tags the To (RFC 3261 8.2.6.2)', () => {
    const result = check(text([...base, 'Via: SIP/2.0/UDP second;branch=z9hG4bK3', 'Max-Forwards: x']))
    if (result.kind !== 'refuse') throw new Error('not refused')
    const answer = check(refusalText(result.message, result.status, result.reason, 'tag'))
    if (answer.kind !== 'ok') throw new Error(answer.reason)
    expect(headersOf(answer.message, 'via')).toHaveLength(2)
    expect(headerOf(answer.message, 'to')).toBe('<sip:b@example.test>;tag=tag')
    expect(answer.message.start).toEqual({ kind: 'response', status: 400, reason: 'Bad Max-Forwards' })
  })

  it('a comma inside quotes does not end the top Via', () => {
    const result = check(text(['Via: SIP/2.0/UDP a;x="1,2", SIP/2.0/UDP b', ...without('Via')]))
    expect(result.kind === 'ok' && topVia(result.message)).toBe('SIP/2.0/UDP a;x="1,2"')
  })

  it('nothing that anybody can send makes it or the grammar throw', () => {
    const line = fc.oneof(
      fc.constantFrom(...base, 'Contact: *', 'Contact: <sip:', 'Record-Route: ,', 'Via: ,'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.string(), (lines, body) => {
        const result = check(text(lines, body))
        if (result.kind === 'ok') toCoreMessage(result.message)
      }),
      { numRuns: 500 },
    )
  })
})

describe('what only the request line gives away', () => {
  it.each([
    ['two blanks', 'INVITE  sip:user@example.com SIP/2.0', 'Bad Request-Line'],
    ['a blank at the end', 'OPTIONS sip:user@example.com SIP/2.0  ', 'Bad Request-Line'],
    ['<> around the URI', 'OPTIONS <sip:user@example.com> SIP/2.0', 'Bad Request-Line'],
    ['headers in the URI', 'OPTIONS sip:user@example.com?Route=%3Csip:a%3E SIP/2.0', 'Headers in Request-URI'],
    ['IPv6 without brackets', 'OPTIONS sip:2001:db8::10 SIP/2.0', 'Bad Host in Request-URI'],
  ])('%s is refused with 400', (_name, start, reason) => {
    expect(check(text(base, '', start))).toMatchObject({ kind: 'refuse', status: 400, reason })
  })

  it('a question mark in the user part is part of the user (RFC 4475 3.1.1.2)', () => {
    expect(check(text(base, '', 'OPTIONS sip:crazy?,/;@example.test SIP/2.0')).kind).toBe('ok')
  })

  it('a control character may stand behind a backslash in quotes, and nowhere else', () => {
    const named = (name: string) => check(text([...without('To'), `To: ${name} <sip:b@example.test>`])).kind
    expect([named('"a\\\0b"'), named('"a\0b"'), named('a\\\0b')]).toEqual(['ok', 'discard', 'discard'])
  })

  it.each(['Refer-To', 'r'])('a %s counts as well: the grammar reads it when it is asked about', (name) => {
    const long = `${name}: <sip:a@b.test${';a=b'.repeat(1_700)}>`
    expect(check(text([...base, long]))).toMatchObject({ kind: 'refuse', reason: 'Headers Too Long' })
  })

  it('more than the grammar can read in a few ms is refused, however it is spread', () => {
    const contacts = Array.from({ length: 20 }, (_, n) => `Contact: <sip:${'a'.repeat(400)}${n}@example.test>`)
    expect(check(text([...base, ...contacts]))).toMatchObject({ kind: 'refuse', reason: 'Headers Too Long' })
  })
})

describe('addresses that are not SIP', () => {
  it.each(['tel:+15551234567', '"A B" <tel:+1-555-123-4567;phone-context=x>;tag=1', '<http://www.example.com>;tag=2'])(
    'From: %s is read, and repeated as it came',
    (from) => {
      const checked = check(text([...without('From'), `From: ${from}`]))
      const message = checked.kind === 'ok' ? toCoreMessage(checked.message) : undefined
      expect(message?.getHeader('from')).toBe(from)
      expect(message?.from.uri.user).toBe(from.includes('tel:') ? '+15551234567' : undefined)
    },
  )
})

it('of several Vias on one line the topmost names the transaction', () => {
  const checked = check(
    text(['Via: SIP/2.0/TCP a.test;branch=z9hG4bKtop , SIP/2.0/UDP b.test;branch=z9hG4bKbelow', ...without('Via')]),
  )
  const message = checked.kind === 'ok' ? toCoreMessage(checked.message) : undefined
  expect(message?.viaBranch).toContain('z9hG4bKtop')
  expect(message?.getHeaders('via')).toHaveLength(2)
})
