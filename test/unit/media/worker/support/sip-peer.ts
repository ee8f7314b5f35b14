import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { LegCodec, SdesKeys, SipLocal, SipRemote } from '../../../../../electron/media/protocol.ts'
import { srtpProfiles } from '../../../../../electron/media/srtp/profiles.ts'
import type { SrtpEngine, SrtpReceiver, SrtpSender } from '../../../../../electron/media/srtp/types.ts'
import type { CryptoSuite } from '../../../../../shared/model/media.ts'
import { type Rtp, readRtp, writeRtp } from './rtp.ts'

export const pcmu: LegCodec = { payloadType: 0, name: 'PCMU', clockRateHz: 8000, channels: 1 }

export function freshKeys(suite: CryptoSuite): SdesKeys {
  const { keyBytes, saltBytes } = srtpProfiles[suite]
  return { suite, keys: [{ masterKey: randomBytes(keyBytes), masterSalt: randomBytes(saltBytes) }] }
}

/** The far end of a SIP leg: two sockets on one address and the keys of both directions. */
export class SipPeer {
  readonly received: Rtp[] = []
  readonly receivedRtcp: Buffer[] = []
  /** Packets that did not authenticate here. */
  refused = 0
  readonly rtp: Socket
  readonly rtcp: Socket
  /** What Kedge sends with; absent on a plain leg. */
  theirs: SdesKeys | undefined
  ours: SdesKeys | undefined
  readonly #engine: SrtpEngine
  #sender: SrtpSender | undefined
  #receiver: SrtpReceiver | undefined
  #local: SipLocal | undefined

  /** @param address - of this machine, where it listens */
  static async open(engine: SrtpEngine, suite?: CryptoSuite, address = '127.0.0.1'): Promise<SipPeer> {
    const sockets = [createSocket('udp4'), createSocket('udp4')] as const
    for (const socket of sockets) {
      socket.bind(0, address)
      await once(socket, 'listening')
    }
    return new SipPeer(engine, suite, ...sockets)
  }

  private constructor(engine: SrtpEngine, suite: CryptoSuite | undefined, rtp: Socket, rtcp: Socket) {
    this.#engine = engine
    this.rtp = rtp
    this.rtcp = rtcp
    if (suite !== undefined) {
      this.rekeyOurs(freshKeys(suite))
      this.rekeyTheirs(freshKeys(suite))
    }
    rtp.on('message', (datagram) => this.#receive(datagram))
    rtcp.on('message', (datagram) => {
      const length = this.#receiver?.unprotectRtcp(datagram, datagram.length) ?? datagram.length
      if (length < 0) this.refused++
      else this.receivedRtcp.push(datagram.subarray(0, length))
    })
  }

  rekeyOurs(keys: SdesKeys): void {
    this.ours = keys
    this.#sender?.close()
    this.#sender = this.#engine.createSender(keys.suite, keys.keys[0] as SdesKeys['keys'][number])
  }

  rekeyTheirs(keys: SdesKeys): void {
    this.theirs = keys
    this.#receiver?.close()
    this.#receiver = this.#engine.createReceiver(keys.suite, keys.keys)
  }

  /** Learns where to send to. */
  meet(local: SipLocal): void {
    this.#local = local
  }

  /** What the worker is told of this peer. */
  remote(overrides: Partial<SipRemote> = {}): SipRemote {
    const { theirs, ours } = this
    return {
      rtp: { address: this.rtp.address().address, port: this.rtp.address().port },
      rtcp: { address: this.rtcp.address().address, port: this.rtcp.address().port },
      rtcpMux: false,
      ...(theirs && ours && { srtp: { send: theirs, receive: ours } }),
      codecs: [pcmu],
      sendAudio: true,
      ...overrides,
    }
  }

  protect(packet: Partial<Rtp>): Buffer {
    const clear = writeRtp(packet)
    if (this.#sender === undefined) return clear
    const buffer = Buffer.concat([clear, Buffer.alloc(this.#sender.maxOverheadBytes)])
    return buffer.subarray(0, this.#sender.protectRtp(buffer, clear.length))
  }

  /** @returns what a datagram of Kedge carries, or undefined when it does not authenticate */
  unprotect(datagram: Buffer): Rtp | undefined {
    const length = this.#receiver?.unprotectRtp(datagram, datagram.length) ?? datagram.length
    return length < 0 ? undefined : readRtp(datagram.subarray(0, length))
  }

  /** @param from - socket to send from; another one than the peer's plays an address change or a stranger */
  send(packet: Partial<Rtp>, from: Socket = this.rtp): void {
    this.sendRaw(this.protect(packet), from)
  }

  sendRaw(datagram: Uint8Array, from: Socket = this.rtp): void {
    from.send(datagram, this.#local?.rtpPort ?? 0, this.#local?.address ?? '127.0.0.1')
  }

  sendRtcp(compound: Buffer): void {
    let datagram = compound
    if (this.#sender !== undefined) {
      const buffer = Buffer.concat([compound, Buffer.alloc(this.#sender.maxOverheadBytes)])
      datagram = buffer.subarray(0, this.#sender.protectRtcp(buffer, compound.length))
    }
    this.rtcp.send(datagram, this.#local?.rtcpPort ?? 0, this.#local?.address ?? '127.0.0.1')
  }

  /** Gives its ports to someone else, and keeps its keys. */
  release(): void {
    this.rtp.close()
    this.rtcp.close()
  }

  close(): void {
    this.release()
    this.#sender?.close()
    this.#receiver?.close()
  }

  #receive(datagram: Buffer): void {
    const packet = this.unprotect(datagram)
    if (packet === undefined) this.refused++
    else this.received.push(packet)
  }
}
