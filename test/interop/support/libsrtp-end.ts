import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { SdesKeys } from '../../../electron/media/protocol.ts'
import { usableCrypto } from '../../../electron/sdp/crypto-attribute.ts'
import { parseSdp } from '../../../electron/sdp/parse-sdp.ts'
import { compileDriver, LibSrtp } from '../../harness/libsrtp/driver.ts'
import type { PortRange } from '../../harness/ports.ts'
import type { RtpEnd } from '../../harness/voice.ts'
import { type Rtp, readRtp, writeRtp } from '../../unit/media/worker/support/rtp.ts'

/**
 * Media of a trunk whose signalling is played by a script, with every packet protected and opened by native libsrtp: what
 * is heard through it was understood by code that is not ours.
 */
export class LibSrtpEnd implements RtpEnd, AsyncDisposable {
  readonly received: Rtp[] = []
  /** Packets that libsrtp refused. */
  refused = 0
  readonly #suite: SdesKeys['suite']
  readonly #library: LibSrtp
  readonly #remove: () => void
  readonly #socket = createSocket('udp4')
  /** Numbers of libsrtp's sessions: one for each key of ours, by its place among them. */
  readonly #senders: readonly number[]
  #sending = 0
  /** Hung up: a packet may still be at libsrtp, and goes nowhere then. */
  #closed = false
  #receiver: number | undefined
  #port = 0

  /** @param ours - the keys that we send with, told apart by MKI where there are several */
  static async open({ first }: Pick<PortRange, 'first'>, ours: SdesKeys): Promise<LibSrtpEnd> {
    const driver = compileDriver()
    if (driver === undefined) throw new Error('gcc and libsrtp2-dev are needed')
    const library = new LibSrtp(driver.path)
    const senders = await Promise.all(ours.keys.map((key) => library.create('out', ours.suite, key)))
    const end = new LibSrtpEnd(ours.suite, library, senders, driver.remove)
    end.#socket.bind(first, '127.0.0.1')
    await once(end.#socket, 'listening')
    return end
  }

  private constructor(suite: SdesKeys['suite'], library: LibSrtp, senders: readonly number[], remove: () => void) {
    this.#suite = suite
    this.#library = library
    this.#senders = senders
    this.#remove = remove
    this.#socket.on('message', (datagram) => void this.#receive(datagram))
  }

  /** Kedge's description: its port, and the key that it sends with. */
  async read(sdp: string): Promise<void> {
    const section = parseSdp(sdp).media.find(({ port }) => port !== 0)
    const line = section && usableCrypto(section).find(({ suite }) => suite === this.#suite)
    const [key] = line?.keys ?? []
    if (section === undefined || line === undefined || key === undefined) throw new Error(`no key in\n${sdp}`)
    this.#receiver = await this.#library.create('in', line.suite, key)
    this.#port = section.port
  }

  /** From here on under another of our keys, whose MKI the packets name. @param at - its place among them, from 0 */
  useKey(at: number): void {
    this.#sending = at
  }

  send(packet: Partial<Rtp>): void {
    if (this.#port === 0 || this.#closed) return
    void this.#protect(packet)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#socket.close()
    await this.#library.close()
    this.#remove()
  }

  async #protect(packet: Partial<Rtp>): Promise<void> {
    const session = this.#senders[this.#sending] ?? 0
    const answer = this.#library.packet('p', session, writeRtp(packet))
    this.#library.flush()
    const { status, bytes } = await answer
    if (this.#closed) return
    if (status !== 0) throw new Error(`libsrtp does not protect: ${status}`)
    this.#socket.send(bytes, this.#port, '127.0.0.1')
  }

  async #receive(datagram: Buffer): Promise<void> {
    if (this.#receiver === undefined) return
    const answer = this.#library.packet('u', this.#receiver, datagram)
    this.#library.flush()
    const { status, bytes } = await answer
    if (this.#closed) return
    if (status === 0) this.received.push(readRtp(Buffer.from(bytes)))
    else this.refused++
  }
}
