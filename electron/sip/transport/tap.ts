import type { SipTransport } from './transport.ts'

export type TapDirection = 'sent' | 'received'

/**
 * The same flow, with each message shown to a listener as well: what was received before anything looks at it, what is
 * sent once it is handed to the network.
 */
export function tapTransport(
  transport: SipTransport,
  tap: (direction: TapDirection, message: Uint8Array | string) => void,
): SipTransport {
  const tapped: SipTransport = {
    // Whatever else a flow can do, keep-alives for one, it does as before.
    ...transport,
    onMessage: undefined,
    onClose: undefined,
    send(message) {
      tap('sent', message)
      return transport.send(message)
    },
    close: () => transport.close(),
  }
  transport.onMessage = (message) => {
    tap('received', message)
    tapped.onMessage?.(message)
  }
  transport.onClose = (error) => tapped.onClose?.(error)
  return tapped
}
