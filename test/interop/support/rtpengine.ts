import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { freePort, freePortRange, udpBound } from '../../harness/ports.ts'
import { startProcess } from '../../harness/process.ts'

type Value = string | number | readonly Value[] | { readonly [key: string]: Value }

/** A media proxy between a plain phone and Kedge: it rewrites descriptions, and carries the media between both forms. */
export interface Rtpengine extends AsyncDisposable {
  /** @throws with rtpengine's own words when it does not do it */
  rewrite(command: 'offer' | 'answer', parameters: { readonly [key: string]: Value }): Promise<string>
}

export async function startRtpengine(): Promise<Rtpengine> {
  const port = await freePort()
  const ports = await freePortRange(100)
  const process = await startProcess({
    name: 'rtpengine',
    command: 'rtpengine',
    args: [
      ...['--table=-1', '--interface=127.0.0.1', `--listen-ng=127.0.0.1:${port}`, '--foreground', '--log-stderr'],
      ...[`--port-min=${ports.first}`, `--port-max=${ports.last}`, '--log-level=4'],
    ],
  })
  await udpBound(port)
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  let cookies = 0
  return {
    async rewrite(command, parameters) {
      const cookie = `c${++cookies}`
      const { promise: reply, resolve } = Promise.withResolvers<string>()
      const take = (datagram: Buffer) => {
        const text = datagram.toString('latin1')
        if (!text.startsWith(`${cookie} `)) return
        socket.off('message', take)
        resolve(text.slice(cookie.length + 1))
      }
      socket.on('message', take)
      socket.send(Buffer.from(`${cookie} ${bencode({ command, ...parameters })}`, 'latin1'), port, '127.0.0.1')
      const text = await reply
      const length = /3:sdp(\d+):/.exec(text)
      if (length === null) throw new Error(`rtpengine: ${text}\n${process.tail()}`)
      const start = length.index + length[0].length
      return text.slice(start, start + Number(length[1]))
    },
    async [Symbol.asyncDispose]() {
      socket.close()
      await process.stop()
    },
  }
}

function bencode(value: Value): string {
  if (typeof value === 'number') return `i${value}e`
  if (typeof value === 'string') return `${value.length}:${value}`
  if (Array.isArray(value)) return `l${value.map(bencode).join('')}e`
  const entries = Object.entries(value as { readonly [key: string]: Value })
  return `d${entries.map(([key, entry]) => bencode(key) + bencode(entry)).join('')}e`
}
