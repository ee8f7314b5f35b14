/** Mono sound as 16-bit samples. */
export interface Sound {
  readonly rateHz: number
  readonly samples: Int16Array
}

/** Tones of the parties of a call: far apart, no multiple of each other, and inside what a telephone carries. */
export const partyHz = [620, 1_040, 1_480] as const

export interface Tone {
  readonly hz: number
  /** How long it was heard, in steps of about half a second. */
  readonly seconds: number
  /** Of a sine in dB below full scale; 0 is the loudest. */
  readonly levelDb: number
}

export interface ToneSearch {
  /** A tone shorter than this is none. */
  readonly minSeconds?: number
  /** Quieter than this is silence. */
  readonly minLevelDb?: number
  /** Power of the tone over the power of everything else. White noise has about -25, a PCMU-coded tone +30. */
  readonly minSnrDb?: number
}

/** @param amplitude - peak, 0..1 of full scale */
export function sineTone(hz: number, rateHz: number, seconds: number, amplitude = 0.5): Sound {
  const samples = new Int16Array(Math.round(rateHz * seconds))
  const step = (2 * Math.PI * hz) / rateHz
  for (let i = 0; i < samples.length; i += 1) samples[i] = Math.round(Math.sin(step * i) * amplitude * 32_767)
  return { rateHz, samples }
}

/**
 * The one tone that a recording holds, or undefined. Each half second is judged alone (a call begins and ends in
 * silence), and only those that agree on the frequency count: noise, silence, speech and ciphertext played as audio
 * have no frequency to agree on.
 */
export function findTone(sound: Sound, search: ToneSearch = {}): Tone | undefined {
  const { minSeconds = 1, minLevelDb = -45, minSnrDb = 8 } = search
  const frameLength = 2 ** Math.round(Math.log2(sound.rateHz / 2))
  const tonal: Peak[] = []
  for (let start = 0; start + frameLength <= sound.samples.length; start += frameLength) {
    const peak = framePeak(sound.samples.subarray(start, start + frameLength), sound.rateHz)
    if (peak.levelDb >= minLevelDb && peak.snrDb >= minSnrDb) tonal.push(peak)
  }
  if (tonal.length === 0) return undefined
  const hz = median(tonal.map((peak) => peak.hz))
  const agreeing = tonal.filter((peak) => Math.abs(peak.hz - hz) <= (2 * sound.rateHz) / frameLength)
  const seconds = (agreeing.length * frameLength) / sound.rateHz
  if (seconds < minSeconds) return undefined
  return { hz: median(agreeing.map((peak) => peak.hz)), seconds, levelDb: median(agreeing.map((peak) => peak.levelDb)) }
}

/**
 * Which of these tones a recording holds at the same time: in at least two frames each stands far above what lies between
 * them.
 */
export function findTones(sound: Sound, wantedHz: readonly number[]): number[] {
  const frameLength = 2 ** Math.round(Math.log2(sound.rateHz / 2))
  const found = new Map<number, number>()
  for (let start = 0; start + frameLength <= sound.samples.length; start += frameLength) {
    const power = powerSpectrum(sound.samples.subarray(start, start + frameLength))
    const floor = median([...power]) + 1e-12
    for (const hz of wantedHz) {
      const bin = Math.round((hz * frameLength) / sound.rateHz)
      const level = Math.max(...power.subarray(Math.max(0, bin - 2), bin + 3))
      if (level > minPartPower && level > 1_000 * floor) found.set(hz, (found.get(hz) ?? 0) + 1)
    }
  }
  return wantedHz.filter((hz) => (found.get(hz) ?? 0) >= 2)
}

/** Power of a part of a mix, at -45 dB below a full-scale sine. */
const minPartPower = 10 ** -4.5

interface Peak {
  readonly hz: number
  readonly levelDb: number
  readonly snrDb: number
}

/** Half width, in bins, of a sine behind a Hann window. */
const lobe = 3

function framePeak(frame: Int16Array, rateHz: number): Peak {
  const power = powerSpectrum(frame)
  let peak = lobe
  // The lowest bins hold the offset of a badly centred signal, which is no tone.
  for (let bin = lobe; bin < power.length; bin += 1) if (at(power, bin) > at(power, peak)) peak = bin
  let signal = 0
  let rest = 0
  for (let bin = lobe; bin < power.length; bin += 1) {
    if (Math.abs(bin - peak) <= lobe) signal += at(power, bin)
    else rest += at(power, bin)
  }
  const [before, top, after] = [peak - 1, peak, peak + 1].map((bin) => Math.log(at(power, bin) + 1e-30))
  const bend = (before ?? 0) - 2 * (top ?? 0) + (after ?? 0)
  const offset = bend === 0 ? 0 : (0.5 * ((before ?? 0) - (after ?? 0))) / bend
  return {
    hz: ((peak + offset) * rateHz) / frame.length,
    levelDb: 10 * Math.log10(signal + 1e-30),
    snrDb: 10 * Math.log10((signal + 1e-30) / (rest + 1e-30)),
  }
}

/** Power per bin, scaled so that the bins of a full-scale sine add up to 1. */
function powerSpectrum(frame: Int16Array): Float64Array {
  const length = frame.length
  const re = new Float64Array(length)
  const im = new Float64Array(length)
  for (let i = 0; i < length; i += 1) {
    re[i] = (at(frame, i) / 32_768) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / length))
  }
  transform(re, im)
  const power = new Float64Array(length / 2)
  // A sine of amplitude 1 behind a Hann window (mean square 3/8) leaves 3·length²/32 in one half of the spectrum.
  const full = (3 * length * length) / 32
  for (let bin = 0; bin < power.length; bin += 1) power[bin] = (at(re, bin) ** 2 + at(im, bin) ** 2) / full
  return power
}

/** In-place radix-2 Fourier transform; the length is a power of two. */
function transform(re: Float64Array, im: Float64Array): void {
  const length = re.length
  for (let i = 1, j = 0; i < length; i += 1) {
    let bit = length >> 1
    for (; j & bit; bit >>= 1) j ^= bit
    j ^= bit
    if (i < j) {
      swap(re, i, j)
      swap(im, i, j)
    }
  }
  for (let size = 2; size <= length; size *= 2) {
    const half = size / 2
    for (let k = 0; k < half; k += 1) {
      const cos = Math.cos((-2 * Math.PI * k) / size)
      const sin = Math.sin((-2 * Math.PI * k) / size)
      for (let even = k; even < length; even += size) {
        const odd = even + half
        const oddRe = at(re, odd) * cos - at(im, odd) * sin
        const oddIm = at(re, odd) * sin + at(im, odd) * cos
        re[odd] = at(re, even) - oddRe
        im[odd] = at(im, even) - oddIm
        re[even] = at(re, even) + oddRe
        im[even] = at(im, even) + oddIm
      }
    }
  }
}

const at = (values: Float64Array | Int16Array, index: number): number => values[index] ?? 0

function swap(values: Float64Array, i: number, j: number): void {
  const kept = at(values, i)
  values[i] = at(values, j)
  values[j] = kept
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}
