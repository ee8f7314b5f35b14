import { randomBytes, randomInt } from 'node:crypto'
import type { SipRemote } from '../media/protocol.ts'
import type { SrtpEngine } from '../media/srtp/types.ts'
import { newCrypto } from '../sdp/crypto-attribute.ts'
import type { CodecKind, Refusal } from '../sdp/types.ts'
import type { Clock } from '../sip/clock.ts'
import { createMediaSession, type MediaSession } from './media/media-session.ts'
import { openPortPair } from './media/port-pair.ts'
import { type Agreement, answerOffer, type LocalEnd, makeOffer, type Protection, readAnswer } from './negotiation.ts'

/** The media of one call together with its offers and answers. */
export interface CallMedia {
  readonly session: MediaSession
  /** Answers an offer, the first or a later one; what was agreed on before stays in force when it is refused. */
  answer(offer: string): { readonly kind: 'answer'; readonly sdp: string } | Refusal
  /** Makes the offer of a call that the trunk places. */
  offer(): string
  /** Offers what is in force once more, with a new key of ours. */
  reoffer(): string
  /** Takes the answer to `offer()` or `reoffer()`. */
  accept(answer: string): { readonly kind: 'agreed' } | Refusal
  close(): Promise<void>
}

export interface CallMediaParts {
  readonly engine: SrtpEngine
  readonly clock: Clock
  /** Local IPv4 address that media is bound to. */
  readonly address: string
  readonly protection: Protection
  readonly codecs: readonly CodecKind[]
  /** Protects what is sent with another key than the one that the answer names. */
  readonly wrongKey?: boolean
}

/** @throws KedgeError `net/unreachable` when no UDP ports are free */
export async function openCallMedia({
  engine,
  clock,
  address,
  protection,
  codecs,
  wrongKey = false,
}: CallMediaParts): Promise<CallMedia> {
  const session = createMediaSession({
    engine,
    clock,
    ports: await openPortPair(address),
    start: { ssrc: randomInt(2 ** 32), seq: randomInt(2 ** 15), timestamp: randomInt(2 ** 32) },
    cname: randomBytes(12).toString('base64url'),
    random: Math.random,
  })
  const sessionId = String(randomInt(2 ** 47))
  let sessionVersion = 1
  let current: Agreement | undefined
  /** Our description that the peer has. */
  let sent: string | undefined

  function localEnd(): LocalEnd {
    return {
      origin: { sessionId, sessionVersion: String(sessionVersion) },
      address,
      rtpPort: session.rtpPort,
      rtcpPort: session.rtcpPort,
      protection,
      newCrypto: (tag, suite) => newCrypto(tag, suite, randomBytes),
      ...(current && { current }),
    }
  }

  function takeEffect(agreement: Agreement): void {
    current = agreement
    session.connect(wrongKey ? withAnotherKey(agreement.remote) : agreement.remote)
  }

  /** The version of `o=` goes up by one when anything else changes, and stays otherwise (RFC 3264 §8). */
  function answerVersioned(offer: string) {
    const outcome = answerOffer(offer, codecs, localEnd())
    if (outcome.kind === 'refused' || sent === undefined || outcome.sdp === sent) return outcome
    sessionVersion++
    return answerOffer(offer, codecs, localEnd())
  }

  return {
    session,
    answer(offer) {
      const outcome = answerVersioned(offer)
      if (outcome.kind === 'refused') return outcome
      sent = outcome.sdp
      takeEffect(outcome.agreement)
      return { kind: 'answer', sdp: outcome.sdp }
    },
    offer() {
      sent = makeOffer(localEnd()).sdp
      return sent
    },
    reoffer() {
      sessionVersion++
      sent = makeOffer(localEnd()).sdp
      return sent
    },
    accept(answer) {
      const outcome = readAnswer(sent ?? '', answer, protection)
      if (outcome.kind === 'refused') return outcome
      takeEffect(outcome.agreement)
      return { kind: 'agreed' }
    },
    close: () => session.close(),
  }
}

function withAnotherKey(remote: SipRemote): SipRemote {
  const { srtp } = remote
  return srtp ? { ...remote, srtp: { ...srtp, send: newCrypto(1, srtp.send.suite, randomBytes) } } : remote
}
