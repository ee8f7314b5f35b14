import type { KedgeError } from '../../shared/errors.ts'
import type { Clock } from './clock.ts'
import { randomToken } from './message/random.ts'
import type { RawMessage } from './message/raw-message.ts'
import { refusalText } from './message/refusal.ts'
import { createReliability, type Reliability } from './reliability/reliability.ts'
import { checkMessage } from './transport/front-check.ts'
import { isReliable, type SipTransport } from './transport/transport.ts'

export interface Flow {
  send(message: string): Promise<void>
  /** Stops listening and repeating; the transport stays open. */
  release(): void
}

interface FlowListener {
  onMessage(message: RawMessage): void
  onClose(error: KedgeError | undefined): void
  onDropped(reason: string): void
}

/** A transport with the front check before it, and over UDP the timers that SIP.js leaves out. */
export function openFlow(transport: SipTransport, clock: Clock, on: FlowListener): Flow {
  const transmit = (message: string) => transport.send(message)
  const reliability: Reliability | undefined = isReliable(transport.kind)
    ? undefined
    : createReliability({ clock, transmit })

  transport.onMessage = (bytes) => {
    const checked = checkMessage(bytes)
    if (checked.kind === 'ok') {
      if (!reliability || reliability.receive(checked.message)) on.onMessage(checked.message)
      return
    }
    on.onDropped(checked.reason)
    if (checked.kind === 'discard') return
    const text = refusalText(checked.message, checked.status, checked.reason, randomToken())
    transmit(text).catch((error: unknown) => on.onDropped(`refusal not sent: ${String(error)}`))
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
