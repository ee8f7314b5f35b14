import type { Clock } from './clock.ts'
import { createSipEndpoint } from './endpoint.ts'
import type { SipTransport } from './transport/transport.ts'

const headers = [
  'Via: SIP/2.0/UDP proxy.example.com:5060;branch=z9hG4bK1;rport=5060;received=192.0.2.2, SIP/2.0/UDP [2001:db8::1];branch=z9',
  'Record-Route: <sip:proxy.example.com;lr>, <sip:edge.example.com:5061;transport=tls;lr>',
  'From: "A \\" B" <sip:+15551234567;phone-context=a@example.com:5060;user=phone>;tag=a',
  'To: sip:user@example.com',
  'Call-ID: a@example.com',
  'CSeq: 1 METHOD',
  'Contact: "C" <sip:c@[2001:db8::1]:5060;transport=tcp?a=b>;q=0.5, <sips:d@example.com>;expires=60',
  'Max-Forwards: 70',
  'Content-Type: application/sdp; charset=utf-8',
  'Content-Length: 0',
]

/** What a server sends in its first seconds: the paths that are compiled are those that will be used. */
function* firstMessages(): Generator<string> {
  let branch = 0
  const text = (start: string, method: string, lines = headers) => {
    branch += 1
    const filled = lines.map((line) => line.replace('METHOD', method).replace('z9hG4bK1', `z9hG4bK${branch}`))
    return [start, ...filled, '', ''].join('\r\n')
  }
  const request = (method: string, lines?: string[]) => text(`${method} sip:user@example.com SIP/2.0`, method, lines)
  const unfinished = headers.map((line) => line.replace(/^(From|Contact): .*/, '$1: "unfinished <sip:x'))
  const inDialog = headers.map((line) => line.replace(/^To: .*/, '$&;tag=b'))
  for (let round = 0; round < 2; round += 1) {
    yield request('OPTIONS')
    yield request('INVITE')
    yield request('REGISTER')
    yield request('INVITE', inDialog)
    yield request('OPTIONS', unfinished)
    yield text('SIP/2.0 200 OK', 'OPTIONS')
  }
}

/** Time that stands still: no timer of these messages ever runs. */
const noTime: Clock = { now: () => 0, after: () => () => undefined }

let warm = false

/**
 * Takes and answers a few messages that never came. The grammar is one generated function of many thousand lines, and
 * the core is large: the first real messages would hold up the event loop for tens of ms while they are compiled.
 */
export function warmUp(): void {
  if (warm) return
  warm = true
  const nowhere: SipTransport = {
    kind: 'udp',
    local: { address: '127.0.0.1', port: 1 },
    remote: { address: '127.0.0.1', port: 2 },
    signalling: { transport: 'udp' },
    onMessage: undefined,
    onClose: undefined,
    send: async () => undefined,
    close: () => undefined,
  }
  const endpoint = createSipEndpoint(nowhere, {
    aor: 'sip:user@example.com',
    contact: { user: 'user', hostPort: '127.0.0.1:1' },
    userAgent: 'warm-up',
    clock: noTime,
  })
  endpoint.onInvite = (invite) => {
    invite.progress(180)
    invite.reject(480)
  }
  for (const message of firstMessages()) nowhere.onMessage?.(Buffer.from(message))
  void endpoint.close()
}
