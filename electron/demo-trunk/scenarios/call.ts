import type { Clock } from '../../sip/clock.ts'
import type { MediaSession } from '../media/media-session.ts'

/** The frequency of everything that the demo trunk plays. */
export const toneHz = 440

/** A call as its scenario sees it. Each step does nothing once the call has ended or has passed that step. */
export interface SignallingCall {
  /** 180 */
  ring(): void
  /** @param status - 400..699 */
  reject(status: number): void
  /** 200 with this body, whatever it is; the call ends with the caller's BYE. */
  accept(body: string): void
  /** Does something later, unless the call ends before. */
  after(delayMs: number, action: () => void): void
}

export interface MediaCall extends SignallingCall {
  readonly session: MediaSession
  readonly clock: Clock
  /** 183 with SDP: the caller hears us before the answer. */
  earlyMedia(): void
  /** 200 */
  answer(): void
  /** BYE */
  hangUp(): void
  /** A re-INVITE with a new key of ours; what is sent is protected by it once the other side has agreed. */
  changeKey(): void
  /** Closes the connection under the call without a word. */
  cutConnection(): void
  /** Runs when the call has ended; stops what plays. */
  onEnd(action: () => void): void
}

export type SignallingScenario = (call: SignallingCall) => void
export type MediaScenario = (call: MediaCall) => void
