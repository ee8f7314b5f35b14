/** A cadence: frequencies in Hz sounded together, in steps of `onMs` sound and `offMs` silence. */
interface Cadence {
  readonly frequenciesHz: readonly number[]
  readonly steps: readonly { readonly onMs: number; readonly offMs: number }[]
  /** 0..1 */
  readonly gain: number
}

/** What one hears while the other side rings (ITU-T E.180: 425 Hz, 1 s on, 4 s off), when the trunk sends nothing. */
const ringback: Cadence = { frequenciesHz: [425], steps: [{ onMs: 1_000, offMs: 4_000 }], gain: 0.06 }

/** What rings here. Two soft tones, twice, then a rest. */
const ring: Cadence = {
  frequenciesHz: [523.25, 659.25],
  steps: [
    { onMs: 350, offMs: 200 },
    { onMs: 350, offMs: 2_100 },
  ],
  gain: 0.12,
}

/** A second call comes in: softly, in the receiver, and not often, for somebody talks there. */
const waiting: Cadence = {
  frequenciesHz: [425],
  steps: [
    { onMs: 200, offMs: 200 },
    { onMs: 200, offMs: 5_400 },
  ],
  gain: 0.02,
}

/** A call is being answered by itself. */
const beep: Cadence = { frequenciesHz: [880], steps: [{ onMs: 250, offMs: 5_000 }], gain: 0.12 }

const cadences = { ringback, ring, waiting, beep } as const
export type ToneName = keyof typeof cadences

const fadeS = 0.02
const testMs = 1_500
const beepMs = 600

/** Output selection of Web Audio (https://webaudio.github.io/web-audio-api/#AudioContext), which TypeScript's DOM lacks. */
interface SinkContext extends AudioContext {
  /** A device id, '' for the system's own; an object for none. */
  readonly sinkId: string | object
  setSinkId(id: string): Promise<void>
}
const SinkContext = AudioContext as unknown as new (options: { sinkId?: string }) => SinkContext

/** Plays one of the phone's own tones at a time, and nothing else: it never touches the microphone or a call's audio. */
export class TonePlayer {
  /** One per tone: what rings and what one hears in the receiver may be different devices. */
  readonly #contexts = new Map<ToneName, SinkContext>()
  readonly #sinks = new Map<ToneName, string>()
  #playing: ToneName | undefined
  #stop: (() => void) | undefined

  /** Idempotent: asking for the tone that already sounds changes nothing. */
  play(name: ToneName | undefined): void {
    if (name === this.#playing) return
    this.#stop?.()
    this.#stop = undefined
    this.#playing = name
    if (name) this.#stop = this.#start(name)
  }

  /** Sends a tone to a device, '' for the system's own choice. Resolves with the device that it really goes to. */
  async setSink(name: ToneName, id: string): Promise<string> {
    this.#sinks.set(name, id)
    const context = id === '' ? this.#contexts.get(name) : this.#contextOf(name)
    if (!context) return id
    await context.setSinkId(id)
    return typeof context.sinkId === 'string' ? context.sinkId : ''
  }

  /** Sounds once, so that the user hears where it comes from. Nothing while a tone sounds already. */
  test(name: ToneName): void {
    if (this.#playing) return
    const stop = this.#start(name)
    setTimeout(stop, testMs)
  }

  /** Sounds once, whatever else does. */
  beep(): void {
    const stop = this.#start('beep')
    setTimeout(stop, beepMs)
  }

  #contextOf(name: ToneName): SinkContext {
    const sinkId = this.#sinks.get(name)
    const context = this.#contexts.get(name) ?? new SinkContext(sinkId ? { sinkId } : {})
    this.#contexts.set(name, context)
    return context
  }

  #start(name: ToneName): () => void {
    const cadence: Cadence = cadences[name]
    const context = this.#contextOf(name)
    // Refused without a user gesture in some shells: the call is then shown and announced, only not heard.
    void context.resume()
    const level = context.createGain()
    level.gain.value = 0
    level.connect(context.destination)
    const oscillators = cadence.frequenciesHz.map((frequencyHz) => {
      const oscillator = context.createOscillator()
      oscillator.frequency.value = frequencyHz
      oscillator.connect(level)
      oscillator.start()
      return oscillator
    })
    let timer: ReturnType<typeof setTimeout> | undefined
    const sound = (step: number) => {
      const { onMs, offMs } = cadence.steps[step % cadence.steps.length] ?? { onMs: 0, offMs: 1_000 }
      const now = context.currentTime
      level.gain.setTargetAtTime(cadence.gain, now, fadeS)
      level.gain.setTargetAtTime(0, now + onMs / 1_000, fadeS)
      timer = setTimeout(() => sound(step + 1), onMs + offMs)
    }
    sound(0)
    return () => {
      clearTimeout(timer)
      for (const oscillator of oscillators) oscillator.stop()
      level.disconnect()
    }
  }
}
