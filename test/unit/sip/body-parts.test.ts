import { expect, it } from 'vitest'
import { bodyParts } from '../../../electron/sip/message/body-parts.ts'

const body = [
  'preamble',
  '--b1',
  'Content-Type: application/sdp',
  '',
  'v=0',
  's=-',
  '--b1',
  'content-type : text/plain; charset=utf-8',
  'Content-ID: <x>',
  '',
  'hello',
  '--b1--',
  'epilogue',
].join('\r\n')

it.each(['multipart/mixed;boundary=b1', 'multipart/mixed; boundary="b1"'])(
  '%s is taken apart (RFC 2046 5.1)',
  (type) => {
    expect(bodyParts(type, body)).toEqual([
      { contentType: 'application/sdp', content: 'v=0\r\ns=-' },
      { contentType: 'text/plain; charset=utf-8', content: 'hello' },
    ])
  },
)

it.each([
  ['no boundary', 'multipart/mixed', body],
  ['a boundary that never comes', 'multipart/mixed;boundary=zz', body],
  ['line ends that are none', 'multipart/mixed;boundary=b1', body.replaceAll('\r\n', '\n')],
])('%s gives no part', (_name, type, text) => expect(bodyParts(type, text)).toEqual([]))
