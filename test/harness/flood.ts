import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

/** UDP ports of 127.0.0.1 or of every address that a process has open. Asks the kernel. */
export async function udpPortsOf(pid: number): Promise<number[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`)
  const links = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
  const inodes = new Set(links.flatMap((link) => link.match(/^socket:\[(\d+)\]$/)?.[1] ?? []))
  const lines = (await readFile(`/proc/${pid}/net/udp`, 'utf8')).split('\n').slice(1)
  return lines.flatMap((line) => {
    const [, local = '', , , , , , , , inode = ''] = line.trim().split(/\s+/)
    return inodes.has(inode) ? [Number.parseInt(local.split(':')[1] ?? '0', 16)] : []
  })
}

/** Memory of a process that is in use, bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return 1024 * Number(status.match(/^VmRSS:\s+(\d+) kB$/m)?.[1] ?? 0)
}

interface FloodOptions {
  readonly ports: readonly number[]
  readonly datagrams: number
  readonly perSecond: number
}

/**
 * Sends datagrams of every kind that these ports know, from a socket that nobody knows, in a thread of its own.
 * @returns how many were sent, all ports together
 */
export async function flood(options: FloodOptions): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData: options })
  const [sent] = await once(worker, 'message')
  return Number(sent)
}

const invite = [
  'INVITE sip:kedge@127.0.0.1 SIP/2.0',
  'Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKflood',
  'From: <sip:flood@127.0.0.1>;tag=flood',
  'To: <sip:kedge@127.0.0.1>',
  'Call-ID: flood',
  'CSeq: 1 INVITE',
  'Contact: <sip:flood@127.0.0.1>',
  'Content-Length: 0',
  '',
  '',
].join('\r\n')

/** An INVITE, RTP of 20 ms, a STUN request, a DTLS alert, a ClientHello's head, and nothing at all. */
const kinds = [
  Buffer.from(invite),
  Buffer.concat([Buffer.from('8000000100000001deadbeef', 'hex'), Buffer.alloc(160, 0xd5)]),
  Buffer.from('000100002112a442000000000000000000000000', 'hex'),
  Buffer.from('15fefd000000000000000100020100', 'hex'),
  Buffer.from('16fefd0000000000000000003001000024', 'hex'),
  Buffer.alloc(0),
]

/** Datagrams between two looks at the clock. */
const burst = 200

async function send({ ports, datagrams, perSecond }: FloodOptions): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  // A port that takes from its peer alone refuses, and Node tells the sender.
  socket.on('error', () => undefined)
  await once(socket, 'listening')
  const began = performance.now()
  let sent = 0
  while (sent < datagrams) {
    const due = Math.min(datagrams, Math.ceil(((performance.now() - began) * perSecond) / 1000))
    for (let n = 0; sent < due && n < burst; n += 1, sent += 1) {
      const kind = kinds[sent % kinds.length] ?? Buffer.alloc(0)
      socket.send(kind, ports[Math.floor(sent / kinds.length) % ports.length] ?? 9, '127.0.0.1')
    }
    await new Promise((resolve) => setTimeout(resolve, sent < due ? 0 : 5))
  }
  socket.close()
  return sent
}

if (!isMainThread && parentPort) {
  const port = parentPort
  void send(workerData as FloodOptions).then((sent) => port.postMessage(sent))
}
