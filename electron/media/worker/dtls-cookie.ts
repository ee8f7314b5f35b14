import { randomBytes, timingSafeEqual } from 'node:crypto'
import { handshakeType, type WholeMessage } from './dtls-messages.ts'

const COOKIE_BYTES = 20
/** In a hello: version and random, then the session's id, then the cookie, each of these after its length. */
const SESSION_ID_AT = 2 + 32

/**
 * The cookie that a client has to bring back before anything is done for it (RFC 6347 §4.2.1): what somebody says under
 * another's address changes nothing, since the answer goes to that address. One for all hellos, because the peer takes the
 * first that comes, whoever asked for it.
 */
export class DtlsCookie {
  readonly bytes = randomBytes(COOKIE_BYTES)
  /** HelloVerifyRequest that asks for it. */
  readonly request: WholeMessage = {
    type: handshakeType.helloVerifyRequest,
    seq: 0,
    body: Buffer.concat([Buffer.from([0xfe, 0xfd, COOKIE_BYTES]), this.bytes]),
  }

  /** @param hello - body of a well-formed ClientHello */
  isIn(hello: Buffer): boolean {
    const { at, end } = cookiePlace(hello)
    return end - at === COOKIE_BYTES && timingSafeEqual(hello.subarray(at, end), this.bytes)
  }
}

/**
 * The same hello as its sender said it first.
 * @param hello - body of a well-formed ClientHello
 */
export function withoutCookie(hello: Buffer): Buffer {
  const { at, end } = cookiePlace(hello)
  return Buffer.concat([hello.subarray(0, at - 1), Buffer.alloc(1), hello.subarray(end)])
}

function cookiePlace(hello: Buffer): { readonly at: number; readonly end: number } {
  const lengthAt = SESSION_ID_AT + 1 + hello.readUInt8(SESSION_ID_AT)
  const at = lengthAt + 1
  return { at, end: at + hello.readUInt8(lengthAt) }
}
