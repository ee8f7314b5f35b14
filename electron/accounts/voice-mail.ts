import type { WaitingMessages } from '../../shared/model/account.ts'
import type { Clock } from '../sip/clock.ts'
import type { KedgeEndpoint } from '../sip/endpoint.ts'
import type { InboundRequest, Reply } from '../sip/endpoint-config.ts'
import type { Subscription } from '../sip/subscription.ts'
import { messageSummary, parseMessageSummary } from './message-summary.ts'

/** What is known of one account's voice mail (RFC 3842): asked for, and taken when it comes unasked. */
export interface VoiceMail {
  readonly messages: WaitingMessages | undefined
  /** The account is online at this endpoint, for the first time or from another flow. */
  online(endpoint: KedgeEndpoint): void
  /** A NOTIFY outside any dialog: many servers send it to whoever is registered. */
  receive(request: InboundRequest): Reply
  /** Ends the subscription. */
  close(): Promise<void>
}

const expiresS = 3_600
/** After an end that may pass, and no word on when to come back, s. */
const againS = 300

/** After an end that asks for a new beginning; whatever a server says, it is not asked sooner, s. */
const soonS = 1

/** Reasons after which a new subscription would end as the old one did (RFC 6665 §4.1.3). */
const finalReasons = new Set(['rejected', 'noresource', 'invariant'])

/** @param target - `sip:USER@DOMAIN`, whose mailbox it is */
export function createVoiceMail(target: string, clock: Clock, onChange: () => void): VoiceMail {
  let messages: WaitingMessages | undefined
  let subscription: Subscription | undefined
  let known: KedgeEndpoint | undefined
  /** The server has no such thing. */
  let refused = false
  let closed = false
  let stopWaiting: () => void = () => undefined

  function take(body: string): boolean {
    const told = parseMessageSummary(body)
    if (!told) return false
    messages = told
    onChange()
    return true
  }

  function ask(endpoint: KedgeEndpoint): void {
    stopWaiting()
    subscription = endpoint.subscribe(
      { target, ...messageSummary, expiresS },
      {
        onNotify: take,
        onEnded({ status, reason, retryAfterS }) {
          subscription = undefined
          // 481: the server has forgotten it, as after a restart. Timeouts and overload pass.
          const passes =
            status === undefined ? !finalReasons.has(reason ?? '') : status === 481 || status === 408 || status >= 500
          refused = !passes
          const beginsAnew = status === 481 || reason === 'deactivated' || reason === 'timeout'
          const inS = Math.max(soonS, retryAfterS ?? (beginsAnew ? soonS : againS))
          if (passes && !closed) stopWaiting = clock.after(1000 * inS, () => ask(endpoint))
        },
      },
    )
  }

  return {
    get messages() {
      return messages
    },
    online(endpoint) {
      const isNew = known !== endpoint
      known = endpoint
      if (refused || closed) return
      if (subscription && !isNew) subscription.refresh()
      else ask(endpoint)
    },
    receive: ({ header, body }) => {
      const event = header('event')?.split(';')[0]?.trim().toLowerCase()
      if (event !== messageSummary.event) return { status: 489, headers: [`Allow-Events: ${messageSummary.event}`] }
      take(body)
      return { status: 200 }
    },
    async close() {
      closed = true
      stopWaiting()
      await subscription?.end()
    },
  }
}
