import type { RemoteInfo, Socket } from 'node:dgram'

/**
 * Node's UDP handle, which `node:dgram` drives for everybody else. Through it a packet is read without an event and
 * sent without a look-up, a closure and a request object of its own: 7 % of the whole cost of relaying one
 * (docs/performance.md). It is no public interface, so nothing is taken for granted: where a piece is missing there is
 * no handle, and the socket is used as documented.
 */
export class UdpHandle {
  readonly #native: NativeHandle
  readonly #Request: RequestClass
  readonly #list: Buffer[] = [Buffer.alloc(0)]
  #request: SendRequest

  constructor(native: NativeHandle, Request: RequestClass) {
    this.#native = native
    this.#Request = Request
    this.#request = new Request()
  }

  /** The socket's descriptor; undefined where the system has none (Windows). */
  get fd(): number | undefined {
    const { fd } = this.#native
    return fd !== undefined && fd >= 0 ? fd : undefined
  }

  read(reader: (datagram: Buffer, address: string, port: number) => void): void {
    this.#native.onmessage = (bytes, _handle, datagram, source) => {
      // Below zero it is an error that the system reports for an earlier packet.
      if (bytes >= 0) reader(datagram, source.address, source.port)
    }
  }

  send(packet: Buffer, port: number, address: string): void {
    this.#list[0] = packet
    const result = this.#native.send(this.#request, this.#list, 1, port, address, false)
    if (result !== 0) return
    // The system could not take it at once: until it has, the request is its own and keeps the packet alive.
    this.#request.list = packet
    this.#request = new this.#Request()
  }
}

/** As lib/dgram.js uses it, of Node 12 to 24. */
interface NativeHandle {
  readonly fd?: number
  onmessage: (bytes: number, handle: unknown, datagram: Buffer, source: RemoteInfo) => void
  /** @returns bytes + 1 when sent, 0 when it will be, else an error below 0 */
  send(
    request: SendRequest,
    list: Buffer[],
    length: number,
    port: number,
    address: string,
    hasCallback: boolean,
  ): number
}

interface SendRequest {
  list?: Buffer
}

type RequestClass = new () => SendRequest

/** @returns undefined where this Node does not keep its handle as we know it */
export function udpHandleOf(socket: Socket): UdpHandle | undefined {
  const Request = requestClass()
  const state = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol')
  const native = state === undefined ? undefined : (socket as unknown as Record<symbol, StateLike>)[state]?.handle
  return Request !== undefined && isNativeHandle(native) ? new UdpHandle(native, Request) : undefined
}

interface StateLike {
  readonly handle?: unknown
}

function isNativeHandle(value: unknown): value is NativeHandle {
  const { onmessage, send } = (value ?? {}) as Partial<NativeHandle>
  return typeof onmessage === 'function' && typeof send === 'function'
}

function requestClass(): RequestClass | undefined {
  const { binding } = process as { binding?: (name: string) => { readonly SendWrap?: unknown } }
  try {
    const { SendWrap } = binding?.('udp_wrap') ?? {}
    return typeof SendWrap === 'function' ? (SendWrap as RequestClass) : undefined
  } catch {
    // Refused under Node's permission model.
    return undefined
  }
}
