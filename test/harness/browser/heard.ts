import type { Page } from 'playwright'
import type { Sound } from '../tone.ts'

/**
 * Records what the window plays of the far end: the audio track behind the page's audio element, before any sound card.
 * @param seconds - how much to record; waits for the track at most ten seconds longer
 * @throws when no remote track ever delivers that much sound
 */
export async function recordHeard(page: Page, seconds: number): Promise<Sound> {
  const { rateHz, samples } = await page.evaluate(async (wantedSeconds) => {
    const deadline = performance.now() + (wantedSeconds + 10) * 1000
    const liveTrack = () => {
      const { srcObject } = document.querySelector<HTMLAudioElement>('#remote-audio') ?? { srcObject: null }
      const track = srcObject instanceof MediaStream ? srcObject.getAudioTracks()[0] : undefined
      return track?.readyState === 'live' ? track : undefined
    }
    let track = liveTrack()
    while (!track && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      track = liveTrack()
    }
    if (!track) throw new Error('the window has no remote audio track')
    const context = new AudioContext()
    const source = context.createMediaStreamSource(new MediaStream([track]))
    const tap = context.createScriptProcessor(4096, 1, 1)
    const chunks: number[] = []
    const done = new Promise<void>((resolve, reject) => {
      const giveUp = setTimeout(
        () => reject(new Error('the remote track delivered too little')),
        deadline - performance.now(),
      )
      tap.onaudioprocess = ({ inputBuffer }) => {
        for (const sample of inputBuffer.getChannelData(0)) chunks.push(Math.round(sample * 32767))
        if (chunks.length < context.sampleRate * wantedSeconds) return
        clearTimeout(giveUp)
        resolve()
      }
    })
    source.connect(tap)
    tap.connect(context.destination)
    await done
    source.disconnect()
    tap.disconnect()
    const rateHz = context.sampleRate
    await context.close()
    return { rateHz, samples: chunks }
  }, seconds)
  return { rateHz, samples: Int16Array.from(samples) }
}
