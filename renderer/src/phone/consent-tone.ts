/** A voice with the tone in it. */
export interface TonedVoice {
  readonly track: MediaStreamTrack
  close(): void
}

export type AddTone = (voice: MediaStreamTrack) => TonedVoice

/** The beep that telephone companies have announced recordings with since 1948: 1400 Hz for a fifth of a second, every 15 s. */
const toneHz = 1400
const toneS = 0.2
const everyMs = 15_000
const loudness = 0.1
/** Without a ramp the tone would begin and end with a click. */
const rampS = 0.01

/** Says to the other side, again and again, that the call is recorded. */
export const addConsentTone: AddTone = (voice) => {
  const context = new AudioContext()
  void context.resume()
  const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 })
  context.createMediaStreamSource(new MediaStream([voice])).connect(out)
  const gate = new GainNode(context, { gain: 0 })
  const oscillator = new OscillatorNode(context, { frequency: toneHz })
  oscillator.connect(gate).connect(out)
  oscillator.start()
  const beep = () => {
    const start = context.currentTime + rampS
    gate.gain.setValueAtTime(0, start)
    gate.gain.linearRampToValueAtTime(loudness, start + rampS)
    gate.gain.setValueAtTime(loudness, start + toneS)
    gate.gain.linearRampToValueAtTime(0, start + toneS + rampS)
  }
  beep()
  const timer = setInterval(beep, everyMs)
  const [track] = out.stream.getAudioTracks()
  if (!track) throw new Error('Web Audio gave no track')
  return {
    track,
    close() {
      clearInterval(timer)
      void context.close()
    },
  }
}
