import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** Answers Binding requests as a server beyond a NAT would: with an address that is not the sender's own. */
export class StunServer implements Disposable {
  readonly port: number
  /** Source ports of the requests, repeated ones too. */
  readonly asked: number[] = []
  readonly #socket: Socket

  /** @param deaf - how many requests are lost first */
  static async open(seen: { readonly address: string; portOf(port: number): number }, deaf = 0): Promise<StunServer> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new StunServer(socket, seen, deaf)
  }

  private constructor(socket: Socket, seen: { readonly address: string; portOf(port: number): number }, deaf: number) {
    this.#socket = socket
    this.port = socket.address().port
    socket.on('message', (request, source) => {
      this.asked.push(source.port)
      if (this.asked.length <= deaf) return
      socket.send(mapped(request, seen.address, seen.portOf(source.port)), source.port, source.address)
    })
  }

  [Symbol.dispose](): void {
    this.#socket.close()
  }
}

/** A Binding success with XOR-MAPPED-ADDRESS, as RFC 8489 §14.2 draws it. */
export function mapped(request: Buffer, address: string, port: number): Buffer {
  const response = Buffer.alloc(32)
  response.writeUInt16BE(0x0101, 0)
  response.writeUInt16BE(12, 2)
  request.copy(response, 4, 4, 20)
  response.writeUInt16BE(0x0020, 20)
  response.writeUInt16BE(8, 22)
  response[25] = 1
  response.writeUInt16BE(port ^ 0x2112, 26)
  for (const [at, octet] of address.split('.').map(Number).entries()) response[28 + at] = octet ^ (request[4 + at] ?? 0)
  return response
}
