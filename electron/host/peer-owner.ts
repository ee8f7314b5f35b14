import { readFileSync } from 'node:fs'

/** IPv4 connections of this machine, each end that is on it in a row of its own (proc(5)). */
const connections = '/proc/net/tcp'
const nobody = -1
/** 127.0.0.1 as it stands there: the four octets as one number of the machine, which is little-endian. */
const loopback = '0100007F'

/**
 * Whose process is at the other end of a connection over 127.0.0.1.
 * @param theirPort - the other end's
 * @param ourPort - this end's
 * @returns its uid, or nobody's when there is no such connection; undefined where the system keeps no such list
 */
export function ownerOfPeer(theirPort: number, ourPort: number, read = readConnections): number | undefined {
  const list = read()
  if (list === undefined) return undefined
  const ends = `${loopback}:${hex(theirPort)} ${loopback}:${hex(ourPort)}`
  for (const row of list.split('\n')) {
    const [, local, remote, , , , , uid] = row.trim().split(/\s+/)
    if (`${local} ${remote}` === ends) return Number(uid)
  }
  return nobody
}

function readConnections(): string | undefined {
  try {
    return readFileSync(connections, 'utf8')
  } catch {
    // macOS and Windows have none, and a sandbox may hide it.
    return undefined
  }
}

const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0')
