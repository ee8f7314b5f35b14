import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** Ports that a peer may bind, both ends included. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

/**
 * Below 32768, where Linux starts to hand out ephemeral ports: a connection that another test opens while a peer
 * is starting cannot take the port that was just found free for it.
 */
const lowest = 20_000
const highest = 31_999
const attempts = 200

/** Found here and perhaps not bound yet by the peer they are meant for. */
const handedOut = new Set<number>()

/** A port of 127.0.0.1 that is free for both TCP and UDP, for peers that cannot listen on port 0 and say what they got. */
export async function freePort(): Promise<number> {
  return (await freePortRange(1)).first
}

/**
 * Neighbouring ports, free for TCP and UDP, starting at an even one as RTP wants it (RFC 3550 §11).
 * @param count - 1..100
 */
export async function freePortRange(count: number): Promise<PortRange> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const first = lowest + 2 * Math.floor((Math.random() * (highest - lowest - count)) / 2)
    const ports = Array.from({ length: count }, (_, offset) => first + offset)
    if (ports.some((port) => handedOut.has(port))) continue
    for (const port of ports) handedOut.add(port)
    const free = await Promise.all(ports.map(async (port) => (await freeForTcp(port)) && (await freeForUdp(port))))
    if (free.every(Boolean)) return { first, last: first + count - 1 }
    for (const port of ports) handedOut.delete(port)
  }
  throw new Error(`no ${count} neighbouring free ports after ${attempts} attempts`)
}

/**
 * Waits for a peer that does not say when it listens; asks the kernel, because trying the port could take it away.
 * @param pid - of a process in the network that is meant
 */
export async function udpBound(port: number, timeoutMs = 10_000, pid: number | 'self' = 'self'): Promise<void> {
  const entry = `:${port.toString(16).toUpperCase().padStart(4, '0')} `
  for (const end = Date.now() + timeoutMs; Date.now() < end; await delay(20)) {
    if ((await udpTable(pid)).includes(entry)) return
  }
  throw new Error(`nobody listens on UDP port ${port} after ${timeoutMs} ms`)
}

/** Sockets of both families: some peers bind the IPv6 wildcard and serve IPv4 through it. */
async function udpTable(pid: number | 'self'): Promise<string> {
  const tables = [`/proc/${pid}/net/udp`, `/proc/${pid}/net/udp6`].map((path) => readFile(path, 'utf8').catch(() => ''))
  return (await Promise.all(tables)).join('')
}

async function freeForTcp(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

async function freeForUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4')
  try {
    socket.bind(port, '127.0.0.1')
    await once(socket, 'listening')
    return true
  } catch {
    return false
  } finally {
    socket.close()
  }
}
