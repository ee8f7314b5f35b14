/**
 * G.722 at 64 kbit/s (ITU-T G.722), as far as telephone sound goes: an octet holds one sample of each of two sub-bands, at
 * 8 kHz. The lower one, six bits, is sound up to 4 kHz by itself and is what we decode and encode; of the upper one, two
 * bits, nothing is decoded, and silence is encoded. So no filter is needed, and nothing is resampled.
 *
 * Names and tables are those of the Recommendation, clauses 3 to 6; all arithmetic is its 16-bit integer arithmetic.
 */

/** Q6: where one of the levels of the lower sub-band ends and the next begins. */
const quantizerLevels = [
  0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339,
  1458, 1612, 1765, 1980, 2195, 2557, 2919,
]
/** QM6: what the six bits of the lower sub-band mean, by their value. */
const lowerSixBits = Int16Array.of(
  ...[-136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576],
  ...[-7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040],
  ...[-728, 24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456],
  ...[4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136],
)
/** QM4: the same for the four bits that the adaptation goes by. */
const lowerFourBits = Int16Array.of(
  ...[0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0],
)
/** WL by way of RL42: how a four-bit code moves the logarithmic scale. */
const lowerSteps = Int16Array.of(...[-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60])
/** QM2, and WH by way of RH2, for the two bits of the upper sub-band. */
const upperTwoBits = Int16Array.of(-7408, -1616, 7408, 1616)
const upperSteps = Int16Array.of(798, -214, 798, -214)
/** ILB: 2 to the power of 1/32 steps, from 2048. */
const powers = Int16Array.of(
  ...[2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960],
  ...[3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008],
)

const saturate = (value: number): number => Math.max(-32_768, Math.min(32_767, value))
/** A Q15 product. */
const times = (a: number, b: number): number => (a * b) >> 15

/** What an encoder and its decoder both know of a sub-band: the scale of its steps and a prediction of its next sample. */
class SubBand {
  /** Distance of two steps of the quantizer. */
  step: number
  /** The predicted sample. */
  predicted = 0
  readonly #steps: Int16Array
  readonly #maxLog: number
  readonly #shift: number
  #log = 0
  /** Differences of the last six samples, and their weights: the zeros of the predictor. */
  readonly #differences = new Int32Array(6)
  readonly #zeros = new Int32Array(6)
  #fromZeros = 0
  /** Reconstructed samples and partial ones of the last two, and the two poles. */
  readonly #samples = new Int32Array(2)
  readonly #partial = new Int32Array(2)
  #pole1 = 0
  #pole2 = 0

  private constructor(step: number, steps: Int16Array, maxLog: number, shift: number) {
    this.step = step
    this.#steps = steps
    this.#maxLog = maxLog
    this.#shift = shift
  }

  static lower = (): SubBand => new SubBand(32, lowerSteps, 18_432, 8)
  static upper = (): SubBand => new SubBand(8, upperSteps, 22_528, 10)

  /**
   * Takes a sample's difference from its prediction in.
   * @param code - index of the table of steps
   */
  adapt(difference: number, code: number): void {
    this.#scale(code)
    this.#predict(difference)
  }

  /** LOGSCL and SCALEL, LOGSCH and SCALEH. */
  #scale(code: number): void {
    const log = times(this.#log, 32_512) + (this.#steps[code] as number)
    this.#log = Math.max(0, Math.min(this.#maxLog, log))
    const power = powers[(this.#log >> 6) & 31] as number
    const shift = this.#shift - (this.#log >> 11)
    this.step = (shift < 0 ? power << -shift : power >> shift) << 2
  }

  /** RECONS, PARREC, UPPOL2, UPPOL1, UPZERO, FILTEP, FILTEZ and PREDIC. */
  #predict(difference: number): void {
    const sample = saturate(this.predicted + difference)
    const partial = saturate(this.#fromZeros + difference)
    this.#movePoles(partial)
    this.#moveZeros(difference)
    this.#samples[1] = this.#samples[0] as number
    this.#samples[0] = sample
    this.#partial[1] = this.#partial[0] as number
    this.#partial[0] = partial
    const fromPoles = saturate(
      times(this.#pole1, saturate(2 * sample)) + times(this.#pole2, saturate(2 * (this.#samples[1] as number))),
    )
    this.predicted = saturate(fromPoles + this.#fromZeros)
  }

  #movePoles(partial: number): void {
    const sameAsLast = partial < 0 === (this.#partial[0] as number) < 0
    const sameAsBefore = partial < 0 === (this.#partial[1] as number) < 0
    const quadruple = saturate(4 * this.#pole1)
    const second =
      (Math.min(32_767, sameAsLast ? -quadruple : quadruple) >> 7) +
      (sameAsBefore ? 128 : -128) +
      times(this.#pole2, 32_512)
    this.#pole2 = Math.max(-12_288, Math.min(12_288, second))
    const first = saturate(times(this.#pole1, 32_640) + (sameAsLast ? 192 : -192))
    const limit = saturate(15_360 - this.#pole2)
    this.#pole1 = Math.max(-limit, Math.min(limit, first))
  }

  #moveZeros(difference: number): void {
    const differences = this.#differences
    const zeros = this.#zeros
    const gain = difference === 0 ? 0 : 128
    let sum = 0
    for (let n = 5; n >= 0; n--) {
      const same = (differences[n] as number) < 0 === difference < 0
      zeros[n] = saturate(times(zeros[n] as number, 32_640) + (same ? gain : -gain))
    }
    differences.copyWithin(1, 0, 5)
    differences[0] = difference
    for (let n = 5; n >= 0; n--) sum += times(zeros[n] as number, saturate(2 * (differences[n] as number)))
    this.#fromZeros = saturate(sum)
  }
}

/** Octets of one stream to samples of 8 kHz; what was decoded before shapes what follows. */
export class G722Decoder {
  readonly #lower = SubBand.lower()

  /** @returns as many samples as octets, linear, -32768..32767 */
  decode(payload: Uint8Array): Int16Array {
    return Int16Array.from(payload, (octet) => this.#sample(octet & 0x3f))
  }

  #sample(code: number): number {
    const lower = this.#lower
    const { step, predicted } = lower
    const sample = predicted + times(step, lowerSixBits[code] as number)
    lower.adapt(times(step, lowerFourBits[code >> 2] as number), code >> 2)
    // The sub-band is halved: sound of two sub-bands of full scale would not fit.
    return 2 * Math.max(-16_384, Math.min(16_383, sample))
  }
}

/** Samples of 8 kHz to octets of one stream. */
export class G722Encoder {
  readonly #lower = SubBand.lower()
  readonly #upper = SubBand.upper()

  /** @param samples - linear, -32768..32767 @returns as many octets */
  encode(samples: Int16Array): Uint8Array {
    return Uint8Array.from(samples, (sample) => (this.#encodeUpper() << 6) | this.#encodeLower(sample >> 1))
  }

  #encodeLower(sample: number): number {
    const lower = this.#lower
    const difference = saturate(sample - lower.predicted)
    const magnitude = difference < 0 ? ~difference : difference
    let level = 1
    while (level < 30 && magnitude >= ((quantizerLevels[level] as number) * lower.step) >> 12) level++
    const code = difference < 0 ? codeBelow(level) : 62 - level
    lower.adapt(times(lower.step, lowerFourBits[code >> 2] as number), code >> 2)
    return code
  }

  /** Of silence. */
  #encodeUpper(): number {
    const upper = this.#upper
    const difference = saturate(-upper.predicted)
    const magnitude = difference < 0 ? ~difference : difference
    const isLarge = magnitude >= (564 * upper.step) >> 12
    const code = (difference < 0 ? 0 : 2) + (isLarge ? 0 : 1)
    upper.adapt(times(upper.step, upperTwoBits[code] as number), code)
    return code
  }
}

/** ILN; ILP is 62 less the level throughout. The two smallest levels below zero have the codes that no other sign needs. */
const codeBelow = (level: number): number => (level <= 2 ? 64 - level : 34 - level)
