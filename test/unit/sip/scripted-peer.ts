import { headerOf, headersOf, type RawMessage } from '../../../electron/sip/message/raw-message.ts'
import { checkMessage } from '../../../electron/sip/transport/front-check.ts'
import type { SipTransport } from '../../../electron/sip/transport/transport.ts'

/** The other end of a transport, written by hand: for what no well-behaved stack sends. */
export interface ScriptedPeer {
  readonly received: RawMessage[]
  /** Sends a request; `headers` are added to what every request needs. */
  request(
    method: string,
    options?: { uri?: string; to?: string; branch?: string; cseq?: number; headers?: readonly string[]; body?: string },
  ): void
  /** Answers a request that was received. */
  respond(to: RawMessage, status: number, options?: { tag?: string; headers?: readonly string[]; body?: string }): void
  /** The last message whose start line begins so, for instance `INVITE` or `200`. */
  last(start: string): RawMessage
}

const startOf = ({ start }: RawMessage) => (start.kind === 'request' ? start.method : String(start.status))

export function scriptedPeer(transport: SipTransport): ScriptedPeer {
  const received: RawMessage[] = []
  let branch = 0
  transport.onMessage = (bytes) => {
    const checked = checkMessage(bytes)
    if (checked.kind !== 'ok') throw new Error(`we sent what we would not accept: ${checked.reason}`)
    received.push(checked.message)
  }
  const send = (lines: readonly string[], body: string) => {
    const type = body === '' ? [] : ['Content-Type: application/sdp']
    const message = [...lines, ...type, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n')
    void transport.send(message)
  }
  return {
    received,
    request(method, options = {}) {
      branch += 1
      const {
        uri = 'sip:alice@example.test',
        to = '<sip:alice@example.test>',
        cseq = 1,
        headers = [],
        body = '',
      } = options
      send(
        [
          `${method} ${uri} SIP/2.0`,
          `Via: SIP/2.0/TCP 127.0.0.1:5002;branch=${options.branch ?? `z9hG4bKpeer${branch}`}`,
          'From: <sip:peer@example.test>;tag=peer',
          `To: ${to}`,
          'Call-ID: peer-call',
          `CSeq: ${cseq} ${method}`,
          ...(headers.some((line) => line.startsWith('Contact:')) ? [] : ['Contact: <sip:peer@127.0.0.1:5002>']),
          ...headers,
        ],
        body,
      )
    },
    respond(to, status, { tag, headers = [], body = '' } = {}) {
      send(
        [
          `SIP/2.0 ${status} Reason`,
          ...headersOf(to, 'via').map((via) => `Via: ${via}`),
          `From: ${headerOf(to, 'from')}`,
          `To: ${headerOf(to, 'to')}${tag === undefined ? '' : `;tag=${tag}`}`,
          `Call-ID: ${headerOf(to, 'call-id')}`,
          `CSeq: ${headerOf(to, 'cseq')}`,
          `Contact: <sip:peer-${tag}@127.0.0.1:5002>`,
          ...headers,
        ],
        body,
      )
    },
    last(start) {
      const found = received.findLast((message) => startOf(message) === start)
      if (!found) throw new Error(`no ${start} among ${received.map(startOf).join(' ')}`)
      return found
    },
  }
}
