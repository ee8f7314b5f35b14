import { randomBytes } from 'node:crypto'
import { stunIdBytes, stunMappedAddress, stunRequest } from '../../stun/binding.ts'
import type { SeenAddresses, SocketAddress } from '../protocol.ts'
import type { Component } from './leg-sockets.ts'

/** RFC 8489 §6.2.1 with the shorter first wait that it allows where a person is waiting for the call. */
const firstWaitMs = 100
const attempts = 5

/** Asks a STUN server how it sees the two sockets of a leg. What does not come from it, or has no open request, is not taken. */
export class Discovery {
  readonly #server: SocketAddress
  readonly #send: (component: Component, packet: Buffer) => void
  readonly #open = new Map<Component, { readonly id: Buffer; answer(address: SocketAddress | undefined): void }>()

  constructor(server: SocketAddress, send: (component: Component, packet: Buffer) => void) {
    this.#server = server
    this.#send = send
  }

  /** Resolves when both are known, or after about three seconds with what is. */
  async ask(): Promise<SeenAddresses> {
    const [rtp, rtcp] = await Promise.all([this.#askFor('rtp'), this.#askFor('rtcp')])
    return { ...(rtp && { rtp }), ...(rtcp && { rtcp }) }
  }

  take(datagram: Buffer, address: string, port: number, component: Component): boolean {
    const request = this.#open.get(component)
    if (!request || address !== this.#server.address || port !== this.#server.port) return false
    const seen = stunMappedAddress(datagram, request.id)
    if (!seen) return false
    request.answer(seen)
    return true
  }

  /** Nothing is waited for any more. */
  cancel(): void {
    for (const { answer } of this.#open.values()) answer(undefined)
  }

  #askFor(component: Component): Promise<SocketAddress | undefined> {
    const id = randomBytes(stunIdBytes)
    const request = Buffer.from(stunRequest(id))
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined
      const answer = (address: SocketAddress | undefined) => {
        clearTimeout(timer)
        this.#open.delete(component)
        resolve(address)
      }
      const attempt = (left: number, waitMs: number) => {
        if (left === 0) return answer(undefined)
        this.#send(component, request)
        timer = setTimeout(() => attempt(left - 1, waitMs * 2), waitMs)
      }
      this.#open.set(component, { id, answer })
      attempt(attempts, firstWaitMs)
    })
  }
}
