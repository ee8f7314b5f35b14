import { parse as secondOpinion } from 'sdp-transform'
import { describe, expect, test } from 'vitest'
import { parseCrypto } from '../../../electron/sdp/crypto-attribute.ts'
import { limits } from '../../../electron/sdp/limits.ts'
import { negotiateOffer } from '../../../electron/sdp/negotiate-offer.ts'
import { parseSdp } from '../../../electron/sdp/parse-sdp.ts'
import { printSdp } from '../../../electron/sdp/print-sdp.ts'
import { SdpError } from '../../../electron/sdp/sdp-error.ts'
import { attackBody, body, chromiumOffer, inlineKey, samples, terms } from './support.ts'

const audio = 'm=audio 4000 RTP/AVP 0'
const many = (count: number, line: string) => Array.from({ length: count }, () => line)

describe('what the reader takes', () => {
  test('CRLF, LF, a missing last line end and blank lines at the end give the same description', () => {
    const text = body(audio, 'a=sendrecv')
    const expected = parseSdp(text)
    expect(expected.media).toEqual([
      { kind: 'audio', port: 4000, profile: 'RTP/AVP', formats: ['0'], attributes: [{ name: 'sendrecv' }] },
    ])
    expect(parseSdp(text.replaceAll('\r\n', '\n'))).toEqual(expected)
    expect(parseSdp(text.trimEnd())).toEqual(expected)
    expect(parseSdp(`${text}\r\n\r\n`)).toEqual(expected)
  })

  test('session lines that phones mix, repeat or leave out', () => {
    const odd = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 'a=tool:x', 't=0 0', 'k=clear:x', 'b=AS:64', 'c=IN IP4 192.0.2.2']
    expect(parseSdp([...odd, audio].join('\n'))).toMatchObject({
      sessionName: '-',
      connection: { address: '192.0.2.2' },
      attributes: [{ name: 'tool', value: 'x' }],
    })
  })

  test('values with colons, tabs and text beyond ASCII stay as they are', () => {
    expect(parseSdp(body('a=info:\ta:b ü')).attributes).toEqual([{ name: 'info', value: '\ta:b ü' }])
  })

  test('a port count and a multicast TTL are read over, formats that are no RTP ones are words', () => {
    const [section] = parseSdp(body('m=application 4000/2 UDP/BFCP *', 'c=IN IP4 224.2.1.1/127/3')).media
    expect(section).toMatchObject({ port: 4000, formats: ['*'], connection: { address: '224.2.1.1' } })
  })

  test('exactly as much as the limits allow', () => {
    expect(parseSdp(body(...many(limits.media, audio))).media).toHaveLength(limits.media)
    const full = body(audio, ...many(limits.linesPerSection - 1, 'a=x'))
    expect(parseSdp(full).media[0]?.attributes).toHaveLength(limits.linesPerSection - 1)
    expect(parseSdp(body(`a=${'x'.repeat(limits.line - 2)}`.replace('x'.repeat(9), 'x:'))).attributes).toHaveLength(1)
  })
})

describe('what the reader refuses', () => {
  test.each([
    ['nothing', ''],
    ['no version', body(audio).replace('v=0\r\n', '')],
    ['another version', body(audio).replace('v=0', 'v=1')],
    ['two versions', body('v=0', audio)],
    ['no origin', body(audio).replace(/o=.*\r\n/, '')],
    ['two origins', body('o=- 1 1 IN IP4 192.0.2.1', 'o=- 1 1 IN IP4 192.0.2.1')],
    ['an origin in a section', `${body(audio)}o=- 1 1 IN IP4 192.0.2.1\r\n`],
    ['an origin of five words', body('o=- 1 1 IN 192.0.2.1')],
    ['a version that is no number', body('o=- 1 x IN IP4 192.0.2.1')],
    ['a blank line inside', body(audio, '', 'a=sendrecv')],
    ['a line without =', body(audio, 'hello')],
    ['a lone CR', body(audio, 'a=x\ra=crypto:1')],
    ['a control character', body(audio, 'a=x:\u0007')],
    ['NUL in a value', body(audio, 'a=x:\u0000')],
    ['a 200-character media type', body(`m=${'A'.repeat(200)} 4000 RTP/AVP 0`)],
    ['a 200-character profile', body(`m=audio 4000 ${'A'.repeat(200)} 0`)],
    ['an m= line without formats', body('m=audio 4000 RTP/AVP')],
    ['a port of 65536', body('m=audio 65536 RTP/AVP 0')],
    ['a negative port', body('m=audio -1 RTP/AVP 0')],
    ['payload type 128', body('m=audio 4000 RTP/AVP 128')],
    ['payload type 00', body('m=audio 4000 RTP/AVP 00')],
    ['a payload type that is a word', body('m=audio 4000 UDP/TLS/RTP/SAVPF opus')],
    ['another network', body('c=ATM NSAP 1', audio)],
    ['an address of five octets', body('c=IN IP4 1.2.3.4.5:6', audio)],
    ['an IPv6 address under IP4', body('c=IN IP4 2001:db8::1', audio)],
    ['c= with a word too many', body('c=IN IP4 192.0.2.1 x', audio)],
    ['an attribute without name', body(audio, 'a=:x')],
    ['a line too long', body(audio, `a=x:${'y'.repeat(limits.line)}`)],
    ['21 sections', body(...many(limits.media + 1, audio))],
    ['201 lines in a section', body(audio, ...many(limits.linesPerSection, 'a=x'))],
    ['65 formats', body(`m=audio 4000 RTP/AVP ${many(65, '0').join(' ')}`)],
    ['more than 64 kB', body(...many(100, `a=x:${'y'.repeat(700)}`))],
  ])('%s', (_, text) => {
    expect(() => parseSdp(text)).toThrow(SdpError)
    expect(() => parseSdp(text)).toThrow(expect.objectContaining({ code: 'sdp/malformed', sipStatus: 400 }))
  })

  test.each([
    'es2018-02-sdp-fmtp-nul.sdp',
    'es2018-03-sdp-fmt-4294967296.sdp',
    'es2020-03-sdp-media-type-200.sdp',
    'es2020-04-sdp-c-line-2000.sdp',
  ])('%s, which broke another stack', (name) => {
    expect(() => parseSdp(attackBody(name))).toThrow(expect.objectContaining({ code: 'sdp/malformed' }))
  })

  test('the longest lines of one character are refused or read at once', () => {
    const started = performance.now()
    for (const character of ['a', '0', ' ', ':', '.', '/', '-', '|', '=', ';', '\t']) {
      const long = character.repeat(limits.line - 40)
      for (const line of [`c=IN IP4 ${long}!`, `c=IN IP6 ${long}`, `m=audio 4000 RTP/AVP ${long}!`, `a=${long}!`]) {
        negotiateOffer(body(audio, line), { ...terms, policy: 'off' })
      }
      for (const name of ['crypto', 'rtpmap', 'fmtp', 'fingerprint', 'rtcp', 'ptime', 'ice-ufrag', 'setup', 'group']) {
        const lines = [`a=${name}:${long}!`, `a=${name}:1 ${long}!`, `a=${name}:96 x/8000${long}!`]
        negotiateOffer(body('m=audio 4000 RTP/SAVP 0 96', ...lines, ...lines), { ...terms, policy: 'off' })
      }
      parseCrypto(`1 AEAD_AES_128_GCM inline:${long}!`)
    }
    for (const host of ['a'.repeat(252), 'a-'.repeat(120), 'a.'.repeat(120)]) {
      expect(() => parseSdp(body(`c=IN IP4 ${host}!`))).toThrow(SdpError)
    }
    expect(performance.now() - started).toBeLessThan(5000)
  })

  test('an error never quotes the description, which may hold keys', () => {
    const key = inlineKey('AES_CM_128_HMAC_SHA1_80')
    for (const line of [`a=crypto\u0000:1 ${key}`, `m=audio x RTP/SAVP ${key}`, `c=IN IP4 ${key}`, key]) {
      try {
        parseSdp(body(line))
        expect.unreachable()
      } catch (error) {
        expect(JSON.stringify([String(error), error])).not.toContain(key.slice(7, 20))
      }
    }
  })
})

describe('what the printer writes', () => {
  test('CRLF at every line, the same text for the same description', () => {
    const text = printSdp(parseSdp(chromiumOffer))
    expect(text.split('\r\n').every((line) => !/[\r\n]/.test(line))).toBe(true)
    expect(text.endsWith('\r\n')).toBe(true)
    expect(printSdp(parseSdp(text))).toBe(text)
  })

  test('no value can break out of its line', () => {
    const description = parseSdp(body(audio))
    for (const value of ['x\r\na=crypto:1', 'x\ny', 'x\0']) {
      expect(() => printSdp({ ...description, attributes: [{ name: 'x', value }] })).toThrow(SdpError)
      expect(() => printSdp({ ...description, sessionName: value })).toThrow(SdpError)
    }
  })

  test.each(samples)('sdp-transform reads the printed $file as it reads the original', ({ text }) => {
    const [original, printed] = [secondOpinion(text), secondOpinion(printSdp(parseSdp(text)))]
    expect(printed.origin).toEqual(original.origin)
    expect(printed.media).toHaveLength(original.media.length)
    original.media.forEach((section, at) => {
      const { type, port, protocol, payloads, connection, rtp, fmtp, crypto, fingerprint, direction } = section
      const known = { type, port, protocol, payloads, connection, rtp, fmtp, crypto, fingerprint, direction }
      expect(printed.media[at]).toMatchObject(JSON.parse(JSON.stringify(known)))
    })
  })
})
