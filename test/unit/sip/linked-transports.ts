import type { SipTransport } from '../../../electron/sip/transport/transport.ts'

export interface Link {
  readonly left: SipTransport
  readonly right: SipTransport
  /** Every message that went through, in order. */
  readonly sent: { readonly from: 'left' | 'right'; readonly text: string }[]
}

export interface LinkOptions {
  readonly kind?: SipTransport['kind']
  readonly leftPort?: number
  readonly leftAddress?: string
  /** Where the right end sees the left one, when a NAT lies between them. */
  readonly seenAs?: { readonly address: string; readonly port: number }
  /** Returns how often a message arrives: 0 loses it. Called in the order of sending. */
  readonly copies?: (text: string, from: 'left' | 'right') => number
}

/** Two transports that hand each other their messages in a later turn of the event loop, as sockets do. */
export function linkTransports({
  kind = 'tcp',
  leftPort = 5001,
  leftAddress = '127.0.0.1',
  seenAs = { address: leftAddress, port: leftPort },
  copies = () => 1,
}: LinkOptions = {}): Link {
  const sent: Link['sent'] = []
  const ends: SipTransport[] = []
  const make = (from: 'left' | 'right', port: number, peerPort: number, peer: () => SipTransport | undefined) => {
    let open = true
    const transport: SipTransport = {
      kind,
      local: { address: from === 'left' ? leftAddress : '127.0.0.1', port },
      remote: from === 'right' ? seenAs : { address: '127.0.0.1', port: peerPort },
      signalling: { transport: kind },
      onMessage: undefined,
      onClose: undefined,
      async send(text) {
        if (!open) throw new Error('closed')
        sent.push({ from, text })
        for (let copy = copies(text, from); copy > 0; copy -= 1) {
          setTimeout(() => peer()?.onMessage?.(Buffer.from(text)), 1)
        }
      },
      close() {
        if (!open) return
        open = false
        transport.onClose?.(undefined)
        peer()?.close()
      },
    }
    ends.push(transport)
    return transport
  }
  const left = make('left', leftPort, 5002, () => ends[1])
  const right = make('right', 5002, leftPort, () => ends[0])
  return { left, right, sent }
}
