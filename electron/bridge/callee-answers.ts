import { SdpError } from '../sdp/sdp-error.ts'
import type { SipResponse } from '../sip/types.ts'
import type { MediaSide } from './media-side.ts'

type Answer = Pick<SipResponse, 'body' | 'toTag'>

/**
 * What the responses to one INVITE say about media. A 183 is no more than a look at what the 2xx will say (RFC 3261
 * §13.2.1), and of a fork it is one of several. One with a key that was not offered opens no media (RFC 4568 §5.1.3), and
 * is not the end of the call.
 */
export class CalleeAnswers {
  readonly #media: MediaSide
  /** To tags of the early dialogs. */
  readonly #tags = new Set<string>()
  /** Why the early answer of a dialog was not taken; it may say better in its 2xx. */
  readonly #refused = new Map<string, SdpError>()
  #accepted: Answer = {}
  /** Early dialogs with an exchange after the answer: what responses still say of media there is old (RFC 3261 §13.2.1). */
  readonly #settled = new Set<string>()

  constructor(media: MediaSide) {
    this.#media = media
  }

  get isForked(): boolean {
    return this.#tags.size > 1
  }

  /** The callee has offered something else since, and we have answered. */
  settled(toTag: string): void {
    this.#settled.add(toTag)
  }

  /** A provisional response. */
  heard({ toTag = '' }: Answer): void {
    this.#tags.add(toTag)
  }

  /** Reads the answer of a 183. @returns whether it may be connected */
  takeEarly({ body, toTag = '' }: Answer): boolean {
    if (body === undefined || this.#settled.has(toTag)) return false
    try {
      this.#media.takeAnswer(body, toTag)
      this.#refused.delete(toTag)
      return true
    } catch (error) {
      if (!(error instanceof SdpError)) throw error
      this.#refused.set(toTag, error)
      return false
    }
  }

  accepted(response: Answer): void {
    this.heard(response)
    this.#accepted = response
  }

  /** Reads the answer of the 2xx; without SDP it confirms the one of the 183 before it (RFC 3261 §13.2.1). @throws SdpError */
  takeAccepted(): void {
    const { toTag = '' } = this.#accepted
    const body = this.#settled.has(toTag) ? undefined : this.#accepted.body
    if (body !== undefined) this.#media.takeAnswer(body, toTag)
    const refused = body === undefined ? this.#refused.get(toTag) : undefined
    if (refused) throw refused
    this.#media.confirm(toTag)
  }
}
