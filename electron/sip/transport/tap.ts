import type { SipTransport } from './transport.ts'

export type TapDirection = 'sent' | 'received'

/** @param flow - the one that carries the message; a large one takes another than it came to */
export type Tap = (direction: TapDirection, message: Uint8Array | string, flow: SipTransport) => void

/**
 * The same flow, with each message shown to a listener as well: what was received before anything looks at it, what is
 * sent once it is handed to the network.
 */
export function tapTransport(transport: SipTransport, tap: Tap): SipTransport {
  const { openStream } = transport
  const tapped: SipTransport = {
    // Whatever else a flow can do, keep-alives for one, it does as before.
    ...transport,
    ...(openStream && { openStream: async () => tapTransport(await openStream(), tap) }),
    onMessage: undefined,
    onClose: undefined,
    send(message) {
      tap('sent', message, transport)
      return transport.send(message)
    },
    close: () => transport.close(),
  }
  transport.onMessage = (message) => {
    tap('received', message, transport)
    tapped.onMessage?.(message)
  }
  transport.onClose = (error) => tapped.onClose?.(error)
  return tapped
}
