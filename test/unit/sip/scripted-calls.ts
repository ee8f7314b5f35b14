import { vi } from 'vitest'
import { createSipEndpoint } from '../../../electron/sip/endpoint.ts'
import type { EndpointConfig } from '../../../electron/sip/endpoint-config.ts'
import { headerOf, type RawMessage } from '../../../electron/sip/message/raw-message.ts'
import type {
  IncomingInvite,
  OutgoingInviteDelegate,
  SipDialog,
  SipDialogDelegate,
  SipResponse,
} from '../../../electron/sip/types.ts'
import { type LinkOptions, linkTransports } from './linked-transports.ts'
import { type ScriptedPeer, scriptedPeer } from './scripted-peer.ts'

/** Long enough for a message and its answer, on the fake clock. */
export const soon = () => vi.advanceTimersByTimeAsync(10)

/** An endpoint of ours, and the other end of its flow written by hand. */
export function phone(more: Partial<EndpointConfig> = {}, options: LinkOptions = {}) {
  const link = linkTransports(options)
  const endpoint = createSipEndpoint(link.left, {
    aor: 'sip:alice@example.test',
    contact: { user: 'contact', hostPort: '127.0.0.1:5001', transport: 'tcp' },
    userAgent: 'test',
    ...more,
  })
  const invites: IncomingInvite[] = []
  endpoint.onInvite = (invite) => invites.push(invite)
  return { link, endpoint, invites, peer: scriptedPeer(link.right) }
}

/** Methods and statuses that the peer has received, in order. */
export const starts = (peer: ScriptedPeer): string[] =>
  peer.received.map(({ start }) => (start.kind === 'request' ? start.method : String(start.status)))

/** A dialog's delegate that writes down what it hears. */
export function listener(more: Partial<SipDialogDelegate> = {}) {
  const heard: string[] = []
  const delegate: SipDialogDelegate = {
    onBye: () => heard.push('bye'),
    onLost: (reason) => heard.push(reason),
    onRefreshDue: () => heard.push('refresh due'),
    onReinvite: (request) => request.accept('v=0\r\n'),
    ...more,
  }
  return { heard, delegate }
}

/** A call of ours that rings nowhere yet. */
export async function placing(more: Partial<EndpointConfig> = {}, delegate: Partial<OutgoingInviteDelegate> = {}) {
  const made = phone(more)
  const progress: SipResponse[] = []
  const dialogs: SipDialog[] = []
  const rejected: SipResponse[] = []
  const call = made.endpoint.invite(
    { target: 'sip:bob@example.test', offer: 'v=0\r\n' },
    {
      onProgress: (response) => progress.push(response),
      onAccepted: (_response, dialog) => dialogs.push(dialog),
      onRejected: (response) => rejected.push(response),
      ...delegate,
    },
  )
  await soon()
  const invite = made.peer.last('INVITE')
  /** A request of the peer's in the dialog that its response with this tag has made. */
  const request = (method: string, cseq: number, extra: InDialog = {}) =>
    void made.link.right.send(inDialog(method, cseq, { from: '<sip:bob@example.test>;tag=bob', ...extra }, invite))
  return { ...made, progress, dialogs, rejected, call, invite, request }
}

/** The same, answered by `bob`. */
export async function answered(headers: readonly string[] = [], more: Partial<EndpointConfig> = {}) {
  const made = await placing(more)
  made.peer.respond(made.invite, 200, { tag: 'bob', headers, body: 'v=0\r\n' })
  await soon()
  const [dialog] = made.dialogs
  if (!dialog) throw new Error('not accepted')
  const { heard, delegate } = listener()
  dialog.delegate = delegate
  return { ...made, dialog, heard }
}

interface InDialog {
  readonly headers?: readonly string[]
  readonly body?: string
  readonly from?: string
}

function inDialog(method: string, cseq: number, { headers = [], body = '', from }: InDialog, invite: RawMessage) {
  const own = headers.some((line) => line.startsWith('Contact:')) ? [] : ['Contact: <sip:moved@127.0.0.1:5002>']
  return [
    `${method} sip:contact@127.0.0.1:5001;transport=tcp SIP/2.0`,
    `Via: SIP/2.0/TCP 127.0.0.1:5002;branch=z9hG4bK${method}${cseq}`,
    `From: ${from}`,
    `To: ${headerOf(invite, 'from')}`,
    `Call-ID: ${headerOf(invite, 'call-id')}`,
    `CSeq: ${cseq} ${method}`,
    ...own,
    ...headers,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
}
