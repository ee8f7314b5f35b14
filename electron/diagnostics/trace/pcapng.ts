/**
 * Writer of pcapng files (draft-ietf-opsawg-pcapng): one section, one interface of raw IP packets, each with a comment.
 * Pure.
 */
export interface CapturedPacket {
  /** Epoch ms, with fractions. */
  readonly at: number
  /** An IPv4 or IPv6 packet. */
  readonly bytes: Uint8Array
  readonly comment: string
}

const blockType = { section: 0x0a0d0d0a, interface: 1, packet: 6 } as const
const option = { end: 0, comment: 1, application: 4, name: 2 } as const
/** LINKTYPE_RAW: a packet begins with its IP header. */
const rawIp = 101
const microsecondsPerMs = 1000

/** @param application - who wrote it, for the file's own description */
export function pcapng(packets: readonly CapturedPacket[], application: string): Uint8Array {
  return Buffer.concat([
    block(blockType.section, Buffer.concat([sectionHeader(), options([[option.application, application]])])),
    block(blockType.interface, Buffer.concat([interfaceHeader(), options([[option.name, 'SIP']])])),
    ...packets.map(packetBlock),
  ])
}

function sectionHeader(): Buffer {
  const header = Buffer.alloc(16)
  header.writeUInt32LE(0x1a2b3c4d, 0)
  header.writeUInt16LE(1, 4)
  // The length of the section is not given: -1.
  header.writeBigInt64LE(-1n, 8)
  return header
}

function interfaceHeader(): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt16LE(rawIp, 0)
  return header
}

function packetBlock({ at, bytes, comment }: CapturedPacket): Buffer {
  const header = Buffer.alloc(20)
  const microseconds = BigInt(Math.round(at * microsecondsPerMs))
  header.writeUInt32LE(Number(microseconds >> 32n), 4)
  header.writeUInt32LE(Number(microseconds & 0xffff_ffffn), 8)
  header.writeUInt32LE(bytes.length, 12)
  header.writeUInt32LE(bytes.length, 16)
  return block(blockType.packet, Buffer.concat([header, padded(bytes), options([[option.comment, comment]])]))
}

/** Type, length, body, and the length again, so that a reader can go backwards. */
function block(type: number, body: Uint8Array): Buffer {
  const whole = Buffer.alloc(body.length + 12)
  whole.writeUInt32LE(type, 0)
  whole.writeUInt32LE(whole.length, 4)
  whole.set(body, 8)
  whole.writeUInt32LE(whole.length, whole.length - 4)
  return whole
}

function options(list: readonly (readonly [code: number, value: string])[]): Buffer {
  const written = list.map(([code, value]) => {
    const text = Buffer.from(value)
    const header = Buffer.alloc(4)
    header.writeUInt16LE(code, 0)
    header.writeUInt16LE(text.length, 2)
    return Buffer.concat([header, padded(text)])
  })
  return Buffer.concat([...written, Buffer.alloc(4)])
}

/** Everything in the file begins at a multiple of four octets. */
function padded(bytes: Uint8Array): Buffer {
  const whole = Buffer.alloc(Math.ceil(bytes.length / 4) * 4)
  whole.set(bytes)
  return whole
}
