/** `tone`: the wanted one was there for long enough; `other`: sound or silence, but not that. */
export type Heard = 'tone' | 'other'

export interface ToneListener {
  /** @param samples - linear, -32768..32767, at `sampleRateHz` */
  hear(samples: Int16Array): void
  readonly heard: Heard
}

/** Blocks in which the tone must prevail: 300 ms of it are no accident. */
const wantedBlocks = 6
/** 50 ms, so that neighbouring frequencies are 20 Hz apart. */
const blockMs = 50
/** Part of a block's power that the tone must have; a pure one has all of it, through two codecs still most. */
const share = 0.6
/** Mean power of what counts as sound at all: -50 dBFS. */
const silence = 100 ** 2

/** Listens for one frequency (Goertzel's algorithm), block by block. */
export function createToneListener(frequencyHz: number, sampleRateHz: number): ToneListener {
  const size = (sampleRateHz * blockMs) / 1000
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / sampleRateHz)
  let [s1, s2, power, at, blocks] = [0, 0, 0, 0, 0]

  function endBlock(): void {
    const tone = (2 * (s1 * s1 + s2 * s2 - coefficient * s1 * s2)) / size
    if (power / size > silence && tone > share * power) blocks += 1
    s1 = s2 = power = at = 0
  }

  return {
    hear(samples) {
      for (const sample of samples) {
        const s0 = sample + coefficient * s1 - s2
        s2 = s1
        s1 = s0
        power += sample * sample
        at += 1
        if (at === size) endBlock()
      }
    },
    get heard() {
      return blocks >= wantedBlocks ? 'tone' : 'other'
    },
  }
}
