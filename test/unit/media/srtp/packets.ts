import type { SrtpReceiver, SrtpSender } from '../../../../electron/media/srtp/types.ts'
import type { Random } from './random.ts'

export const SSRC = 0xcafe_babe
/** What protection may add: the longest MKI, tag and index word. */
export const ROOM = 160

export interface RtpFields {
  readonly seq: number
  readonly ssrc?: number
  readonly payload?: Uint8Array
  readonly csrcs?: number
  /** Header extension in 32-bit words; none when absent. */
  readonly extensionWords?: number
}

const defaultPayload = Uint8Array.from({ length: 160 }, (_, n) => n * 7)

export function rtpPacket({
  seq,
  ssrc = SSRC,
  payload = defaultPayload,
  csrcs = 0,
  extensionWords,
}: RtpFields): Uint8Array {
  const extensionBytes = extensionWords === undefined ? 0 : 4 + extensionWords * 4
  const headerBytes = 12 + csrcs * 4 + extensionBytes
  const packet = new Uint8Array(headerBytes + payload.length)
  const view = new DataView(packet.buffer)
  packet.fill(0x5a, 12, headerBytes)
  packet[0] = 0x80 | csrcs | (extensionWords === undefined ? 0 : 0x10)
  view.setUint16(2, seq)
  view.setUint32(4, seq * 160)
  view.setUint32(8, ssrc)
  if (extensionWords !== undefined) view.setUint32(12 + csrcs * 4, (0xbede << 16) | extensionWords)
  packet.set(payload, headerBytes)
  return packet
}

export function randomRtpPacket(random: Random, seq: number, ssrc = SSRC): Uint8Array {
  const extended = random.integer(4) === 0
  return rtpPacket({
    seq,
    ssrc,
    payload: random.bytes(random.integer(20) === 0 ? random.integer(1300) : random.integer(200)),
    csrcs: random.integer(8) === 0 ? random.integer(16) : 0,
    ...(extended ? { extensionWords: random.integer(5) } : {}),
  })
}

/** A sender report with the given bytes after the clear header. */
export function rtcpPacket(body: Uint8Array, ssrc = SSRC): Uint8Array {
  const packet = new Uint8Array(8 + body.length)
  packet[0] = 0x81
  packet[1] = 200
  new DataView(packet.buffer).setUint32(4, ssrc)
  packet.set(body, 8)
  return packet
}

export type Proto = 'rtp' | 'rtcp'

/** Runs the in-place call on a copy with room. @returns the outcome and the packet it left */
function run(
  packet: Uint8Array,
  call: (buffer: Uint8Array, length: number) => number,
): { result: number; bytes: Uint8Array } {
  const buffer = new Uint8Array(packet.length + ROOM)
  buffer.set(packet)
  const result = call(buffer, packet.length)
  return { result, bytes: buffer.slice(0, Math.max(result, 0)) }
}

export function protect(sender: SrtpSender, packet: Uint8Array, proto: Proto = 'rtp') {
  return run(packet, (b, n) => (proto === 'rtp' ? sender.protectRtp(b, n) : sender.protectRtcp(b, n)))
}

export function unprotect(receiver: SrtpReceiver, packet: Uint8Array, proto: Proto = 'rtp') {
  return run(packet, (b, n) => (proto === 'rtp' ? receiver.unprotectRtp(b, n) : receiver.unprotectRtcp(b, n)))
}

/** The protected packet. @throws Error when the sender refuses */
export function protectedBytes(sender: SrtpSender, packet: Uint8Array, proto: Proto = 'rtp'): Uint8Array {
  const { result, bytes } = protect(sender, packet, proto)
  if (result < 0) throw new Error(`not protected: ${result}`)
  return bytes
}
