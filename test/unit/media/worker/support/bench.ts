import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { FromMedia, MediaCommandName, MediaCommands } from '../../../../../electron/media/protocol.ts'
import { loadEngine } from '../../../../../electron/media/srtp/engine.ts'
import type { SrtpEngine } from '../../../../../electron/media/srtp/types.ts'
import { type DtlsCertificate, makeCertificate } from '../../../../../electron/media/worker/certificate.ts'
import { LegTable } from '../../../../../electron/media/worker/leg-table.ts'
import { loadLibc } from '../../../../../electron/media/worker/libc.ts'
import { KedgeError } from '../../../../../shared/errors.ts'
import type { CryptoSuite } from '../../../../../shared/model/media.ts'
import { SipPeer } from './sip-peer.ts'

let certificate: Promise<DtlsCertificate> | undefined

/** A leg table in this thread with real sockets, and everything that a test opens beside it. */
export class Bench {
  readonly table: LegTable
  readonly engine: SrtpEngine
  readonly events: FromMedia[] = []
  readonly #close: (() => void)[] = []
  readonly #answers = new Map<number, (message: FromMedia) => void>()
  #lastId = 0

  static async open(): Promise<Bench> {
    certificate ??= makeCertificate(Date.now())
    return new Bench(await loadEngine(), await certificate)
  }

  private constructor(engine: SrtpEngine, own: DtlsCertificate) {
    this.engine = engine
    this.table = new LegTable({ engine, certificate: own, libc: loadLibc(), post: (message) => this.#receive(message) })
    this.#close.push(() => this.table.close())
  }

  call<C extends MediaCommandName>(command: C, input: MediaCommands[C]['input']): Promise<MediaCommands[C]['output']> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#answers.set(id, (message) => {
        if (message.type === 'reply') resolve(message.value as MediaCommands[C]['output'])
        else if (message.type === 'refused') reject(new KedgeError(message.error.code, message.error.message))
      })
      // Through a copy, as between threads.
      void this.table.handle(structuredClone({ id, command, input }))
    })
  }

  /** A peer, not yet known to a leg. */
  async peer(suite?: CryptoSuite): Promise<SipPeer> {
    const peer = await SipPeer.open(this.engine, suite)
    this.#close.push(() => peer.close())
    return peer
  }

  /** A connected SIP leg with its far end. */
  async sipLeg(legId: string, suite?: CryptoSuite): Promise<SipPeer> {
    const peer = await this.peer(suite)
    peer.meet(await this.call('openSipLeg', { legId, address: '127.0.0.1' }))
    await this.call('connectSipLeg', { legId, remote: peer.remote() })
    return peer
  }

  /** Two SIP legs, `a` and `b`, joined. */
  async joined(a?: CryptoSuite, b?: CryptoSuite): Promise<readonly [SipPeer, SipPeer]> {
    const peers = [await this.sipLeg('a', a), await this.sipLeg('b', b)] as const
    await this.call('join', { a: 'a', b: 'b' })
    return peers
  }

  /** Describes the peer of a leg anew. */
  reconnect(legId: string, peer: SipPeer, overrides: Parameters<SipPeer['remote']>[0] = {}) {
    return this.call('connectSipLeg', { legId, remote: peer.remote(overrides) })
  }

  /** A socket of someone who has no part in the call. */
  async stranger(): Promise<Socket> {
    const socket = createSocket('udp4')
    this.#close.push(() => socket.close())
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return socket
  }

  /** Runs when the bench closes, last opened first. */
  onClose(close: () => void): void {
    this.#close.push(close)
  }

  close(): void {
    for (const close of this.#close.toReversed()) close()
  }

  #receive(message: FromMedia): void {
    if (message.type === 'reply' || message.type === 'refused') this.#answers.get(message.id)?.(message)
    else this.events.push(message)
  }
}
