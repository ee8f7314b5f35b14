import { readFileSync } from 'node:fs'
import { bridgedCodecs } from '../../../electron/sdp/codecs.ts'
import { negotiateOffer } from '../../../electron/sdp/negotiate-offer.ts'
import type {
  AnswerDecision,
  CryptoAttribute,
  LocalMedia,
  OfferAccepted,
  OfferDecision,
  OfferTerms,
  Refusal,
} from '../../../electron/sdp/types.ts'
import { sdesKeyFormats } from '../../../shared/model/crypto-suites.ts'
import { type CryptoSuite, cryptoSuites, type TransportMode } from '../../../shared/model/media.ts'

const fixtures = new URL('../../fixtures/sdp/', import.meta.url)

export interface Sample {
  readonly file: string
  readonly mode: TransportMode | 'refused'
  /** The index says so beside the mode: the offerer would take plain RTP too. */
  readonly opportunistic: boolean
  readonly text: string
}

const index: { file: string; mode: string }[] = JSON.parse(readFileSync(new URL('index.json', fixtures), 'utf8'))

/** The bodies of test/fixtures/sdp/samples with the mode their index gives them. */
export const samples: readonly Sample[] = index.map(({ file, mode }) => ({
  file,
  mode: mode.replace(' (opportunistic)', '') as Sample['mode'],
  opportunistic: mode.endsWith('(opportunistic)'),
  text: sample(file),
}))

export function sample(file: string): string {
  return readFileSync(new URL(`samples/${file}`, fixtures), 'utf8')
}

export const chromiumOffer = readFileSync(new URL('chromium-156-audio-offer.sdp', fixtures), 'utf8')

export function attackBody(name: string): string {
  return readFileSync(new URL(`attacks/${name}`, fixtures), 'utf8')
}

/** A leg that can do everything, over TLS, and wants encryption. */
export const terms: OfferTerms = {
  policy: 'required',
  signalling: 'tls',
  modes: ['webrtc', 'dtls-srtp', 'srtp', 'rtp'],
  suites: cryptoSuites,
  codecs: bridgedCodecs,
}

/** One body from its lines after `v=`; `c=` and a session are given unless the lines bring their own. */
export function body(...lines: string[]): string {
  const own = (start: string) => lines.some((line) => line.startsWith(start))
  return [
    'v=0',
    ...(own('o=') ? [] : ['o=- 1 1 IN IP4 203.0.113.7']),
    's=-',
    ...(own('c=') ? [] : ['c=IN IP4 203.0.113.7']),
    't=0 0',
    ...lines,
    '',
  ].join('\r\n')
}

/** Bytes that are as good as random to the code under test and the same in every run. */
export function countingBytes(start: number): (length: number) => Uint8Array {
  let next = start
  return (length) => Uint8Array.from({ length }, () => next++ & 0xff)
}

/** An `inline:` key of the suite's length; `first` tells keys apart. */
export function inlineKey(suite: CryptoSuite, first = 1): string {
  const { keyBytes, saltBytes } = sdesKeyFormats[suite]
  return `inline:${Buffer.from(countingBytes(first)(keyBytes + saltBytes)).toString('base64')}`
}

export const sha256 = Array.from({ length: 32 }, () => 'AB').join(':')

/** Our side of a SIP section; keys as given. */
export function local(crypto: readonly CryptoAttribute[] = [], more: Partial<LocalMedia> = {}): LocalMedia {
  return {
    origin: { sessionId: '7', sessionVersion: '1' },
    address: '192.0.2.1',
    rtpPort: 30_000,
    rtcpPort: 30_001,
    codecs: [{ payloadType: 0, name: 'PCMU', clockRateHz: 8000, channels: 1 }],
    direction: 'sendrecv',
    ...(crypto.length > 0 && { crypto }),
    ...more,
  }
}

/** Our side of a browser section. */
export function browserLocal(more: Partial<LocalMedia> = {}): LocalMedia {
  return local([], {
    address: '127.0.0.1',
    rtcpPort: 30_000,
    dtls: { fingerprints: [{ algorithm: 'sha-256', value: sha256 }], setup: 'passive' },
    ice: { usernameFragment: 'kedg', password: 'kedgekedgekedgekedgekedge' },
    ...more,
  })
}

export function accepted<T extends OfferDecision | AnswerDecision>(decision: T): Exclude<T, Refusal> {
  if (decision.kind === 'refused') throw new Error(`refused: ${decision.code}: ${decision.warning.text}`)
  return decision as Exclude<T, Refusal>
}

export function refused(decision: OfferDecision | AnswerDecision): Refusal {
  if (decision.kind === 'accepted') throw new Error('accepted')
  return decision
}

export function acceptOffer(offer: string, more: Partial<OfferTerms> = {}): OfferAccepted {
  return accepted(negotiateOffer(offer, { ...terms, ...more }))
}

/** The lines of a description that carry an attribute of that name, values only. */
export function values(text: string, name: string): string[] {
  return text.split('\r\n').flatMap((line) => (line.startsWith(`a=${name}:`) ? [line.slice(name.length + 3)] : []))
}

export function mediaLines(text: string): string[] {
  return text.split('\r\n').filter((line) => line.startsWith('m='))
}

/** A small seeded generator (mulberry32), uniform in [0, 1): a failing run can be repeated from its printed seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
