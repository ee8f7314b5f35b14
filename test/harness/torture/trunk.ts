import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createStreamFramer } from '../../../electron/sip/transport/stream-framer.ts'
import type { Way } from './types.ts'

/** What a response says, read without judging it: the phone gives back what it got in a malformed message. */
export interface PhoneResponse {
  readonly status: number
  readonly callId: string | undefined
}

/** The account's server, as far as torture needs one: it lets everybody register, and says what it is told to say. */
export interface Trunk {
  readonly port: number
  /** Contact that the phone registered on the flow in use; undefined while there is none. */
  readonly contact: string | undefined
  /** Responses that came since they were last looked at, REGISTER's answers left out. */
  takeResponses(): PhoneResponse[]
  /** Sends octets as they are; in pieces of one octet where that is the way. False when there is no flow. */
  send(bytes: Uint8Array): Promise<boolean>
  close(): Promise<void>
}

export async function startTrunk(way: Way): Promise<Trunk> {
  const responses: PhoneResponse[] = []
  let contact: string | undefined
  const lost = () => {
    contact = undefined
  }
  const link = way === 'udp' ? await udpSide(receive) : await tcpSide(way, receive, lost)

  function receive(bytes: Uint8Array): void {
    const text = Buffer.from(bytes).toString('utf8')
    const status = Number(text.match(/^SIP\/2\.0 (\d{3}) /)?.[1] ?? 0)
    if (status === 0) {
      if (text.startsWith('REGISTER ')) contact = headerIn(text, 'Contact')?.match(/<([^>]*)>/)?.[1]
      void link.reply(message('SIP/2.0 200 OK', [...copied(text), `CSeq: ${headerIn(text, 'CSeq')}`]))
      return
    }
    responses.push({ status, callId: headerIn(text, 'Call-ID') })
    const [number, method] = headerIn(text, 'CSeq')?.split(/\s+/) ?? []
    // Without its ACK a refusal would come again while the next message is looked at. Where the refused message was not
    // whole its ACK would not be either, and count against the next one: such a refusal has no transaction to repeat it.
    const headers = copied(text)
    if (status >= 300 && method === 'INVITE' && headers.length === 4) {
      void link.reply(message(`ACK ${contact ?? 'sip:phone'} SIP/2.0`, [...headers, `CSeq: ${number} ACK`]))
    }
  }

  return {
    port: link.port,
    get contact() {
      return contact
    },
    takeResponses: () => responses.splice(0),
    send: link.send,
    close: link.close,
  }
}

const headerIn = (text: string, name: string) => text.match(new RegExp(`\r\n${name}: ([^\r]*)`, 'i'))?.[1]

/** The headers that a response, and the ACK of a refusal, take over. */
function copied(text: string): string[] {
  const via = headerIn(text, 'Via')?.replace(/;(?:received|rport)=[^;,]*/g, '')
  const values = {
    Via: via,
    From: headerIn(text, 'From'),
    To: headerIn(text, 'To'),
    'Call-ID': headerIn(text, 'Call-ID'),
  }
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
}

const message = (start: string, headers: readonly string[]) =>
  [start, ...headers, 'Content-Length: 0', '', ''].join('\r\n')

interface Link {
  readonly port: number
  reply(text: string): Promise<unknown>
  send(bytes: Uint8Array): Promise<boolean>
  close(): Promise<void>
}

async function udpSide(receive: (bytes: Uint8Array) => void): Promise<Link> {
  const socket = createSocket('udp4')
  let phone: { readonly port: number; readonly address: string } | undefined
  socket.on('message', (bytes, from) => {
    phone = from
    receive(bytes)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const send = async (bytes: Uint8Array) => {
    const to = phone
    if (!to) return false
    await new Promise((sent) => socket.send(bytes, to.port, to.address, sent))
    return true
  }
  return {
    port: socket.address().port,
    reply: (text) => send(Buffer.from(text)),
    send,
    close: () => new Promise((closed) => socket.close(() => closed())),
  }
}

async function tcpSide(way: Way, receive: (bytes: Uint8Array) => void, onLost: () => void): Promise<Link> {
  let phone: Socket | undefined
  const server = createServer((socket) => {
    phone = socket
    socket.setNoDelay(true)
    const framer = createStreamFramer()
    socket.on('data', (chunk) => {
      for (const frame of framer.push(chunk)) if (frame.kind === 'message') receive(frame.bytes)
    })
    // A phone that ends a connection over what it got is what is being looked for.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      if (phone === socket) onLost()
      if (phone === socket) phone = undefined
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const write = (socket: Socket, bytes: Uint8Array) =>
    new Promise<boolean>((sent) => socket.write(bytes, (error) => sent(!error)))
  const bound = server.address()
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    reply: async (text) => phone && write(phone, Buffer.from(text)),
    async send(bytes) {
      const socket = phone
      if (!socket) return false
      if (way === 'tcp') return write(socket, bytes)
      for (let at = 0; at < bytes.length; at += 1) {
        if (!(await write(socket, bytes.subarray(at, at + 1)))) return false
      }
      return true
    },
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()))
      phone?.destroy()
      await closed
    },
  }
}
