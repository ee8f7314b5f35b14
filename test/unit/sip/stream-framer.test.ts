import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStreamFramer, type Frame } from '../../../electron/sip/transport/stream-framer.ts'

const message = (body: string, headers = '') =>
  `OPTIONS sip:a@b SIP/2.0\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

const texts = (frames: readonly Frame[]) =>
  frames.map((frame) => (frame.kind === 'message' ? Buffer.from(frame.bytes).toString() : frame.kind))

const push = (text: string) => texts(createStreamFramer().push(Buffer.from(text)))

describe('stream framer', () => {
  it('any messages cut at any places come out whole and in order', () => {
    const bodies = fc.array(
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('\r\n\r\n', 'Content-Length: 9\r\n')),
      {
        maxLength: 8,
      },
    )
    fc.assert(
      fc.property(bodies, fc.infiniteStream(fc.integer({ min: 1, max: 40 })), fc.boolean(), (all, sizes, pings) => {
        const messages = all.map((body) => message(body))
        const stream = Buffer.from(messages.join(pings ? '\r\n\r\n' : ''))
        const framer = createStreamFramer()
        const frames: Frame[] = []
        for (let at = 0; at < stream.length; ) {
          const size = sizes.next().value
          frames.push(...framer.push(stream.subarray(at, at + size)))
          at += size
        }
        expect(texts(frames.filter(({ kind }) => kind === 'message'))).toEqual(messages)
        expect(frames.filter(({ kind }) => kind === 'ping')).toHaveLength(pings ? Math.max(0, messages.length - 1) : 0)
        expect(framer.pending).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  it('a ping is a double CRLF and a pong a single one (RFC 5626 4.4.1)', () => {
    expect(push(`\r\n\r\n${message('')}`)).toEqual(['ping', message('')])
    expect(push(`\r\n${message('x')}`)).toEqual(['pong', message('x')])
  })

  it('the compact form, any case and blanks are a Content-Length too', () => {
    expect(push('OPTIONS sip:a@b SIP/2.0\r\nl :  2 \r\n\r\nhi')).toEqual([
      'OPTIONS sip:a@b SIP/2.0\r\nl :  2 \r\n\r\nhi',
    ])
  })

  it.each([
    ['no Content-Length', 'OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\n\r\n'],
    ['one that is no number', 'OPTIONS sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n'],
    ['two that differ', message('', 'Content-Length: 7\r\n')],
    ['one beyond 128 kB', 'OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 131073\r\n\r\n'],
    ['an endless header section', `OPTIONS sip:a@b SIP/2.0\r\nX: ${'a'.repeat(40_000)}`],
    ['a lone CR', '\rOPTIONS'],
  ])('%s ends the stream', (_name, text) => {
    expect(() => push(text)).toThrow(expect.objectContaining({ code: 'net/closed' }))
  })

  it('a promised length allocates nothing: memory follows what arrived', () => {
    const framer = createStreamFramer()
    const begun = 'OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 100000\r\n\r\nabc'
    framer.push(Buffer.from(begun))
    expect(framer.pending).toBe(begun.length)
  })

  it('one-octet chunks of a large message cost no more than a moment', () => {
    const framer = createStreamFramer()
    const stream = Buffer.from(message('a'.repeat(100_000)))
    const started = performance.now()
    let count = 0
    for (const octet of stream) count += framer.push(Uint8Array.of(octet)).length
    expect(count).toBe(1)
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})
