/** How often a level is told. */
const stepMs = 100
/** Shown as silence, and what speech must rise above. */
export const floorDb = -60
const speechDb = -42
/** Speech is what stays above for this many steps in a row: a cough or a key stroke does not. */
const speechSteps = 3

/** Pure. Level of samples (-1..1) in dB of full scale, not below `floorDb`. */
export function levelDb(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  const rms = Math.sqrt(sum / Math.max(1, samples.length))
  return Math.max(floorDb, 20 * Math.log10(rms))
}

/** Tells from levels, one every 100 ms, whether someone speaks. */
export function speechDetector(): (db: number) => boolean {
  let loud = 0
  return (db) => {
    loud = db > speechDb ? loud + 1 : 0
    return loud >= speechSteps
  }
}

/** Measures a stream until the returned function is called. The sound goes nowhere. */
export function watchLevel(stream: MediaStream, onLevel: (db: number) => void): () => void {
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  const samples = new Float32Array(analyser.fftSize)
  context.createMediaStreamSource(stream).connect(analyser)
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples)
    onLevel(levelDb(samples))
  }, stepMs)
  return () => {
    clearInterval(timer)
    void context.close()
  }
}

/**
 * Listens for speech beside a muted call, on a copy of the track: what the call sends stays silence. Nothing is kept of
 * it but whether it was speech.
 */
export function watchSpeech(stream: MediaStream, onSpeech: () => void): () => void {
  const copy = stream.clone()
  for (const track of copy.getTracks()) track.enabled = true
  const isSpeech = speechDetector()
  const stop = watchLevel(copy, (db) => {
    if (isSpeech(db)) onSpeech()
  })
  return () => {
    stop()
    for (const track of copy.getTracks()) track.stop()
  }
}
