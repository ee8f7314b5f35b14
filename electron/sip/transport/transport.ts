import type { KedgeError } from '../../../shared/errors.ts'
import type { SignallingView } from '../../../shared/model/call.ts'
import type { SignallingTransport } from '../../../shared/model/media.ts'

/** One end of a flow. For the window's message port both are `{ address: '127.0.0.1', port: 0 }`. */
export interface TransportAddress {
  /** IPv4 or IPv6 address without brackets. */
  readonly address: string
  /** 0..65535 */
  readonly port: number
}

/**
 * One flow that carries whole SIP messages, each way, between exactly two ends: the window's port, a connection to
 * an account's server, a connected UDP socket, or a connection that a server accepted. Streams are framed below
 * this interface, so a message here is always complete and never two.
 */
export interface SipTransport {
  readonly kind: SignallingTransport
  readonly local: TransportAddress
  readonly remote: TransportAddress
  /** What the TLS layer verified; only `transport` where there is no TLS. */
  readonly signalling: SignallingView
  /** Resolves once the message was handed to the network; rejects with a KedgeError `net/*` when the flow is gone. */
  send(message: string): Promise<void>
  /** Set once, before the current turn of the event loop ends; bytes of one message as they arrived. */
  onMessage: ((message: Uint8Array) => void) | undefined
  /** Called once, when the flow has ended. Without an error it was closed from this side or in good order. */
  onClose: ((error: KedgeError | undefined) => void) | undefined
  /** Idempotent. `onClose` follows. */
  close(): void
  /** Opens a stream to the same server, for requests that no datagram should carry; only on UDP. */
  openStream?: () => Promise<SipTransport>
  /** Sets how the flow is kept alive; absent where nothing has to be done for that. A flow that proves dead ends. */
  keepAlive?: (plan: KeepAlivePlan) => void
}

/** RFC 5626 §4.4: double CRLF on streams, STUN on UDP. */
export interface KeepAlivePlan {
  /** From one sign of life to the next. */
  readonly everyMs: number
  /** The server is known to answer them, so that its silence means that the flow is dead. */
  readonly answered: boolean
}

/** Whether lost datagrams have to be made good above this transport (RFC 3261 §17). */
export const isReliable = (kind: SignallingTransport): boolean => kind !== 'udp'

/** `host:port` as it stands in a URI or a Via header: IPv6 addresses in brackets. */
export function hostPort({ address, port }: TransportAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
