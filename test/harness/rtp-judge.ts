import { decodeG711 } from './g711.ts'
import { findTone, type Tone } from './tone.ts'

/** One datagram as the trace saw it. */
export interface Datagram {
  readonly sourcePort: number
  readonly destinationPort: number
  readonly payload: Uint8Array
  /** How routers are asked to treat it (RFC 2474), 0..63. */
  readonly dscp: number
}

/** The RTP of one SSRC on one path. */
export interface JudgedStream {
  readonly sourcePort: number
  readonly destinationPort: number
  readonly ssrc: number
  readonly payloadType: number
  readonly packets: number
  /** Index of coincidence of the payload bytes: 1 for ciphertext, above 2 for coded sound. */
  readonly coincidence: number
  /** What an eavesdropper hears who takes the payload for G.711. */
  readonly tone: Tone | undefined
  readonly plaintext: boolean
}

/**
 * Ciphertext bytes are uniform: two of them drawn at random are equal once in 256, whatever was encrypted. Sound
 * coded as G.711, silence above all, repeats itself many times more often. One packet of 160 bytes tells them apart:
 * its index is 1 ± 0.15 when encrypted.
 */
const plaintextCoincidence = 2

/** Pure: sorts the RTP of a trace into streams and says which of them anyone on the way could have listened to. */
export function judgeStreams(datagrams: readonly Datagram[]): JudgedStream[] {
  const streams = new Map<string, { first: Datagram; header: RtpHeader; payloads: Uint8Array[] }>()
  for (const datagram of datagrams) {
    const header = parseRtp(datagram.payload)
    if (!header) continue
    const key = `${datagram.sourcePort} ${datagram.destinationPort} ${header.ssrc} ${header.payloadType}`
    const stream = streams.get(key) ?? { first: datagram, header, payloads: [] }
    stream.payloads.push(datagram.payload.subarray(header.payloadStart))
    streams.set(key, stream)
  }
  return [...streams.values()].map(({ first, header, payloads }) => {
    const coincidence = indexOfCoincidence(payloads)
    const tone = findTone({ rateHz: 8_000, samples: decodeG711(Buffer.concat(payloads), header.payloadType) })
    return {
      sourcePort: first.sourcePort,
      destinationPort: first.destinationPort,
      ssrc: header.ssrc,
      payloadType: header.payloadType,
      packets: payloads.length,
      coincidence,
      tone,
      plaintext: tone !== undefined || coincidence > plaintextCoincidence,
    }
  })
}

interface RtpHeader {
  readonly payloadType: number
  readonly ssrc: number
  readonly payloadStart: number
}

/** RFC 3550 §5.1; RTCP (§12: packet types 192..223) and everything that is not version 2 is left aside. */
function parseRtp(packet: Uint8Array): RtpHeader | undefined {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
  if (packet.length < 12) return undefined
  const first = view.getUint8(0)
  const second = view.getUint8(1)
  if (first >> 6 !== 2 || (second >= 192 && second <= 223)) return undefined
  let payloadStart = 12 + 4 * (first & 0x0f)
  if (first & 0x10) {
    if (packet.length < payloadStart + 4) return undefined
    payloadStart += 4 + 4 * view.getUint16(payloadStart + 2)
  }
  if (packet.length <= payloadStart) return undefined
  return { payloadType: second & 0x7f, ssrc: view.getUint32(8), payloadStart }
}

/** Of all payloads taken together, times 256. */
function indexOfCoincidence(payloads: readonly Uint8Array[]): number {
  const counts = new Float64Array(256)
  let total = 0
  for (const payload of payloads) {
    total += payload.length
    for (const byte of payload) counts[byte] = (counts[byte] ?? 0) + 1
  }
  let pairs = 0
  for (const count of counts) pairs += count * (count - 1)
  return total < 2 ? 1 : (256 * pairs) / (total * (total - 1))
}
