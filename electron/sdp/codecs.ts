import { parseParams } from 'sdp-transform'
import { convertibleNames, isConvertible } from '../../shared/model/convertible-codecs.ts'
import { attributes } from './attributes.ts'
import type { Codec, CodecKind, MediaDescription } from './types.ts'

/** Payload types with a fixed meaning that need no rtpmap (RFC 3551 §6). G722's clock is 8000 on the wire by mistake. */
const staticCodecs: Readonly<Record<number, CodecKind>> = {
  0: { name: 'PCMU', clockRateHz: 8000, channels: 1 },
  3: { name: 'GSM', clockRateHz: 8000, channels: 1 },
  4: { name: 'G723', clockRateHz: 8000, channels: 1 },
  8: { name: 'PCMA', clockRateHz: 8000, channels: 1 },
  9: { name: 'G722', clockRateHz: 8000, channels: 1 },
  13: { name: 'CN', clockRateHz: 8000, channels: 1 },
  15: { name: 'G728', clockRateHz: 8000, channels: 1 },
  18: { name: 'G729', clockRateHz: 8000, channels: 1 },
}

const opus: CodecKind = { name: 'opus', clockRateHz: 48_000, channels: 2 }

/** What the window's browser and a trunk can have in common without transcoding, in our order of preference. */
export const bridgedCodecs: readonly CodecKind[] = [
  opus,
  { name: 'G722', clockRateHz: 8000, channels: 1 },
  { name: 'PCMU', clockRateHz: 8000, channels: 1 },
  { name: 'PCMA', clockRateHz: 8000, channels: 1 },
  { name: 'telephone-event', clockRateHz: 48_000, channels: 1 },
  { name: 'telephone-event', clockRateHz: 8000, channels: 1 },
]

/** What the media worker converts into each other for two SIP legs that share nothing, best first. */
export const convertibleCodecs: readonly CodecKind[] = convertibleNames.flatMap((name) =>
  bridgedCodecs.filter((codec) => codec.name.toLowerCase() === name),
)

/** fmtp parameters that make two formats of one name different codecs, with the value meant by absence. */
const decisiveParameters: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  g7221: { bitrate: '' },
  ilbc: { mode: '30' },
  amr: { 'octet-align': '0' },
  'amr-wb': { 'octet-align': '0' },
}

/** The payload types of a section in its order. A dynamic one without a readable rtpmap is left out. */
export function readCodecs(media: MediaDescription): Codec[] {
  const rtpmaps = byPayloadType(attributes(media, 'rtpmap'))
  const fmtps = byPayloadType(attributes(media, 'fmtp'))
  return [...new Set(media.formats.map(Number))].flatMap((payloadType) => {
    const rtpmap = rtpmaps.get(payloadType)
    const kind = rtpmap === undefined ? staticCodecs[payloadType] : parseRtpmap(rtpmap)
    const fmtp = fmtps.get(payloadType)
    return kind ? [{ payloadType, ...kind, ...(fmtp && { fmtp }) }] : []
  })
}

/** `<payload type> <rest>` attributes as a map; the first of each payload type counts. */
function byPayloadType(values: readonly string[]): Map<number, string> {
  const found = new Map<number, string>()
  for (const value of values) {
    const [, payloadType, rest] = /^(\d{1,3})[ \t]+(.*)$/.exec(value.trim()) ?? []
    if (payloadType === undefined || rest === undefined) continue
    if (!found.has(Number(payloadType))) found.set(Number(payloadType), rest.trim())
  }
  return found
}

function parseRtpmap(text: string): CodecKind | undefined {
  const [, name, clock, channels = '1'] = /^([A-Za-z0-9._+-]{1,64})\/([1-9]\d{3,6})(?:\/([1-9]\d?))?$/.exec(text) ?? []
  return name && clock ? { name, clockRateHz: Number(clock), channels: Number(channels) } : undefined
}

export function isTelephoneEvent(codec: CodecKind): boolean {
  return codec.name.toLowerCase() === 'telephone-event'
}

/** Same name (without case), clock and channels. */
export function sameKind(a: CodecKind, b: CodecKind): boolean {
  return a.name.toLowerCase() === b.name.toLowerCase() && a.clockRateHz === b.clockRateHz && a.channels === b.channels
}

/** Same kind, and no fmtp parameter that makes the two incompatible (an iLBC frame length, a G.722.1 bit rate). */
export function sameCodec(a: Codec, b: Codec): boolean {
  if (!sameKind(a, b)) return false
  const decisive = decisiveParameters[a.name.toLowerCase()] ?? {}
  const [left, right] = [parseParams(a.fmtp ?? ''), parseParams(b.fmtp ?? '')]
  return Object.entries(decisive).every(
    ([name, absent]) => String(left[name] ?? absent) === String(right[name] ?? absent),
  )
}

/**
 * The offered codecs that we have too, with the offer's numbers and in its order, telephone-event last. A
 * telephone-event is kept only at the clock of a kept codec, or at 8000, which every peer understands. Without a codec
 * that carries sound the result is empty: telephone-event alone is no conversation.
 */
export function commonCodecs(offered: readonly Codec[], ours: readonly CodecKind[]): Codec[] {
  const known = offered.filter((codec) => ours.some((kind) => sameKind(kind, codec)))
  const audio = known.filter((codec) => !isTelephoneEvent(codec))
  if (audio.length === 0) return []
  const events = known.filter(
    (codec) =>
      isTelephoneEvent(codec) &&
      (codec.clockRateHz === 8000 || audio.some(({ clockRateHz }) => clockRateHz === codec.clockRateHz)),
  )
  return [...audio, ...events]
}

/**
 * What is offered on one leg for what the other leg offered: its codecs as far as they can be bridged, numbers kept.
 * Everything else (RED, comfort noise, video codecs) stays on its own side. `telephone-event` is added at 8000, and at
 * 48000 beside Opus, where the other leg lacks it; the relay scales between them.
 * @param converted - formats to add behind those of the source, for a peer that has none of them
 */
export function codecsToOffer(
  source: readonly Codec[],
  allowed: readonly CodecKind[] = bridgedCodecs,
  converted: readonly CodecKind[] = [],
): Codec[] {
  // One number per codec: a peer that lists one thirty times must not use up the dynamic numbers.
  const own = commonCodecs(source, allowed).filter((codec, at, all) => all.findIndex((c) => sameKind(c, codec)) === at)
  const taken = new Set(own.map((codec) => codec.payloadType))
  const renumbered = [
    ...own.map((codec): Codec => ({ ...codec, payloadType: usableNumber(codec.payloadType, taken) })),
    ...(own.some(({ name }) => isConvertible(name)) ? converted : [])
      .filter((kind) => !own.some((codec) => sameKind(codec, kind)))
      .map((kind): Codec => ({ ...kind, payloadType: fixedNumber(kind, taken) ?? freeNumber(taken, 96) })),
  ]
  const clocks = renumbered.some((codec) => sameKind(codec, opus)) ? [48_000, 8000] : [8000]
  const events = clocks.map(
    (clockRateHz): Codec =>
      renumbered.find((codec) => isTelephoneEvent(codec) && codec.clockRateHz === clockRateHz) ?? {
        payloadType: freeNumber(taken, 101),
        name: 'telephone-event',
        clockRateHz,
        channels: 1,
      },
  )
  const audio = renumbered.filter((codec) => !isTelephoneEvent(codec))
  if (audio.length === 0) return []
  return [...audio, ...events.map((event) => ({ ...event, fmtp: event.fmtp ?? '0-16' }))]
}

/** 64..95 look like RTCP packet types once RTP and RTCP share a port (RFC 5761 §4). */
function usableNumber(payloadType: number, taken: Set<number>): number {
  return payloadType >= 64 && payloadType <= 95 ? freeNumber(taken, 96) : payloadType
}

/** The number that RFC 3551 gives a format, unless the peer has used it for something else. */
function fixedNumber(kind: CodecKind, taken: ReadonlySet<number>): number | undefined {
  const fixed = Object.entries(staticCodecs).find(([, other]) => sameKind(kind, other))
  return fixed && !taken.has(Number(fixed[0])) ? Number(fixed[0]) : undefined
}

function freeNumber(taken: Set<number>, first: number): number {
  for (let step = 0; step < 32; step++) {
    const candidate = 96 + ((first - 96 + step) % 32)
    if (!taken.has(candidate)) {
      taken.add(candidate)
      return candidate
    }
  }
  throw new RangeError('no dynamic payload type is left')
}
