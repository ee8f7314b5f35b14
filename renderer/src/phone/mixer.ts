/** One party of a conference, as this window has it. */
export interface Voice {
  /** The user's microphone for this call, muted as the call is. */
  readonly microphone: MediaStream
  /** What the other side of the call says; undefined while nothing comes from there. */
  readonly remote: MediaStream | undefined
}

export interface Mix {
  /** For each voice, in their order: the user and all the others, without itself. */
  readonly toEach: readonly MediaStreamTrack[]
  /** All the others, for the loudspeaker. */
  readonly here: MediaStream
  close(): void
}

export type Mixer = (voices: readonly Voice[]) => Mix

/** Mixes a conference in this window. Nobody hears himself: each is sent the sum without his own voice. */
export const mixVoices: Mixer = (voices) => {
  const context = new AudioContext()
  void context.resume()
  const here = context.createMediaStreamDestination()
  const mono = () => new MediaStreamAudioDestinationNode(context, { channelCount: 1 })
  const outputs = voices.map(mono)
  const elements: HTMLAudioElement[] = []
  voices.forEach(({ microphone, remote }, own) => {
    context.createMediaStreamSource(microphone).connect(outputs[own] ?? here)
    if (!remote || remote.getAudioTracks().length === 0) return
    // Chromium feeds a remote track to Web Audio only while an element plays it (https://crbug.com/933677).
    const element = new Audio()
    element.muted = true
    element.srcObject = remote
    void element.play().catch(() => undefined)
    elements.push(element)
    const source = context.createMediaStreamSource(remote)
    source.connect(here)
    outputs.forEach((output, other) => {
      if (other !== own) source.connect(output)
    })
  })
  return {
    toEach: outputs.flatMap(({ stream }) => stream.getAudioTracks()),
    here: here.stream,
    close() {
      for (const element of elements) element.srcObject = null
      void context.close()
    },
  }
}
