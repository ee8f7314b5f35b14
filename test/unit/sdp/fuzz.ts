import { buildAnswer } from '../../../electron/sdp/build-answer.ts'
import { buildOffer } from '../../../electron/sdp/build-offer.ts'
import { checkAnswer } from '../../../electron/sdp/check-answer.ts'
import { bridgedCodecs } from '../../../electron/sdp/codecs.ts'
import { newCrypto } from '../../../electron/sdp/crypto-attribute.ts'
import { answerSetup } from '../../../electron/sdp/dtls-parameters.ts'
import { negotiateOffer } from '../../../electron/sdp/negotiate-offer.ts'
import { parseSdp } from '../../../electron/sdp/parse-sdp.ts'
import { printSdp } from '../../../electron/sdp/print-sdp.ts'
import { SdpError } from '../../../electron/sdp/sdp-error.ts'
import { isSecure, sdpTransportMode } from '../../../electron/sdp/transport-mode.ts'
import type { LocalMedia, OfferAccepted } from '../../../electron/sdp/types.ts'
import type { TransportMode } from '../../../shared/model/media.ts'
import { browserLocal, countingBytes, local, seededRandom, sha256, terms } from './support.ts'

export interface FuzzCount {
  readonly inputs: number
  /** How many were read at all, and how many of those were answered in each mode. */
  readonly readable: number
  readonly answered: Readonly<Record<TransportMode, number>>
}

/**
 * Mutates the seeds and puts each result through everything that reads a peer's SDP. Throws, with the input, at the first
 * one that breaks a promise: an error that is no SdpError, a secure offer answered in clear, an SAVP offer of ours taken
 * as anything but SRTP, a reading that printing does not preserve.
 */
export function fuzzSdp(seeds: readonly string[], inputs: number, seed: number): FuzzCount {
  const random = seededRandom(seed)
  const answered: Record<TransportMode, number> = { webrtc: 0, 'dtls-srtp': 0, srtp: 0, rtp: 0 }
  const ourOffer = buildOffer('srtp', local([newCrypto(1, 'AES_CM_128_HMAC_SHA1_80', countingBytes(200))]))
  let readable = 0
  for (let at = 0; at < inputs; at++) {
    const input = mutate(seeds, random)
    try {
      if (survives(input)) readable += 1
      const mode = answer(input)
      if (mode) answered[mode] += 1
      const settled = checkAnswer(ourOffer, input, { policy: 'off' })
      if (settled.kind === 'accepted' && settled.media.mode !== 'srtp') throw new Error('our SAVP offer became plain')
    } catch (cause) {
      throw new Error(`fuzz seed ${seed}, input ${at}: ${JSON.stringify(input)}`, { cause })
    }
  }
  return { inputs, readable, answered }
}

/** Reads, prints and reads again; true when the input was readable. */
function survives(input: string): boolean {
  try {
    const description = parseSdp(input)
    const again = parseSdp(printSdp(description))
    if (JSON.stringify(again) !== JSON.stringify(description)) throw new Error('printing changed the description')
    return true
  } catch (error) {
    if (error instanceof SdpError) return false
    throw error
  }
}

/** Negotiates as an account that allows everything, answers, and checks that the answer is what the offer was. */
function answer(input: string): TransportMode | undefined {
  const decision = negotiateOffer(input, { ...terms, policy: 'off', codecs: bridgedCodecs })
  if (decision.kind === 'refused') return undefined
  const { media, secure } = decision
  const text = buildAnswer(decision, ours(decision))
  const written = sdpTransportMode(text)
  if (written !== media.mode) throw new Error(`${media.mode} was answered as ${written}`)
  if (isSecure(sdpTransportMode(input)) !== secure || (secure && !isSecure(written))) {
    throw new Error('a secure offer was answered in clear')
  }
  return written
}

/** What a leg would bring for a decision. */
export function ours({ media, crypto, codecs, direction }: OfferAccepted): LocalMedia {
  const common = { codecs, direction }
  if (!media.dtls) return local(crypto ? [newCrypto(crypto.tag, crypto.suite, countingBytes(90))] : [], common)
  const setup = answerSetup(media.dtls.setup) ?? 'passive'
  return browserLocal({ ...common, dtls: { fingerprints: [{ algorithm: 'sha-256', value: sha256 }], setup } })
}

const fragments = [
  ...['\0', '\r', '\n', '\r\n', ' ', ':', '=', '|', '/', '-1', '4294967296', '128', '0', '٣', '\ud800', '__proto__'],
  ...[
    'a=crypto:1 ',
    'a=fingerprint:sha-256 ',
    'm=audio 9 RTP/SAVP 0\r\n',
    'm=audio 0 RTP/AVP 0\r\n',
    'c=IN IP4 0.0.0.0',
  ],
  ...[
    'RTP/SAVP',
    'RTP/AVP',
    'UDP/TLS/RTP/SAVPF',
    'inline:',
    'a=sendonly\r\n',
    'a=setup:holdconn\r\n',
    'a=rtcp-mux\r\n',
  ],
]

/** One to six edits of one seed: lines dropped, doubled, swapped or taken from another seed, characters cut or put in. */
function mutate(seeds: readonly string[], random: () => number): string {
  const below = (limit: number) => Math.floor(random() * limit)
  const pick = (list: readonly string[]) => list[below(list.length)] ?? ''
  let text = pick(seeds)
  for (let edits = 1 + below(6); edits > 0; edits--) {
    const lines = text.split('\n')
    const at = below(lines.length)
    const place = below(text.length + 1)
    switch (below(7)) {
      case 0:
        text = lines.toSpliced(at, 1).join('\n')
        break
      case 1:
        text = lines.toSpliced(at, 0, lines[at] ?? '').join('\n')
        break
      case 2:
        text = lines
          .toSpliced(at, 1)
          .toSpliced(below(lines.length), 0, lines[at] ?? '')
          .join('\n')
        break
      case 3:
        text = lines.toSpliced(at, 0, pick(pick(seeds).split('\n'))).join('\n')
        break
      case 4:
        text = text.slice(0, place) + pick(fragments) + text.slice(place)
        break
      case 5:
        text = text.slice(0, place) + text.slice(place + 1 + below(8))
        break
      default:
        text = text.slice(0, place) + String.fromCharCode(below(256)) + text.slice(place + 1)
    }
  }
  return text
}
