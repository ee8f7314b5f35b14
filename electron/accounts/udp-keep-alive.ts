import type { Clock } from '../sip/clock.ts'
import type { FinalResponse } from '../sip/response.ts'
import type { TransportAddress } from '../sip/transport/transport.ts'
import { seenFrom } from './registrar-word.ts'

/** Keeps a UDP flow open through NATs, and finds out when it is not, for servers without RFC 5626. */
export interface UdpKeepAlive {
  /** Begins anew: the flow has just been proven. */
  start(): void
  stop(): void
}

export interface UdpKeepAliveDeps {
  readonly clock: Clock
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number
  /** Sends OPTIONS. */
  readonly ping: () => Promise<FinalResponse>
  /** No answer came for as long as a living server would need. */
  readonly onSilent: () => void
  /** Where the server saw us. */
  readonly onSeenFrom: (address: TransportAddress) => void
}

/** RFC 5626 §4.4 gives 24 to 29 s for UDP: NATs forget after 30. */
const leastMs = 24_000
const spreadMs = 5_000
/** By then an OPTIONS has been sent five times. */
const answerMs = 8_000

export function createUdpKeepAlive({ clock, random, ping, onSilent, onSeenFrom }: UdpKeepAliveDeps): UdpKeepAlive {
  let stopTimer: () => void = () => undefined
  /** Counts starts and stops, so that a late answer to a ping before them changes nothing. */
  let round = 0

  function next(): void {
    stopTimer = clock.after(leastMs + Math.round(spreadMs * random()), () => void send())
  }

  async function send(): Promise<void> {
    const mine = round
    stopTimer = clock.after(answerMs, () => {
      round += 1
      onSilent()
    })
    const response = await ping()
    if (mine !== round) return
    stopTimer()
    if (response.local) {
      onSilent()
      return
    }
    next()
    const address = seenFrom(response)
    if (address) onSeenFrom(address)
  }

  function stop(): void {
    round += 1
    stopTimer()
  }

  return {
    start() {
      stop()
      next()
    },
    stop,
  }
}
