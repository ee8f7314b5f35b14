import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

export interface Impairment {
  /** Share of datagrams that are lost, 0..1. */
  readonly loss: number
  /** Share that arrives twice, the second copy some ms later. */
  readonly duplication: number
  /** Share that is held back, so that later ones overtake it. */
  readonly reordering: number
  readonly seed: number
}

/** What one datagram of a direction was, and whether it came through. */
export interface Passed {
  readonly toward: 'near' | 'far'
  readonly text: string
  readonly copies: number
}

export interface ImpairedRelay extends AsyncDisposable {
  /** The near end connects here; what arrives goes to the far end. */
  readonly nearPort: number
  /** The far end connects here, or is reached from here. */
  readonly farPort: number
  readonly passed: readonly Passed[]
}

/** How long a datagram that is held back waits at most, ms. */
const longestHoldMs = 120

/**
 * A bad network between two UDP ports of 127.0.0.1, one at each end: loss, duplication and reordering both ways.
 * @param farPort - where the far end listens, when it does not speak first
 */
export async function impairedRelay(impairment: Impairment, farPort?: number): Promise<ImpairedRelay> {
  const [near, far] = [await bound(), await bound()]
  const peers = new Map<Socket, number | undefined>([
    [near, undefined],
    [far, farPort],
  ])
  const passed: Passed[] = []
  const waiting = new Set<NodeJS.Timeout>()
  let state = impairment.seed
  // Park and Miller's generator.
  const random = () => {
    state = (state * 48_271) % 0x7fff_ffff
    return state / 0x7fff_ffff
  }

  function pass(from: Socket, to: Socket, datagram: Buffer): void {
    const port = peers.get(to)
    const copies = random() < impairment.loss ? 0 : random() < impairment.duplication ? 2 : 1
    passed.push({ toward: to === near ? 'near' : 'far', text: datagram.toString('latin1'), copies })
    if (port === undefined || from === to) return
    for (let copy = 0; copy < copies; copy += 1) {
      const isHeld = copy > 0 || random() < impairment.reordering
      const timer = setTimeout(
        () => {
          waiting.delete(timer)
          to.send(datagram, port, '127.0.0.1')
        },
        isHeld ? random() * longestHoldMs : 0,
      )
      waiting.add(timer)
    }
  }

  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.on('message', (datagram, { port }) => {
      peers.set(from, port)
      pass(from, to, datagram)
    })
  }
  return {
    nearPort: near.address().port,
    farPort: far.address().port,
    passed,
    async [Symbol.asyncDispose]() {
      for (const timer of waiting) clearTimeout(timer)
      await Promise.all([near, far].map((socket) => new Promise<void>((closed) => socket.close(() => closed()))))
    },
  }
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}
