/** What the E-model knows of a codec (ITU-T G.113 Appendix I). */
interface CodecImpairment {
  /** Equipment impairment without loss, `Ie`. */
  readonly impairment: number
  /** Robustness against loss, `Bpl`. */
  readonly robustness: number
}

/**
 * Both ends conceal loss, so G.711 has its value with concealment. G.113 has none for Opus and G.722 on the narrow-band
 * scale that all calls are compared on here: neither is worse there than G.711, and Opus conceals about as well.
 */
const g711: CodecImpairment = { impairment: 0, robustness: 25.1 }
const codecs: Readonly<Record<string, CodecImpairment>> = {
  pcmu: g711,
  pcma: g711,
  g722: g711,
  opus: g711,
  g729: { impairment: 11, robustness: 19 },
  ilbc: { impairment: 11, robustness: 32 },
  gsm: { impairment: 20, robustness: 10 },
}
/** A codec that is not in the tables is taken for a middling one. */
const unknownCodec: CodecImpairment = { impairment: 11, robustness: 19 }

/** R of an undisturbed call with every parameter at its default (G.107 §7). */
const bestR = 93.2

export interface ModelInput {
  /** As in `a=rtpmap`, for instance `PCMU`; what follows a slash is ignored. */
  readonly codec: string | undefined
  /** 0..100 */
  readonly lossPercent: number
  /** Mean length of a run of lost packets, over that of random loss at the same rate; 1 is random. */
  readonly burstRatio?: number
  /** One way, mouth to ear. */
  readonly delayMs: number
}

/**
 * Pure. Transmission rating R of ITU-T G.107, of its parameters only those that a packet network changes: delay (with the
 * usual short form of `Idd`), codec, loss and its burstiness (§7.4).
 */
export function ratingR({ codec, lossPercent, burstRatio = 1, delayMs }: ModelInput): number {
  const name = (codec ?? '').split('/')[0]?.toLowerCase() ?? ''
  const { impairment, robustness } = codecs[name] ?? unknownCodec
  const late = Math.max(0, delayMs - 177.3)
  const delayImpairment = 0.024 * delayMs + 0.11 * late
  const effective = impairment + (95 - impairment) * (lossPercent / (lossPercent / burstRatio + robustness))
  return bestR - delayImpairment - effective
}

/** Pure. Estimated mean opinion score for a rating (G.107 Annex B), 1..4.5. */
export function mosOf(r: number): number {
  if (r <= 0) return 1
  if (r >= 100) return 4.5
  // The polynomial dips below 1 between 0 and 6.5.
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)
}

/** Pure. How bursty loss was: 1 for random loss, more when packets were lost in runs (G.107 §7.4). */
export function burstRatio(expected: number, lost: number, gaps: number): number {
  if (lost <= 0 || gaps <= 0 || lost >= expected) return 1
  return Math.max(1, (lost / gaps) * (1 - lost / expected))
}
