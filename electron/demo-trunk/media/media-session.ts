import type { Socket } from 'node:dgram'
import { type LegCounters, noCounters } from '../../../shared/model/call.ts'
import type { LegCodec, SipRemote, SocketAddress } from '../../media/protocol.ts'
import { payloadType, rtpHeaderBytes } from '../../media/rtp/header.ts'
import {
  isRtcpCompound,
  isRtcpDatagram,
  nextRtcpPacket,
  readSenderInfo,
  rtcpPacketType,
  rtcpType,
} from '../../media/rtp/rtcp.ts'
import { srtpStatus } from '../../media/srtp/status.ts'
import type { SrtpEngine } from '../../media/srtp/types.ts'
import type { Clock } from '../../sip/clock.ts'
import { createDtmfReceiver } from './dtmf-receiver.ts'
import { createPacketGuard, type PacketGuard } from './packet-guard.ts'
import type { PortPair } from './port-pair.ts'
import { createReception } from './reception.ts'
import { writeRtcpReport } from './rtcp-report.ts'
import { createRtpStream, type RtpStream, type StreamStart } from './rtp-stream.ts'

/** The media of one call: its two sockets, its keys, one stream each way. */
export interface MediaSession {
  readonly rtpPort: number
  readonly rtcpPort: number
  /** Our outbound stream. */
  readonly stream: RtpStream
  /** What was agreed on; undefined before the first agreement. */
  readonly remote: SipRemote | undefined
  /** True while the peer wants to hear us. */
  readonly sending: boolean
  readonly counters: LegCounters
  /** An audio packet of the peer, authenticated where SRTP was agreed on. The buffer is used again afterwards. */
  onAudio: ((packet: Uint8Array, length: number) => void) | undefined
  /** A DTMF key was pressed at the other end (RFC 4733). */
  onDigit: ((digit: string) => void) | undefined
  connect(remote: SipRemote): void
  /**
   * Protects and sends the RTP packet in `buffer[0..length)`.
   * @param buffer - with room for what SRTP appends
   */
  transmit(buffer: Uint8Array, length: number): void
  /** Sends RTCP BYE, wipes the keys, closes the sockets. Idempotent. */
  close(): Promise<void>
}

export interface MediaSessionParts {
  readonly engine: SrtpEngine
  readonly clock: Clock
  readonly ports: PortPair
  readonly start: StreamStart
  readonly cname: string
  /** 0 up to 1; spreads the reports over time. */
  readonly random: () => number
}

/** Room for any datagram and what SRTP may append to it. */
export const packetBufferBytes = 2048
/** RFC 3550 §6.2: five seconds, times 0.5 to 1.5; half of that before the first report. */
const rtcpIntervalMs = 5000

export function createMediaSession(parts: MediaSessionParts): MediaSession {
  const { engine, clock, ports, random } = parts
  const stream = createRtpStream(parts.start)
  const reception = createReception()
  const dtmf = createDtmfReceiver()
  const counters = { ...noCounters }
  const rtcpBuffer = new Uint8Array(packetBufferBytes)
  let guard: PacketGuard | undefined
  let remote: SipRemote | undefined
  let stopReports: () => void = () => undefined
  let ending: Promise<void> | undefined

  async function sendRtcp(goodbye: boolean): Promise<void> {
    if (guard === undefined || remote === undefined) return
    const report = { stream, block: reception.report(clock.now()), cname: parts.cname, now: clock.now(), goodbye }
    const length = guard.protectRtcp(rtcpBuffer, writeRtcpReport(rtcpBuffer, report))
    if (length < 0) return
    counters.rtcpSent++
    await send(remote.rtcpMux ? ports.rtp : ports.rtcp, rtcpBuffer, length, remote.rtcp)
  }

  function scheduleReport(intervalMs: number): void {
    stopReports = clock.after(intervalMs * (0.5 + random()), () => {
      void sendRtcp(false)
      scheduleReport(rtcpIntervalMs)
    })
  }

  function receive(datagram: Uint8Array, source: SocketAddress): void {
    if (guard === undefined || remote === undefined) return
    // SRTP proves the sender by its tag; plain RTP has nothing but the address.
    if (!guard.secure && source.address !== remote.rtp.address) counters.foreign++
    else if (isRtcpDatagram(datagram)) receiveRtcp(guard, datagram)
    else receiveRtp(guard, remote, datagram)
  }

  function receiveRtp(guard: PacketGuard, { codecs }: SipRemote, packet: Uint8Array): void {
    if (rtpHeaderBytes(packet, packet.length) < 0) {
      counters.malformed++
      return
    }
    const length = guard.unprotectRtp(packet, packet.length)
    if (length < 0) {
      countRefusal(length)
      return
    }
    counters.received++
    const codec = codecs.find((known) => known.payloadType === payloadType(packet))
    if (codec === undefined) return
    reception.packet(packet, isDtmf(codec) ? 0 : codec.clockRateHz, clock.now())
    if (!isDtmf(codec)) session.onAudio?.(packet, length)
    else tellDigit(dtmf.receive(packet, length))
  }

  function tellDigit(digit: string | undefined): void {
    if (digit !== undefined) session.onDigit?.(digit)
  }

  function receiveRtcp(guard: PacketGuard, packet: Uint8Array): void {
    const length = guard.unprotectRtcp(packet, packet.length)
    if (length < 0) {
      countRefusal(length)
      return
    }
    if (!isRtcpCompound(packet, length)) {
      counters.malformed++
      return
    }
    counters.rtcpReceived++
    for (let offset = 0; offset < length; ) {
      const end = nextRtcpPacket(packet, offset, length)
      const report =
        rtcpPacketType(packet, offset) === rtcpType.senderReport ? readSenderInfo(packet, offset, end) : undefined
      if (report !== undefined) reception.senderReport(report, clock.now())
      offset = end
    }
  }

  function countRefusal(status: number): void {
    if (status === srtpStatus.authFailed) counters.authFailed++
    else if (status === srtpStatus.tooManyStreams) counters.tooManyStreams++
    else if (status === srtpStatus.replayed || status === srtpStatus.tooOld) counters.replayed++
    else counters.malformed++
  }

  /** Resolves once the system has the datagram. An unreachable peer is no failure: media is not resent. */
  function send(socket: Socket, buffer: Uint8Array, length: number, to: SocketAddress): Promise<void> {
    return new Promise((resolve) => socket.send(buffer.slice(0, length), to.port, to.address, () => resolve()))
  }

  async function end(): Promise<void> {
    stopReports()
    const goodbye = sendRtcp(true)
    guard?.close()
    await goodbye
    await Promise.all([closeSocket(ports.rtp), closeSocket(ports.rtcp)])
  }

  const session: MediaSession = {
    rtpPort: ports.rtpPort,
    rtcpPort: ports.rtcpPort,
    stream,
    get remote() {
      return remote
    },
    get sending() {
      return ending === undefined && remote?.sendAudio === true
    },
    counters,
    onAudio: undefined,
    onDigit: undefined,
    connect(next) {
      if (ending !== undefined) return
      if (guard === undefined) {
        guard = createPacketGuard(engine, next.srtp)
        scheduleReport(rtcpIntervalMs / 2)
      } else {
        guard.update(next.srtp)
      }
      remote = next
    },
    transmit(buffer, length) {
      if (!session.sending || guard === undefined || remote === undefined) return
      const sealed = guard.protectRtp(buffer, length)
      if (sealed < 0) return
      void send(ports.rtp, buffer, sealed, remote.rtp)
      counters.sent++
    },
    close() {
      ending ??= end()
      return ending
    },
  }

  for (const socket of [ports.rtp, ports.rtcp]) {
    socket.on('message', (datagram, source) => {
      if (ending === undefined) receive(datagram, source)
    })
    // Errors of a bound UDP socket tell of one unreachable peer, never of the socket itself.
    socket.on('error', () => undefined)
  }
  return session
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()))
}

function isDtmf({ name }: LegCodec): boolean {
  return name.toLowerCase() === 'telephone-event'
}
