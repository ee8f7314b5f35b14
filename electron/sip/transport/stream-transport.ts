import type { Socket } from 'node:net'
import { KedgeError } from '../../../shared/errors.ts'
import type { SignallingView } from '../../../shared/model/call.ts'
import { networkError } from './network-error.ts'
import { createStreamFramer, type Frame } from './stream-framer.ts'
import type { SipTransport, TransportAddress } from './transport.ts'

export interface StreamOptions {
  readonly kind: 'tcp' | 'tls'
  readonly signalling: SignallingView
  /** Time between two pings of ours, ms; none when absent (a server only answers). */
  readonly keepAliveMs?: number
}

/** How long a message may take to arrive whole once it began, ms. */
const messageMs = 5_000
/** What may wait for a peer that takes nothing: some hundred messages. Then nobody is there who wants them. */
const maxUnsentBytes = 1024 * 1024
/** How long the answer to a ping may take (RFC 5626 §4.4.1: 10 s), ms. */
const pongMs = 10_000

/** A connected TCP or TLS socket as a SIP flow: framing, keep-alive, and one way to end. */
export function streamTransport(socket: Socket, options: StreamOptions): SipTransport {
  const framer = createStreamFramer()
  const local = addressOf(socket.localAddress, socket.localPort)
  const remote = addressOf(socket.remoteAddress, socket.remotePort)
  let open = true
  let stalled: NodeJS.Timeout | undefined
  let awaitedPong: NodeJS.Timeout | undefined
  let answersPings = false
  let pings = options.keepAliveMs === undefined ? undefined : setInterval(ping, options.keepAliveMs)

  const transport: SipTransport = {
    kind: options.kind,
    local,
    remote,
    signalling: options.signalling,
    onMessage: undefined,
    onClose: undefined,
    send(message) {
      if (!open) return Promise.reject(new KedgeError('net/closed', 'the connection is closed'))
      if (socket.writableLength > maxUnsentBytes) {
        const error = new KedgeError('net/timeout', 'the other side takes nothing any more')
        end(error)
        return Promise.reject(error)
      }
      return new Promise((resolve, reject) => {
        socket.write(message, (error) => (error ? reject(networkError(error, 'open')) : resolve()))
      })
    },
    close: () => end(undefined),
    keepAlive(plan) {
      if (!open) return
      clearInterval(pings)
      pings = setInterval(ping, Math.min(plan.everyMs, options.keepAliveMs ?? plan.everyMs))
      answersPings ||= plan.answered
    },
  }

  function end(error: KedgeError | undefined): void {
    if (!open) return
    open = false
    clearInterval(pings)
    clearTimeout(stalled)
    clearTimeout(awaitedPong)
    // What was written before goes out; a peer that does not take it is not waited for.
    if (error) socket.destroy()
    else socket.destroySoon()
    transport.onClose?.(error)
  }

  function ping(): void {
    socket.write('\r\n\r\n')
    // A server that never answered a ping does not know them (RFC 5626 is an extension); then silence means nothing.
    if (!answersPings) return
    awaitedPong ??= setTimeout(() => end(new KedgeError('net/timeout', 'the server stopped answering')), pongMs)
  }

  /** A message that began has to become whole in time, or it holds memory for ever. */
  function watchProgress(completed: boolean): void {
    if (completed || framer.pending === 0) {
      clearTimeout(stalled)
      stalled = undefined
    }
    if (framer.pending === 0) return
    stalled ??= setTimeout(() => end(new KedgeError('net/timeout', 'a message never arrived whole')), messageMs)
  }

  function take(frame: Frame): void {
    // Anything that arrives proves the other side alive.
    clearTimeout(awaitedPong)
    awaitedPong = undefined
    if (frame.kind === 'pong') answersPings = true
    // One that takes no answers gets none: they would pile up here.
    if (frame.kind === 'ping' && !socket.writableNeedDrain) socket.write('\r\n')
    if (frame.kind === 'message' && open) transport.onMessage?.(frame.bytes)
  }

  socket.setNoDelay(true)
  socket.on('data', (chunk: Buffer) => {
    if (!open) return
    try {
      const frames = framer.push(chunk)
      watchProgress(frames.length > 0)
      for (const frame of frames) take(frame)
    } catch (error) {
      end(networkError(error, 'open'))
    }
  })
  socket.on('error', (error) => end(networkError(error, 'open')))
  socket.on('close', () => end(new KedgeError('net/closed', 'the other side closed the connection')))
  return transport
}

function addressOf(address: string | undefined, port: number | undefined): TransportAddress {
  return { address: (address ?? '').replace(/^::ffff:(?=\d+\.)/, ''), port: port ?? 0 }
}
