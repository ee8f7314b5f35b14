import { KedgeError } from '../../../shared/errors.ts'
import { defaultLimits, type MessageLimits } from './front-check.ts'

export type Frame =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  /** Double CRLF: the other side asks whether we are there (RFC 5626 §4.4.1). */
  | { readonly kind: 'ping' }
  /** Single CRLF: the answer to our own. */
  | { readonly kind: 'pong' }

export interface StreamFramer {
  /**
   * Takes the next octets of the stream, cut anywhere, and gives back what is complete.
   * @throws KedgeError `net/closed` when the stream cannot be followed any more: no start line where one has to be, a
   *   header section or message over the limit, or no readable Content-Length. The connection has to be closed then (RFC 3261 §18.3).
   */
  push(chunk: Uint8Array): Frame[]
  /** Octets that wait for the rest of their message. */
  readonly pending: number
}

const CR = 0x0d
const LF = 0x0a

/** Octets before the blank line that one message may have. */
const maxHeaderSection = 32 * 1024

/**
 * Cuts a TCP or TLS stream into messages by Content-Length (RFC 3261 §18.3). Memory grows with what arrived, never
 * with what a header promises, and is bounded by the limits.
 */
export function createStreamFramer(limits: MessageLimits = defaultLimits): StreamFramer {
  let store = Buffer.alloc(4096)
  /** The octets that are not yet given out: `store[start..end)`. Growing by doubling keeps one-octet chunks cheap. */
  let start = 0
  let end = 0
  /** Length of the message at `start`, once its header section is complete. */
  let needed: number | undefined
  /** Where the search for the blank line goes on, so that octets are looked at once. */
  let searched = 0
  /** The last frame was a single CRLF. */
  let halfPing = false

  function append(chunk: Uint8Array): void {
    if (end + chunk.length > store.length) {
      const waiting = store.subarray(start, end)
      const larger = waiting.length + chunk.length > store.length ? 2 * (waiting.length + chunk.length) : store.length
      const target = larger > store.length ? Buffer.alloc(larger) : store
      waiting.copy(target)
      store = target
      end = waiting.length
      start = 0
    }
    store.set(chunk, end)
    end += chunk.length
  }

  function take(length: number): Uint8Array {
    const taken = Uint8Array.prototype.slice.call(store, start, start + length)
    start += length
    searched = 0
    needed = undefined
    return taken
  }

  function nextFrame(): Frame | undefined {
    if (start === end) return undefined
    if (needed === undefined && store[start] === CR) return keepAlive()
    needed ??= messageLength(store.subarray(start, end))
    if (needed === undefined || end - start < needed) return undefined
    halfPing = false
    return { kind: 'message', bytes: take(needed) }
  }

  /**
   * A ping that is cut in two looks like a pong at first: what was told as one becomes a ping when its other half
   * follows. Answering two pongs in a row as if they were a ping does no harm.
   */
  function keepAlive(): Frame | undefined {
    const [, second, third, fourth] = store.subarray(start, Math.min(end, start + 4))
    if (second === undefined) return undefined
    if (second !== LF) throw new KedgeError('net/closed', 'the stream carries something that is not SIP')
    // A CR after a CRLF may be the beginning of another.
    if (third === CR && fourth === undefined) return undefined
    const whole = third === CR && fourth === LF
    const isPing = whole || halfPing
    take(whole ? 4 : 2)
    halfPing = !isPing
    return { kind: isPing ? 'ping' : 'pong' }
  }

  function messageLength(waiting: Buffer): number | undefined {
    const headerEnd = waiting.indexOf('\r\n\r\n', Math.max(0, searched - 3))
    searched = waiting.length
    if ((headerEnd === -1 ? waiting.length : headerEnd) > maxHeaderSection) {
      throw new KedgeError('net/closed', 'a header section on the stream is too long')
    }
    if (headerEnd === -1) return undefined
    if (!startsMessage(waiting)) throw new KedgeError('net/closed', 'the stream carries something that is not SIP')
    const total = headerEnd + 4 + contentLength(waiting.toString('latin1', 0, headerEnd + 2))
    if (total > limits.messageBytes) throw new KedgeError('net/closed', 'a message on the stream is too long')
    return total
  }

  return {
    push(chunk) {
      append(chunk)
      const frames: Frame[] = []
      for (let frame = nextFrame(); frame; frame = nextFrame()) frames.push(frame)
      return frames
    },
    get pending() {
      return end - start
    },
  }
}

/**
 * Whether the first line could be one of SIP, right or wrong. What cannot is the rest of a message whose
 * Content-Length was too small, and everything after it would be read at the wrong place.
 */
function startsMessage(waiting: Buffer): boolean {
  const line = waiting.toString('latin1', 0, waiting.indexOf('\r\n'))
  return /^(?:SIP\/[^\n]*|[^\n]*SIP\/\d\.\d\s*)$/i.test(line)
}

/** Mandatory on streams (RFC 3261 §20.14); two that differ would let two readers see two different messages. */
function contentLength(headers: string): number {
  const unfolded = headers.replace(/\r\n[ \t]+/g, ' ')
  const values = [...unfolded.matchAll(/(?<=\r\n)(?:content-length|l)[ \t]*:([^\n]*)/gi)].map((match) =>
    match[1]?.trim(),
  )
  const [value] = values
  if (value === undefined || !/^\d{1,7}$/.test(value) || values.some((other) => other !== value)) {
    throw new KedgeError('net/closed', 'a message on the stream has no readable Content-Length')
  }
  return Number(value)
}
