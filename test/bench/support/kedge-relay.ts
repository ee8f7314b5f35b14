import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { MediaEvent } from '../../../electron/media/media.ts'
import type { MediaCommandName, MediaCommands } from '../../../electron/media/protocol.ts'
import type { SrtpEngine } from '../../../electron/media/srtp/types.ts'
import { SipPeer } from '../../unit/media/worker/support/sip-peer.ts'
import { sha1, WebRtcClient } from '../../unit/media/worker/support/webrtc-client.ts'
import type { Call, Contender } from './relay-contender.ts'
import type { RelayReply } from './relay-process.ts'

/** Kedge's media worker: a WebRTC leg (ICE-lite, DTLS-SRTP) joined to an SDES leg. */
export class KedgeRelay implements Contender {
  readonly name = 'kedge'
  readonly path = `DTLS-SRTP (ICE-lite, ${sha1.suite}) <-> SDES-SRTP (${sha1.suite}), Node ${process.version}`
  readonly pid: number
  readonly #child: ChildProcess
  readonly #engine: SrtpEngine
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  #calls = 0
  #lastId = 0

  /** @param onEvent - hears of what the worker announces; without it nothing is passed on */
  static async start(engine: SrtpEngine, onEvent?: (event: MediaEvent) => void): Promise<KedgeRelay> {
    const program = fileURLToPath(new URL('relay-process.ts', import.meta.url))
    const child = fork(program, onEvent ? ['--events'] : [], { serialization: 'advanced' })
    await once(child, 'message')
    return new KedgeRelay(child, engine, onEvent)
  }

  private constructor(child: ChildProcess, engine: SrtpEngine, onEvent?: (event: MediaEvent) => void) {
    this.#child = child
    this.#engine = engine
    if (child.pid === undefined) throw new Error('the relay has no process id')
    this.pid = child.pid
    child.on('message', (message: RelayReply | MediaEvent) => {
      if ('type' in message) {
        onEvent?.(message)
        return
      }
      const { id, value, error } = message
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) waiting?.resolve(value)
      else waiting?.reject(new Error(error))
    })
  }

  async openCall(): Promise<Call> {
    const [local, trunk] = [`local${++this.#calls}`, `trunk${this.#calls}`]
    const opened = await this.call('openWebRtcLeg', { legId: local })
    const client = await WebRtcClient.open(this.#engine, opened)
    await this.call('connectWebRtcLeg', { legId: local, remote: client.remote() })
    await client.check()
    await client.handshake(sha1)
    const peer = await SipPeer.open(this.#engine, sha1.suite)
    const { rtpPort } = await this.call('openSipLeg', { legId: trunk, address: '127.0.0.1' })
    await this.call('connectSipLeg', { legId: trunk, remote: peer.remote() })
    await this.call('join', { a: local, b: trunk })
    return [
      {
        localPort: client.socket.address().port,
        remotePort: opened.port,
        protect: (packet) => client.protect(packet),
        unprotect: (datagram) => client.unprotect(datagram),
        keepAlive: () => client.bindingRequest(),
        release: () => client.release(),
      },
      {
        localPort: peer.rtp.address().port,
        remotePort: rtpPort,
        protect: (packet) => peer.protect(packet),
        unprotect: (datagram) => peer.unprotect(datagram),
        keepAlive: () => undefined,
        release: () => peer.release(),
      },
    ]
  }

  call<C extends MediaCommandName>(command: C, input: MediaCommands[C]['input']): Promise<MediaCommands[C]['output']> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
      this.#child.send({ id, command, input })
    })
  }

  async close(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.disconnect()
    await exited
  }
}
