import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Levels, LoggerFactory, Parser } from 'sip.js/lib/core/index.js'
import { describe, expect, it } from 'vitest'
import { listItems } from '../../../electron/accounts/registrar-word.ts'
import { parseChallenge } from '../../../electron/sip/digest/challenge.ts'
import { localResponse, toSipResponse } from '../../../electron/sip/response.ts'
import { checkMessage } from '../../../electron/sip/transport/front-check.ts'
import { createStreamFramer } from '../../../electron/sip/transport/stream-framer.ts'

/** Messages that have stopped SIP stacks, or slipped past the filters in front of them: none of them reaches the parser. */
const fixture = (path: string) => readFileSync(join(import.meta.dirname, '../../fixtures', path))
const withHeader = (...lines: string[]) =>
  Buffer.from(
    [
      'OPTIONS sip:alice@example.test SIP/2.0',
      'Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx',
      'From: <sip:a@example.test>;tag=1',
      'To: <sip:alice@example.test>',
      'Call-ID: x',
      'CSeq: 1 OPTIONS',
      'Max-Forwards: 70',
      ...lines,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
  )

const hostile = [
  { name: '60 kB of quotes in one header', message: withHeader(`Subject: ${'"'.repeat(60_000)}`) },
  { name: '60 kB of parameters', message: withHeader(`X-Long: a${';a'.repeat(30_000)}`) },
  { name: '200 headers', message: withHeader(...Array.from({ length: 200 }, (_, at) => `X-${at}: y`)) },
  {
    name: '100 Via headers',
    message: withHeader(...Array.from({ length: 100 }, (_, at) => `Via: SIP/2.0/UDP a${at}`)),
  },
  {
    name: 'an identity smuggled by a blank before its colon',
    message: withHeader('P-Asserted-Identity : <sip:0@bank.test>'),
  },
  { name: 'a NUL in a header', message: withHeader('Subject: a\0b') },
  { name: 'a body longer than the message (RFC 4475 3.1.2.2)', message: fixture('rfc4475/clerr.dat') },
  { name: 'numbers beyond their range (RFC 4475 3.1.2.4)', message: fixture('rfc4475/scalar02.dat') },
  { name: 'headers in the Request-URI (RFC 4475 3.1.2.11)', message: fixture('rfc4475/escruri.dat') },
  { name: 'another version (RFC 4475 3.1.2.16)', message: fixture('rfc4475/badvers.dat') },
  { name: 'a method that is not the one of CSeq (RFC 4475 3.1.2.17)', message: fixture('rfc4475/mismatch01.dat') },
]

/** Each made one expression go back over what it had read, for seconds or for hours, with every call waiting meanwhile. */
const blanks = ' '.repeat(30_000)
const escapes = '\\"'.repeat(15_000)
const slow: readonly { name: string; read: () => unknown }[] = [
  { name: 'a start line of blanks', read: () => checkMessage(Buffer.from(`A${blanks}\r\n\r\n`)) },
  { name: 'a request line of blanks', read: () => checkMessage(Buffer.from(`A${blanks}xSIP/2.0\r\n\r\n`)) },
  { name: 'a quoted string that never ends, and a NUL', read: () => checkMessage(withHeader(`X: \0"${escapes}`)) },
  {
    name: 'a Content-Length of blanks on a stream',
    read: () => {
      const push = () => createStreamFramer().push(Buffer.from(`OPTIONS sip:a@b SIP/2.0\r\nl:${blanks}\rX\rY\r\n\r\n`))
      expect(push).toThrow('no readable Content-Length')
    },
  },
  { name: 'a list of what never ends', read: () => listItems([`"${escapes}`, '<'.repeat(30_000)]) },
  { name: 'a challenge of one long name', read: () => parseChallenge(`Digest ${'a'.repeat(30_000)}`) },
  {
    name: 'a Warning that never ends',
    read: () => {
      const response = localResponse(183, 'Session Progress')
      response.addHeader('warning', `399 x "${escapes}`)
      return toSipResponse(response)
    },
  },
]

describe('a message that is dear to read', () => {
  it.each(slow)('$name costs no more than any other', ({ read }) => {
    read()
    const begun = performance.now()
    read()
    expect(performance.now() - begun).toBeLessThan(50)
  })
})

const log = new LoggerFactory()
log.builtinEnabled = false
log.level = Levels.error
const parserAlone = (message: Buffer) => Parser.parseMessage(message.toString('utf8'), log.getLogger('parser'))

describe('a message that would stop or fool a parser', () => {
  it.each(hostile)('$name never reaches it', ({ message }) => {
    expect(checkMessage(message).kind).not.toBe('ok')
  })

  it('an ordinary one does', () => {
    expect(checkMessage(withHeader()).kind).toBe('ok')
  })

  it('canary: without the check each of them is taken for a good message', () => {
    const taken = hostile.filter(({ message }) => parserAlone(message) !== undefined)
    expect(taken.map(({ name }) => name)).toEqual(hostile.map(({ name }) => name))
  })
})
