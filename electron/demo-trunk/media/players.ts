import type { G711Law } from '../../media/audio/g711.ts'
import type { Clock } from '../../sip/clock.ts'
import { createEcho } from './echo.ts'
import { type MediaSession, packetBufferBytes } from './media-session.ts'
import { createToneSource, ptimeMs, samplesPerPacket } from './tone-source.ts'

/** Packets sent at once after a stall at most; a longer one (the machine slept) is left out. */
const maxBurst = 10

/** Sends back whatever audio arrives, from now on. */
export function playEcho(session: MediaSession): void {
  const echo = createEcho(session.stream, samplesPerPacket)
  const buffer = new Uint8Array(packetBufferBytes)
  session.onAudio = (packet, length) => {
    if (!session.sending) return
    const reflected = echo.reflect(packet, length, buffer)
    if (reflected > 0) session.transmit(buffer, reflected)
  }
}

/**
 * Sends a tone in the G.711 law that was agreed on, a packet every 20 ms. After a pause (hold) it goes on with a marker
 * and a timestamp that has moved on with the time (RFC 3550 §5.1).
 * @param frequencyHz - below 4000
 * @returns stops it
 */
export function playTone(session: MediaSession, frequencyHz: number, clock: Clock): () => void {
  const nextPayload: Partial<Record<G711Law, () => Uint8Array>> = {}
  const buffer = new Uint8Array(packetBufferBytes)
  const startedAt = clock.now()
  const firstTimestamp = session.stream.timestamp
  let due = 0
  let talking = false
  let cancel: () => void = () => undefined

  function sendPacket(): void {
    const codec = session.remote?.codecs.find(({ name }) => lawOf(name) !== undefined)
    const law = codec && lawOf(codec.name)
    if (!session.sending || codec === undefined || law === undefined) {
      talking = false
      return
    }
    nextPayload[law] ??= createToneSource(law, frequencyHz)
    const timestamp = (firstTimestamp + due * samplesPerPacket) >>> 0
    const fields = { payloadType: codec.payloadType, marker: !talking, timestamp }
    talking = true
    session.transmit(buffer, session.stream.write(buffer, nextPayload[law](), fields))
  }

  function tick(): void {
    // Timers run late under load; what has become due meanwhile is sent at once, so the rate holds on average.
    const elapsed = Math.floor((clock.now() - startedAt) / ptimeMs)
    if (elapsed - due > maxBurst) due = elapsed
    for (; due <= elapsed; due++) sendPacket()
    cancel = clock.after(Math.max(1, startedAt + due * ptimeMs - clock.now()), tick)
  }

  tick()
  return () => cancel()
}

/** The law of a codec by its name; undefined for another codec. */
export function lawOf(name: string): G711Law | undefined {
  const law = name.toUpperCase()
  return law === 'PCMU' || law === 'PCMA' ? law : undefined
}
