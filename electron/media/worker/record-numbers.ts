import type { DtlsSocket } from 'werift'
import { epochOf, numbered, numberOf, recordAt } from './dtls-records.ts'

type CipherContext = DtlsSocket['cipher']
type Packet = Parameters<CipherContext['encryptPacket']>[0]

/**
 * Gives every record that leaves a number of its own (RFC 6347 §4.1). werift repeats a flight octet by octet, numbers
 * included, and a peer that watches for replays (§4.1.2.6) drops such a record unread even where it needs it: when the
 * first had come before its turn and was not taken, or when the answer to it was lost.
 */
export class RecordNumbers {
  /** Of the next record, by epoch: 0 in clear, 1 under the new keys. */
  readonly #next = [0, 0]
  #finished: { readonly packet: Packet; readonly clear: Buffer } | undefined
  readonly #encrypt: CipherContext['encryptPacket']

  constructor(cipher: CipherContext) {
    this.#encrypt = cipher.encryptPacket.bind(cipher)
    cipher.encryptPacket = (packet) => {
      // A handshake has one record under the new keys, its Finished; the number of a repeated one is sealed with it.
      this.#finished = { packet, clear: packet.fragment }
      return this.#encrypt(packet)
    }
  }

  /** @param datagram - whole records. @returns the same, or a copy in which those that were sent before have new numbers */
  renew(datagram: Buffer): Buffer {
    const records: Buffer[] = []
    for (let at = 0; at < datagram.length; ) {
      const record = recordAt(datagram, at)
      if (record === undefined) throw new Error('not a DTLS record')
      at += record.length
      const epoch = epochOf(record)
      const number = numberOf(record)
      const next = this.#next[epoch] ?? 0
      records.push(number >= next ? record : this.#numbered(record, epoch, next))
      this.#next[epoch] = Math.max(number, next) + 1
    }
    return Buffer.concat(records)
  }

  #numbered(record: Buffer, epoch: number, number: number): Buffer {
    if (epoch === 0) return numbered(record, number)
    if (this.#finished === undefined) throw new Error('no record to seal again')
    const { packet, clear } = this.#finished
    packet.fragment = clear
    packet.recordLayerHeader.sequenceNumber = number
    return this.#encrypt(packet).serialize()
  }
}
