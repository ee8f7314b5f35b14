import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type Bencoded, bdecode, bencode } from './bencode.ts'
import { freePortRange } from './ports.ts'

/** What happens to the packets of one direction. */
export interface Impairment {
  /** Part of the RTP packets that is dropped, 0..100, evenly spread: the loss is exact, not likely. RTCP passes. */
  readonly lossPercent: number
  /** Every second RTP packet is held back for so long. */
  readonly jitterMs: number
}

export interface Direction {
  impairment: Impairment
  /** RTP packets that came, and those of them that were dropped. */
  readonly seen: number
  readonly dropped: number
}

/**
 * A bad network between Kedge and a far end: a relay that a proxy steers as it would rtpengine (ng protocol), and that
 * loses and delays what it relays. Keys and profiles stay as they are; only addresses are rewritten.
 */
export interface ImpairedMedia extends AsyncDisposable {
  readonly controlPort: number
  /** From who made the offer to who answered, and back. */
  readonly toAnswerer: Direction
  readonly toOfferer: Direction
}

const unimpaired: Impairment = { lossPercent: 0, jitterMs: 0 }

/** One side's two sockets, RTP and RTCP, and where its peer is. */
interface Side {
  readonly sockets: readonly [Socket, Socket]
  readonly port: number
  peerPort: number | undefined
}

export async function startImpairedMedia(): Promise<ImpairedMedia> {
  const control = createSocket('udp4')
  control.bind(0, '127.0.0.1')
  await once(control, 'listening')
  const [offerer, answerer] = await Promise.all([openSide(), openSide()])
  const toAnswerer = relay(offerer, answerer)
  const toOfferer = relay(answerer, offerer)

  function answer(request: { readonly [key: string]: Bencoded }): Bencoded {
    if (request.command === 'ping') return { result: 'pong' }
    if (request.command !== 'offer' && request.command !== 'answer') return { result: 'ok' }
    const [from, to] = request.command === 'offer' ? [offerer, answerer] : [answerer, offerer]
    const sdp = String(request.sdp)
    from.peerPort = Number(/^m=audio (\d+)/mu.exec(sdp)?.[1])
    const moved = sdp.replace(/^m=audio \d+/mu, `m=audio ${to.port}`).replace(/^a=rtcp:.*\r\n/mu, '')
    return { result: 'ok', sdp: moved }
  }

  control.on('message', (datagram, { address, port }) => {
    const [cookie = '', ...rest] = datagram.toString('latin1').split(' ')
    const request = bdecode(rest.join(' ')) as { readonly [key: string]: Bencoded }
    control.send(Buffer.from(`${cookie} ${bencode(answer(request))}`, 'latin1'), port, address)
  })
  return {
    controlPort: control.address().port,
    toAnswerer,
    toOfferer,
    async [Symbol.asyncDispose]() {
      for (const socket of [control, ...offerer.sockets, ...answerer.sockets]) socket.close()
    },
  }
}

async function openSide(): Promise<Side> {
  const { first } = await freePortRange(2)
  const bind = async (port: number) => {
    const socket = createSocket('udp4')
    socket.bind(port, '127.0.0.1')
    await once(socket, 'listening')
    return socket
  }
  return { sockets: [await bind(first), await bind(first + 1)], port: first, peerPort: undefined }
}

/** What comes from one side's peer goes to the other's, impaired. */
function relay(from: Side, to: Side): Direction {
  const direction = { impairment: unimpaired, seen: 0, dropped: 0 }
  let owed = 0
  from.sockets.forEach((socket, component) => {
    const out = to.sockets[component]
    socket.on('message', (packet) => {
      const { lossPercent, jitterMs } = direction.impairment
      const send = () => {
        if (to.peerPort !== undefined) out?.send(packet, to.peerPort + component, '127.0.0.1', () => undefined)
      }
      if (component === 1) {
        send()
        return
      }
      direction.seen += 1
      owed += lossPercent
      if (owed >= 100) {
        owed -= 100
        direction.dropped += 1
      } else if (jitterMs > 0 && direction.seen % 2 === 0) setTimeout(send, jitterMs)
      else send()
    })
  })
  return direction
}
