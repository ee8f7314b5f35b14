import { KedgeError } from '../../../shared/errors.ts'
import type { SipTransport } from './transport.ts'

/** The window's side of a port or WebSocket: it carries one SIP message as one text, and no bytes of anything else. */
export interface MessagePortPair {
  send(message: string): void
  close(): void
}

export interface MessagePortTransport extends SipTransport {
  /** To be called with each text that arrives. */
  receive(message: string): void
  /** To be called when the port is gone. */
  closed(): void
}

/** Flow to the window. It never leaves this machine, so there is no address and nothing to encrypt. */
export function messagePortTransport(port: MessagePortPair): MessagePortTransport {
  let open = true
  const transport: MessagePortTransport = {
    kind: 'local',
    local: { address: '127.0.0.1', port: 0 },
    remote: { address: '127.0.0.1', port: 0 },
    signalling: { transport: 'local' },
    onMessage: undefined,
    onClose: undefined,
    async send(message) {
      if (!open) throw new KedgeError('net/closed', 'the window is gone')
      port.send(message)
    },
    receive(message) {
      if (open) transport.onMessage?.(Buffer.from(message, 'utf8'))
    },
    closed() {
      if (!open) return
      open = false
      transport.onClose?.(undefined)
    },
    close() {
      if (!open) return
      port.close()
      transport.closed()
    },
  }
  return transport
}
