import { vi } from 'vitest'
import { createSipEndpoint } from '../../../electron/sip/endpoint.ts'
import type { EndpointConfig } from '../../../electron/sip/endpoint-config.ts'
import { headerOf } from '../../../electron/sip/message/raw-message.ts'
import type { SipDialog, SipResponse } from '../../../electron/sip/types.ts'
import { type LinkOptions, linkTransports } from './linked-transports.ts'
import { type ScriptedPeer, scriptedPeer } from './scripted-peer.ts'

export const sdp = 'v=0\r\n'

/** An endpoint of ours and a peer that says what it is told to. */
export function alice(more: Partial<EndpointConfig> = {}, options: LinkOptions = {}) {
  const link = linkTransports(options)
  const endpoint = createSipEndpoint(link.left, {
    aor: 'sip:alice@example.test',
    contact: { user: 'contact', hostPort: '127.0.0.1:5001', transport: 'tcp' },
    userAgent: 'test',
    ...more,
  })
  return { link, endpoint, peer: scriptedPeer(link.right) }
}

/** Under fake timers: whatever is on its way has arrived. */
export const soon = () => vi.advanceTimersByTimeAsync(10)
/** Methods and status codes that the peer has received. */
export const starts = (peer: ScriptedPeer) =>
  peer.received.map(({ start }) => (start.kind === 'request' ? start.method : String(start.status)))

/** A call that the peer has answered. */
export async function placed(more: Partial<EndpointConfig> = {}, headers: readonly string[] = []) {
  const { endpoint, peer, link } = alice(more)
  const dialogs: SipDialog[] = []
  const rejected: SipResponse[] = []
  endpoint.invite(
    { target: 'sip:bob@example.test', offer: sdp },
    {
      onProgress: () => undefined,
      onAccepted: (_response, dialog) => dialogs.push(dialog),
      onRejected: (response) => rejected.push(response),
    },
  )
  await soon()
  const invite = peer.last('INVITE')
  peer.respond(invite, 200, { tag: 'bob', headers, body: sdp })
  await soon()
  const [dialog] = dialogs
  if (!dialog) throw new Error('not accepted')
  const inDialog = {
    to: `${headerOf(invite, 'from')}`,
    headers: [] as string[],
  }
  /** A request of the peer's within that dialog. */
  const request = (method: string, cseq: number, extra: { headers?: readonly string[]; body?: string } = {}) => {
    const lines = [
      `${method} sip:contact@127.0.0.1:5001;transport=tcp SIP/2.0`,
      `Via: SIP/2.0/TCP 127.0.0.1:5002;branch=z9hG4bK${method}${cseq}`,
      'From: <sip:bob@example.test>;tag=bob',
      `To: ${inDialog.to}`,
      `Call-ID: ${dialog.callId}`,
      `CSeq: ${cseq} ${method}`,
      'Contact: <sip:moved@127.0.0.1:5002>',
      ...(extra.headers ?? []),
      ...(extra.body ? ['Content-Type: application/sdp'] : []),
      `Content-Length: ${extra.body?.length ?? 0}`,
      '',
      extra.body ?? '',
    ]
    void link.right.send(lines.join('\r\n'))
  }
  return { endpoint, peer, link, dialog, dialogs, rejected, invite, request }
}
