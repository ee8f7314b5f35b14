import type { KedgeError } from '../../shared/errors.ts'
import type { Clock } from './clock.ts'
import { randomToken } from './message/random.ts'
import type { RawMessage } from './message/raw-message.ts'
import { refusalText } from './message/refusal.ts'
import type { MessageFate } from './message-counts.ts'
import { createReliability, type Reliability } from './reliability/reliability.ts'
import { createStreamDetour } from './stream-detour.ts'
import { checkMessage, grammarBytes } from './transport/front-check.ts'
import { createTokenBucket } from './transport/token-bucket.ts'
import { isReliable, type SipTransport } from './transport/transport.ts'

export interface Flow {
  send(message: string): Promise<void>
  /** A request that was passed on is dropped in silence. */
  forget(request: RawMessage): void
  /** Stops listening and repeating; the transport stays open. */
  release(): void
}

interface FlowListener {
  onMessage(message: RawMessage): void
  onClose(error: KedgeError | undefined): void
  onDropped(reason: string, fate: MessageFate): void
}

/** Messages of any kind that are looked at: the check of one costs some 20 µs. */
const messageLimit = { ratePerS: 2_000, burst: 4_000 }
/** Requests that reach the grammar, which needs some 0.5 ms for each. */
const requestLimit = { ratePerS: 200, burst: 400 }
/** Characters that reach it in requests, and as many in responses: it needs 2 to 4 µs for each. A call has some 700 a message. */
const grammarLimit = { ratePerS: 120_000, burst: 300_000 }

/** A transport with the front check before it, and over UDP the timers that SIP.js leaves out. */
export function openFlow(transport: SipTransport, clock: Clock, on: FlowListener): Flow {
  const transmit = (message: string) => transport.send(message)
  const reliability: Reliability | undefined = isReliable(transport.kind)
    ? undefined
    : createReliability({ clock, transmit })
  const isWithinLimits = limits(transport, clock)

  /** @param take - what becomes of a message that is one */
  const checked = (take: (message: RawMessage) => void) => (bytes: Uint8Array) => {
    if (!isWithinLimits('message')) {
      on.onDropped('too many messages', 'throttled')
      return
    }
    const found = checkMessage(bytes)
    if (found.kind === 'ok') take(found.message)
    else if (found.kind === 'discard') on.onDropped(found.reason, 'discarded')
    else {
      on.onDropped(found.reason, 'refused')
      const text = refusalText(found.message, found.status, found.reason, randomToken())
      transmit(text).catch((error: unknown) => on.onDropped(`refusal not sent: ${String(error)}`, 'discarded'))
    }
  }

  function pass(message: RawMessage): void {
    const { kind } = message.start
    if (!isWithinLimits(kind, message)) {
      if (kind === 'request') reliability?.forget(message)
      on.onDropped(`too many ${kind}s`, 'throttled')
      return
    }
    on.onMessage(message)
  }

  const sendOnFlow = (message: string) => (reliability ? reliability.send(message) : transmit(message))
  const { openStream } = transport
  const detour = openStream && createStreamDetour({ clock, openStream, fallBack: sendOnFlow, onMessage: checked(pass) })

  transport.onMessage = checked((message) => {
    if (!reliability || reliability.receive(message)) pass(message)
  })
  transport.onClose = (error) => {
    detour?.close()
    reliability?.close()
    on.onClose(error)
  }
  return {
    send: (message) => detour?.send(message) ?? sendOnFlow(message),
    forget: (request) => reliability?.forget(request),
    release() {
      detour?.close()
      reliability?.close()
      transport.onMessage = undefined
      transport.onClose = undefined
    },
  }
}

/** The window is part of this program, and its user is the one who would be kept waiting. */
function limits(
  transport: SipTransport,
  clock: Clock,
): (what: 'message' | 'request' | 'response', read?: RawMessage) => boolean {
  if (transport.kind === 'local') return () => true
  const bucket = (limit: typeof messageLimit) => createTokenBucket(limit, () => clock.now())
  const messages = bucket(messageLimit)
  const requests = bucket(requestLimit)
  const grammar = { request: bucket(grammarLimit), response: bucket(grammarLimit) }
  return (what, read) => {
    if (what === 'message' || !read) return messages.take()
    return (what === 'response' || requests.take()) && grammar[what].take(grammarBytes(read))
  }
}
