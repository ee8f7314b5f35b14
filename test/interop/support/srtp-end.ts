import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { SdesKeys } from '../../../electron/media/protocol.ts'
import type { SrtpEngine, SrtpReceiver, SrtpSender } from '../../../electron/media/srtp/types.ts'
import { usableCrypto } from '../../../electron/sdp/crypto-attribute.ts'
import { parseSdp } from '../../../electron/sdp/parse-sdp.ts'
import type { PortRange } from '../../harness/ports.ts'
import type { RtpEnd } from '../../harness/voice.ts'
import { type Rtp, readRtp, writeRtp } from '../../unit/media/worker/support/rtp.ts'

/** Media of a peer whose signalling is played by a script: bound to the script's port, keyed by the test. */
export class SrtpEnd implements RtpEnd, Disposable {
  readonly received: Rtp[] = []
  readonly ours: SdesKeys
  /** Packets that did not authenticate. */
  refused = 0
  readonly #engine: SrtpEngine
  readonly #socket = createSocket('udp4')
  #sender: SrtpSender
  #receivers: SrtpReceiver[] = []
  /** What came before the first description was read: it cannot be judged yet. */
  readonly #unread: Buffer[] = []
  #port = 0

  static async open(engine: SrtpEngine, { first }: Pick<PortRange, 'first'>, ours: SdesKeys): Promise<SrtpEnd> {
    const end = new SrtpEnd(engine, ours)
    end.#socket.bind(first, '127.0.0.1')
    await once(end.#socket, 'listening')
    return end
  }

  private constructor(engine: SrtpEngine, ours: SdesKeys) {
    this.#engine = engine
    this.ours = ours
    this.#sender = this.#newSender(ours)
    this.#socket.on('message', (datagram) => this.#receive(datagram))
  }

  /** Kedge's description: its port, and the key that it sends with. Keys of earlier ones stay valid. */
  read(sdp: string): void {
    const section = parseSdp(sdp).media.find(({ port }) => port !== 0)
    const line = section && usableCrypto(section).find(({ suite }) => suite === this.ours.suite)
    if (section === undefined || line === undefined) throw new Error(`no section with a key in\n${sdp}`)
    this.#port = section.port
    this.#receivers.unshift(this.#engine.createReceiver(line.suite, line.keys))
    for (const datagram of this.#unread.splice(0)) this.#receive(datagram)
  }

  /** From here on under another key. */
  rekey(keys: SdesKeys): void {
    this.#sender = this.#newSender(keys)
  }

  send(packet: Partial<Rtp>): void {
    if (this.#port === 0) return
    const clear = writeRtp(packet)
    const buffer = Buffer.concat([clear, Buffer.alloc(this.#sender.maxOverheadBytes)])
    const length = this.#sender.protectRtp(buffer, clear.length)
    if (length < 0) throw new Error(`not protected: ${length}`)
    this.#socket.send(buffer, 0, length, this.#port, '127.0.0.1')
  }

  [Symbol.dispose](): void {
    this.#socket.close()
  }

  #newSender({ suite, keys }: SdesKeys): SrtpSender {
    const [key] = keys
    if (key === undefined) throw new Error('a key is needed')
    return this.#engine.createSender(suite, key)
  }

  #receive(datagram: Buffer): void {
    if (this.#receivers.length === 0) {
      this.#unread.push(datagram)
      return
    }
    for (const receiver of this.#receivers) {
      const length = receiver.unprotectRtp(datagram, datagram.length)
      if (length < 0) continue
      this.received.push(readRtp(datagram.subarray(0, length)))
      return
    }
    this.refused++
  }
}
