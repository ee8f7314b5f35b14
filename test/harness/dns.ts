import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** Records of a zone: name to what it holds. */
export interface Zone {
  readonly a?: Readonly<Record<string, readonly string[]>>
  readonly srv?: Readonly<
    Record<string, readonly (readonly [priority: number, weight: number, port: number, target: string])[]>
  >
  readonly naptr?: Readonly<
    Record<string, readonly (readonly [order: number, preference: number, service: string, replacement: string])[]>
  >
}

export interface DnsServer extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string
  /** What was asked, oldest first: `SRV _sip._udp.example.test`. */
  readonly asked: readonly string[]
  /** What it answers from now on. */
  zone: Zone
}

const types: Readonly<Record<number, string>> = { 1: 'A', 28: 'AAAA', 33: 'SRV', 35: 'NAPTR' }

/** A name server on 127.0.0.1 for one zone (RFC 1035 §4, RFC 2782, RFC 3403); what it does not hold does not exist. */
export async function startDns(zone: Zone): Promise<DnsServer> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  const server: DnsServer = {
    get address() {
      return `127.0.0.1:${socket.address().port}`
    },
    asked,
    zone,
    [Symbol.asyncDispose]: () => new Promise((closed) => socket.close(() => closed())),
  }
  socket.on('message', (query, from) => {
    const { name, end, type } = readQuestion(query)
    asked.push(`${types[type]} ${name}`)
    const records = recordsFor(server.zone, type, name)
    const header = Buffer.alloc(12)
    query.copy(header, 0, 0, 2)
    header.writeUInt16BE(records.length > 0 ? 0x8580 : 0x8583, 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(records.length, 6)
    const answers = records.map((data) => {
      const fixed = Buffer.alloc(12)
      fixed.writeUInt16BE(0xc00c, 0)
      fixed.writeUInt16BE(type, 2)
      fixed.writeUInt16BE(1, 4)
      fixed.writeUInt32BE(60, 6)
      fixed.writeUInt16BE(data.length, 10)
      return Buffer.concat([fixed, data])
    })
    socket.send(Buffer.concat([header, query.subarray(12, end), ...answers]), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return server
}

function readQuestion(query: Buffer): { name: string; end: number; type: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5, type: query.readUInt16BE(at + 1) }
}

function recordsFor(zone: Zone, type: number, name: string): Buffer[] {
  if (type === 1) return (zone.a?.[name] ?? []).map((address) => Buffer.from(address.split('.').map(Number)))
  if (type === 33)
    return (zone.srv?.[name] ?? []).map(([...numbers]) => Buffer.concat([words(numbers), nameBytes(numbers[3])]))
  if (type !== 35) return []
  return (zone.naptr?.[name] ?? []).map(([order, preference, service, replacement]) =>
    Buffer.concat([words([order, preference]), text('s'), text(service), text(''), nameBytes(replacement)]),
  )
}

function words(values: readonly (number | string)[]): Buffer {
  return Buffer.concat(
    values.filter((value) => typeof value === 'number').map((value) => Buffer.from([value >> 8, value & 0xff])),
  )
}

const text = (value: string) => Buffer.from([value.length, ...Buffer.from(value, 'latin1')])

const nameBytes = (name: string) =>
  Buffer.concat([
    ...name
      .split('.')
      .filter((label) => label !== '')
      .map(text),
    Buffer.from([0]),
  ])
