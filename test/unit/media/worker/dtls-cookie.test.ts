import { expect, test } from 'vitest'
import { DtlsCookie, withoutCookie } from '../../../../electron/media/worker/dtls-cookie.ts'

/** Body of a ClientHello (RFC 6347 §4.2.1). */
function hello(sessionId: Buffer, cookie: Buffer): Buffer {
  const length = (bytes: Buffer) => Buffer.from([bytes.length])
  const [head, rest] = [Buffer.alloc(34, 7), Buffer.from([0, 2, 0xc0, 0x2b, 1, 0, 0, 0])]
  return Buffer.concat([head, length(sessionId), sessionId, length(cookie), cookie, rest])
}
const none = Buffer.alloc(0)

test.each([none, Buffer.alloc(32, 255)])(
  'a cookie is found behind a session’s id, and taken out again',
  (sessionId) => {
    const cookie = new DtlsCookie()
    expect(cookie.isIn(hello(sessionId, cookie.bytes))).toBe(true)
    expect(withoutCookie(hello(sessionId, cookie.bytes))).toEqual(hello(sessionId, none))
    expect(withoutCookie(hello(sessionId, none))).toEqual(hello(sessionId, none))
  },
)

test('no other is taken for it, nor is a part of it', () => {
  const cookie = new DtlsCookie()
  const others = [
    none,
    cookie.bytes.subarray(1),
    Buffer.concat([cookie.bytes, Buffer.alloc(1)]),
    new DtlsCookie().bytes,
  ]
  for (const other of others) expect(cookie.isIn(hello(none, other))).toBe(false)
})

test('it is asked for in a HelloVerifyRequest', () => {
  const cookie = new DtlsCookie()
  const body = Buffer.concat([Buffer.from([254, 253, 20]), cookie.bytes])
  expect(cookie.request).toEqual({ type: 3, seq: 0, body })
})
