import type { KedgeError } from '../../shared/errors.ts'
import type { Clock } from './clock.ts'
import { randomToken } from './message/random.ts'
import type { RawMessage } from './message/raw-message.ts'
import { refusalText } from './message/refusal.ts'
import type { MessageFate } from './message-counts.ts'
import { createReliability, type Reliability } from './reliability/reliability.ts'
import { checkMessage } from './transport/front-check.ts'
import { createTokenBucket } from './transport/token-bucket.ts'
import { isReliable, type SipTransport } from './transport/transport.ts'

export interface Flow {
  send(message: string): Promise<void>
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

/** A transport with the front check before it, and over UDP the timers that SIP.js leaves out. */
export function openFlow(transport: SipTransport, clock: Clock, on: FlowListener): Flow {
  const transmit = (message: string) => transport.send(message)
  const reliability: Reliability | undefined = isReliable(transport.kind)
    ? undefined
    : createReliability({ clock, transmit })
  const isWithinLimits = limits(transport, clock)

  transport.onMessage = (bytes) => {
    if (!isWithinLimits('message')) {
      on.onDropped('too many messages', 'throttled')
      return
    }
    const checked = checkMessage(bytes)
    if (checked.kind === 'ok') take(checked.message)
    else if (checked.kind === 'discard') on.onDropped(checked.reason, 'discarded')
    else {
      on.onDropped(checked.reason, 'refused')
      const text = refusalText(checked.message, checked.status, checked.reason, randomToken())
      transmit(text).catch((error: unknown) => on.onDropped(`refusal not sent: ${String(error)}`, 'discarded'))
    }
  }

  function take(message: RawMessage): void {
    if (reliability && !reliability.receive(message)) return
    if (message.start.kind === 'request' && !isWithinLimits('request')) {
      on.onDropped('too many requests', 'throttled')
      return
    }
    on.onMessage(message)
  }

  transport.onClose = (error) => {
    reliability?.close()
    on.onClose(error)
  }
  return {
    send: (message) => (reliability ? reliability.send(message) : transmit(message)),
    release() {
      reliability?.close()
      transport.onMessage = undefined
      transport.onClose = undefined
    },
  }
}

/** The window is part of this program, and its user is the one who would be kept waiting. */
function limits(transport: SipTransport, clock: Clock): (what: 'message' | 'request') => boolean {
  if (transport.kind === 'local') return () => true
  const now = () => clock.now()
  const buckets = { message: createTokenBucket(messageLimit, now), request: createTokenBucket(requestLimit, now) }
  return (what) => buckets[what].take()
}
