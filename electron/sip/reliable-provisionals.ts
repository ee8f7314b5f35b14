import { randomInt } from 'node:crypto'
import type { IncomingRequestMessage } from 'sip.js/lib/core/index.js'
import type { EndpointContext } from './context.ts'
import { sdpOf } from './response.ts'
import { sdpBody } from './response-parts.ts'
import { type InviteServer, RequestServer } from './sipjs-core.ts'

/** The 1xx of one INVITE that the caller acknowledges (RFC 3262 §3). */
export interface ReliableProvisionals {
  /** Sends it when those before it have been acknowledged. */
  send(status: number, sdp?: string): void
  /** Answers a PRACK: 200 for the one that waits, 481 for any other. */
  receivePrack(message: IncomingRequestMessage): void
  /** Calls `next` as soon as a 2xx may be sent: at once unless a session description waits for its PRACK (§3). */
  beforeAccept(next: () => void): void
  /** Sends nothing more; PRACKs are still answered. */
  stop(): void
}

interface Provisional {
  readonly status: number
  readonly sdp: string | undefined
}

const firstRepeatMs = 500
/** 64*T1: without a PRACK by then the INVITE is refused. */
const prackMs = 64 * firstRepeatMs

/** @param onUnacknowledged - no PRACK came: the INVITE is to be refused with 504 */
export function createReliableProvisionals(
  ctx: EndpointContext,
  server: InviteServer,
  onUnacknowledged: () => void,
): ReliableProvisionals {
  const queue: Provisional[] = []
  let rseq = randomInt(1, 2 ** 31 - 1)
  let waiting: (Provisional & { readonly rseq: number }) | undefined
  let stopTimers: () => void = () => undefined
  let whenAcknowledged: (() => void) | undefined

  function sendNext(): void {
    const next = queue.shift()
    if (!next) return
    waiting = { ...next, rseq }
    const { message } = server.progress({
      statusCode: next.status,
      extraHeaders: ['Require: 100rel', `RSeq: ${rseq}`],
      ...(next.sdp === undefined ? {} : { body: sdpBody(next.sdp) }),
    })
    rseq += 1
    repeat(message)
  }

  /** Over every transport: a proxy on the way may have lost it (RFC 3262 §3). */
  function repeat(message: string): void {
    const giveUp = ctx.clock.after(prackMs, () => {
      stop()
      onUnacknowledged()
    })
    let stopRepeat: () => void = () => undefined
    const again = (delayMs: number) => {
      stopRepeat = ctx.clock.after(delayMs, () => {
        // One that cannot be sent is as good as lost: the next one follows.
        ctx.core.transport.send(message).catch(() => undefined)
        again(2 * delayMs)
      })
    }
    again(firstRepeatMs)
    stopTimers = () => {
      giveUp()
      stopRepeat()
    }
  }

  function stop(): void {
    stopTimers()
    queue.length = 0
    whenAcknowledged = undefined
  }

  return {
    send(status, sdp) {
      queue.push({ status, sdp })
      if (!waiting) sendNext()
    },
    receivePrack(message) {
      const answer = new RequestServer(ctx.core, message)
      const [, number, cseq, method] = message.getHeader('rack')?.match(/^(\d{1,10})\s+(\d{1,10})\s+(\S+)$/) ?? []
      const isThis =
        waiting && Number(number) === waiting.rseq && Number(cseq) === server.message.cseq && method === 'INVITE'
      if (!isThis) {
        answer.answer({ statusCode: 481 })
        return
      }
      stopTimers()
      waiting = undefined
      // RFC 3262 §5: an offer there wants its answer in the 2xx. 488 says truly that nothing was agreed; the offer may come
      // again as UPDATE.
      answer.answer({ statusCode: sdpOf(message) === undefined ? 200 : 488 })
      if (whenAcknowledged) whenAcknowledged()
      else sendNext()
    },
    beforeAccept(next) {
      queue.length = 0
      if (waiting?.sdp === undefined) next()
      else whenAcknowledged = next
    },
    stop,
  }
}
