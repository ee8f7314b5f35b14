import type { SipTransport } from '../../../electron/sip/transport/transport.ts'

/**
 * Both ends of a TLS connection on 127.0.0.1, without the connection.
 * @param kept - whether `messages` keeps every message: not where thousands of calls are placed
 */
export function transportPair(kept = true): { client: SipTransport; server: SipTransport; messages: string[] } {
  const messages: string[] = []
  const client = end(40_000, 5061)
  const server = end(5061, 40_000)
  join(client, server)
  join(server, client)
  return { client, server, messages }

  function end(localPort: number, remotePort: number): SipTransport {
    return {
      kind: 'tls',
      local: { address: '127.0.0.1', port: localPort },
      remote: { address: '127.0.0.1', port: remotePort },
      signalling: { transport: 'tls' },
      onMessage: undefined,
      onClose: undefined,
      send: () => Promise.resolve(),
      close: () => undefined,
    }
  }

  function join(from: SipTransport, to: SipTransport): void {
    let open = true
    from.send = (message) => {
      if (kept) messages.push(message)
      queueMicrotask(() => to.onMessage?.(Buffer.from(message)))
      return Promise.resolve()
    }
    from.close = () => {
      if (!open) return
      open = false
      queueMicrotask(() => {
        from.onClose?.(undefined)
        to.onClose?.(undefined)
      })
    }
  }
}
