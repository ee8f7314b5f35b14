import { recordingMimeType } from '../../../shared/model/recording.ts'

/** Both sides of a call as this window has them. */
export interface Sides {
  readonly microphone: MediaStream | undefined
  readonly remote: MediaStream | undefined
}

export interface MixedRecorder {
  /** Another microphone, or another stream of the far end. The same ones change nothing. */
  use(sides: Sides): void
  /** Resolves when the last data was handed over. */
  stop(): Promise<void>
}

const bitsPerSecond = 48_000
/** How often what was recorded is handed over: a crash loses no more than this. */
const sliceMs = 1_000

/** Records this side on the left and the other on the right, as the browser's own recorder does: Opus in WebM. */
export function recordMixed(onData: (data: Blob) => void): MixedRecorder {
  const context = new AudioContext()
  const merger = context.createChannelMerger(2)
  const mixed = context.createMediaStreamDestination()
  merger.connect(mixed)
  const recorder = new MediaRecorder(mixed.stream, { mimeType: recordingMimeType, audioBitsPerSecond: bitsPerSecond })
  recorder.ondataavailable = ({ data }) => onData(data)
  const inputs = [new Input(context, merger, 0), new Input(context, merger, 1)] as const
  recorder.start(sliceMs)
  return {
    use({ microphone, remote }) {
      inputs[0].use(microphone)
      inputs[1].use(remote)
    },
    async stop() {
      const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve, { once: true }))
      recorder.stop()
      await stopped
      await context.close()
    },
  }
}

/** One channel: whatever stream is there, as mono. */
class Input {
  readonly #context: AudioContext
  readonly #merger: ChannelMergerNode
  readonly #channel: number
  #stream: MediaStream | undefined
  #node: AudioNode | undefined

  constructor(context: AudioContext, merger: ChannelMergerNode, channel: number) {
    this.#context = context
    this.#merger = merger
    this.#channel = channel
  }

  use(stream: MediaStream | undefined): void {
    if (stream === this.#stream) return
    this.#node?.disconnect()
    this.#stream = stream
    this.#node = stream && new GainNode(this.#context, { channelCount: 1, channelCountMode: 'explicit' })
    if (!stream || !this.#node) return
    this.#context.createMediaStreamSource(stream).connect(this.#node)
    this.#node.connect(this.#merger, 0, this.#channel)
  }
}
