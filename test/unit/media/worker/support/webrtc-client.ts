import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { DtlsClient } from 'werift'
import type { LegCodec, WebRtcLocal, WebRtcRemote } from '../../../../../electron/media/protocol.ts'
import type { SrtpEngine, SrtpReceiver, SrtpSender } from '../../../../../electron/media/srtp/types.ts'
import { type DtlsCertificate, makeCertificate } from '../../../../../electron/media/worker/certificate.ts'
import { printStun, stunAttribute, stunMethod } from '../../../../../electron/media/worker/stun.ts'
import type { CryptoSuite } from '../../../../../shared/model/media.ts'
import { type Rtp, readRtp, writeRtp } from './rtp.ts'
import { until } from './until.ts'

const pcmuOfBrowser: LegCodec = { payloadType: 0, name: 'PCMU', clockRateHz: 8000, channels: 1 }
const iceControlling = 0x802a

interface ProfileChoice {
  readonly id: 1 | 7
  readonly suite: CryptoSuite
  readonly saltBytes: number
}

export const gcm: ProfileChoice = { id: 7, suite: 'AEAD_AES_128_GCM', saltBytes: 12 }
export const sha1: ProfileChoice = { id: 1, suite: 'AES_CM_128_HMAC_SHA1_80', saltBytes: 14 }

/**
 * A browser's side of a WebRTC leg, reduced to what a test wants to hold in its hands: one socket, ICE checks, werift's
 * DTLS client and SRTP.
 */
export class WebRtcClient {
  readonly socket: Socket
  readonly received: Rtp[] = []
  readonly receivedRtcp: Buffer[] = []
  readonly stunReplies: Buffer[] = []
  /** DTLS datagrams from Kedge, as they came. */
  readonly dtlsReceived: Buffer[] = []
  suite: CryptoSuite | undefined
  /** Lets a test look at, keep back or change what the DTLS client sends. */
  onDtlsOut: (datagram: Buffer) => Buffer | undefined = (datagram) => datagram
  readonly ufrag = randomBytes(4).toString('hex')
  readonly pwd = randomBytes(16).toString('hex')
  readonly #engine: SrtpEngine
  readonly #certificate: DtlsCertificate
  #local: WebRtcLocal
  #dtls: DtlsClient | undefined
  #sender: SrtpSender | undefined
  #receiver: SrtpReceiver | undefined

  static async open(engine: SrtpEngine, local: WebRtcLocal): Promise<WebRtcClient> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new WebRtcClient(engine, local, await makeCertificate(Date.now()), socket)
  }

  private constructor(engine: SrtpEngine, local: WebRtcLocal, certificate: DtlsCertificate, socket: Socket) {
    this.#engine = engine
    this.#local = local
    this.#certificate = certificate
    this.socket = socket
    this.listen(socket)
  }

  listen(socket: Socket): void {
    socket.on('message', (datagram) => this.#receive(datagram))
  }

  /** What the worker is told of this client. */
  remote(overrides: Partial<WebRtcRemote> = {}): WebRtcRemote {
    return {
      iceUfrag: this.ufrag,
      icePwd: this.pwd,
      fingerprints: [this.#certificate.fingerprint],
      codecs: [pcmuOfBrowser],
      ...overrides,
    }
  }

  /** Kedge has new ICE credentials. */
  meet(local: WebRtcLocal): void {
    this.#local = local
  }

  get certificate(): DtlsCertificate {
    return this.#certificate
  }

  bindingRequest(
    options: { readonly pwd?: string; readonly username?: string; readonly nominate?: boolean } = {},
  ): Buffer {
    const { iceUfrag, icePwd } = this.#local
    const attributes = [
      { type: stunAttribute.username, value: Buffer.from(options.username ?? `${iceUfrag}:${this.ufrag}`) },
      { type: stunAttribute.priority, value: Buffer.from([0x7e, 0, 0, 0xff]) },
      { type: iceControlling, value: randomBytes(8) },
      ...(options.nominate === false ? [] : [{ type: stunAttribute.useCandidate, value: Buffer.alloc(0) }]),
    ]
    const message = { type: stunMethod.bindingRequest, transactionId: randomBytes(12), attributes }
    return printStun(message, options.pwd ?? icePwd)
  }

  /** Sends one check and waits for its answer. */
  async check(from: Socket = this.socket): Promise<void> {
    const before = this.stunReplies.length
    this.sendRaw(this.bindingRequest(), from)
    await until(() => this.stunReplies.length > before, 'an answer to the ICE check')
  }

  /** Runs the DTLS handshake. @throws when it does not end in time */
  async handshake(
    profile: ProfileChoice = gcm,
    certificate: DtlsCertificate = this.#certificate,
    timeoutMs = 5000,
  ): Promise<void> {
    const { certPem, keyPem } = certificate
    const dtls = new DtlsClient({
      cert: certPem,
      key: keyPem,
      signatureHash: { hash: 4, signature: 3 },
      srtpProfiles: [profile.id],
      extendedMasterSecret: true,
      transport: {
        type: 'test',
        address: { address: '', family: '', port: 0 },
        closed: false,
        onData: () => undefined,
        send: (datagram) => {
          const out = this.onDtlsOut(datagram)
          if (out !== undefined) this.sendRaw(out)
          return Promise.resolve()
        },
        close: () => Promise.resolve(),
      },
    })
    this.#dtls = dtls
    let connected = false
    dtls.onConnect.once(() => {
      connected = true
    })
    // Its retransmissions end in an error when the handshake never ends; the caller sees that as a timeout.
    dtls.connect().catch(() => undefined)
    await until(() => connected, 'the DTLS handshake is done', timeoutMs)
    const keys = dtls.extractSessionKeys(16, profile.saltBytes)
    this.suite = profile.suite
    this.#sender = this.#engine.createSender(profile.suite, { masterKey: keys.localKey, masterSalt: keys.localSalt })
    const theirs = { masterKey: keys.remoteKey, masterSalt: keys.remoteSalt }
    this.#receiver = this.#engine.createReceiver(profile.suite, [theirs])
  }

  protect(packet: Partial<Rtp>): Buffer {
    const sender = this.#sender
    if (sender === undefined) throw new Error('no DTLS handshake yet')
    const clear = writeRtp(packet)
    const buffer = Buffer.concat([clear, Buffer.alloc(sender.maxOverheadBytes)])
    return buffer.subarray(0, sender.protectRtp(buffer, clear.length))
  }

  /** @returns what a datagram of Kedge carries, or undefined when it does not authenticate */
  unprotect(datagram: Buffer): Rtp | undefined {
    const length = this.#receiver?.unprotectRtp(datagram, datagram.length) ?? -1
    return length < 0 ? undefined : readRtp(datagram.subarray(0, length))
  }

  send(packet: Partial<Rtp>, from: Socket = this.socket): void {
    this.sendRaw(this.protect(packet), from)
  }

  sendRaw(datagram: Uint8Array, from: Socket = this.socket): void {
    from.send(datagram, this.#local.port, this.#local.address)
  }

  /** Gives its port to someone else, and keeps its keys. */
  release(): void {
    if (this.#dtls !== undefined) this.#dtls.dtls.flight = 6
    this.socket.close()
  }

  close(): void {
    this.release()
    this.#sender?.close()
    this.#receiver?.close()
  }

  #receive(datagram: Buffer): void {
    const first = datagram[0] ?? 0
    if (first < 4) this.stunReplies.push(datagram)
    else if (first < 64) {
      this.dtlsReceived.push(datagram)
      this.#dtls?.transport.socket.onData(datagram, ['', 0])
    } else this.#receiveMedia(datagram)
  }

  #receiveMedia(datagram: Buffer): void {
    const isRtcp = ((datagram[1] ?? 0) & 0xe0) === 0xc0
    const receiver = this.#receiver
    if (receiver === undefined) return
    const length = isRtcp
      ? receiver.unprotectRtcp(datagram, datagram.length)
      : receiver.unprotectRtp(datagram, datagram.length)
    if (length < 0) return
    if (isRtcp) this.receivedRtcp.push(datagram.subarray(0, length))
    else this.received.push(readRtp(datagram.subarray(0, length)))
  }
}
