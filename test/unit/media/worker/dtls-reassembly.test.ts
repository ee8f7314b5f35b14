import { describe, expect, test } from 'vitest'
import type { HandshakeFragment } from '../../../../electron/media/worker/dtls-messages.ts'
import { DtlsReassembly } from '../../../../electron/media/worker/dtls-reassembly.ts'
import { sealedRecord } from './support/dtls-path.ts'

const HELLO_VERIFY_REQUEST = 3
const CERTIFICATE = 11
const CLIENT_KEY_EXCHANGE = 16

function whole(type: number, seq: number, body: Buffer): HandshakeFragment {
  return { type, seq, length: body.length, offset: 0, bytes: body }
}

function piece(of: HandshakeFragment, offset: number, end: number): HandshakeFragment {
  return { ...of, offset, bytes: of.bytes.subarray(offset, end) }
}

/** A well-formed message of so many bytes. */
function certificate(seq: number, bytes: number): HandshakeFragment {
  const body = Buffer.alloc(bytes, seq)
  body.writeUIntBE(bytes - 3, 0, 3)
  body.writeUIntBE(bytes - 6, 3, 3)
  return whole(CERTIFICATE, seq, body)
}

const key = (seq: number) => whole(CLIENT_KEY_EXCHANGE, seq, Buffer.from([2, seq, seq]))
const verify = (seq: number) => whole(HELLO_VERIFY_REQUEST, seq, Buffer.from([254, 253, 1, seq]))

/** Numbers of what is given out. */
function taken(reassembly: DtlsReassembly): number[] {
  const seqs: number[] = []
  for (let next = reassembly.takeNext(); next !== undefined; next = reassembly.takeNext()) seqs.push(next.seq)
  return seqs
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]]
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]))
}

describe('messages', () => {
  test('are given out once each, in order, whatever order they came in', () => {
    for (const order of permutations([0, 1, 2, 3])) {
      const reassembly = new DtlsReassembly()
      const seqs = order.flatMap((seq) => {
        reassembly.add(key(seq), false)
        reassembly.add(key(seq), false)
        return taken(reassembly)
      })
      for (const seq of order) reassembly.add(key(seq), false)
      expect([...seqs, ...taken(reassembly)], order.join()).toEqual([0, 1, 2, 3])
    }
  })

  test('in fragments are given out when no byte is missing any more, whatever overlaps', () => {
    const message = certificate(0, 90)
    const pieces = [piece(message, 60, 90), piece(message, 0, 25), piece(message, 20, 50), piece(message, 55, 70)]
    const reassembly = new DtlsReassembly()
    for (const fragment of pieces) {
      reassembly.add(fragment, false)
      expect(reassembly.takeNext()).toBeUndefined()
    }
    reassembly.add(piece(message, 50, 55), false)
    expect(reassembly.takeNext()).toEqual({ type: CERTIFICATE, seq: 0, body: message.bytes })
  })

  test.each([
    { what: 'of another length', forged: { ...certificate(0, 500), bytes: Buffer.alloc(100) } },
    { what: 'of another type', forged: { ...piece(certificate(0, 90), 0, 40), type: CLIENT_KEY_EXCHANGE } },
    { what: 'that cannot be read', forged: whole(CERTIFICATE, 0, Buffer.alloc(90, 0xff)) },
  ])('a fragment $what does not keep the peer’s message out', ({ forged }) => {
    const reassembly = new DtlsReassembly()
    const message = certificate(0, 90)
    reassembly.add(forged, false)
    expect(reassembly.takeNext()).toBeUndefined()
    reassembly.add(piece(message, 0, 45), false)
    reassembly.add(piece(message, 45, 90), false)
    expect(reassembly.takeNext()?.body).toEqual(message.bytes)
  })
})

describe('greetings', () => {
  test('stand before the order and are given out again when they come again', () => {
    const reassembly = new DtlsReassembly()
    for (const seq of [0, 0, 7]) {
      reassembly.add(verify(seq), true)
      expect(reassembly.takeGreeting()?.seq).toBe(seq)
      expect(reassembly.takeGreeting()).toBeUndefined()
      expect(reassembly.takeNext()).toBeUndefined()
    }
  })

  test('say where the order begins', () => {
    const reassembly = new DtlsReassembly()
    for (const seq of [1, 2, 3]) reassembly.add(key(seq), false)
    reassembly.startAfter(1)
    expect(taken(reassembly)).toEqual([2, 3])
  })
})

describe('records under the new keys', () => {
  test('wait for the messages before them, and are given out once', () => {
    const reassembly = new DtlsReassembly()
    const [finished, forged] = [sealedRecord(48), sealedRecord(48)]
    const seqOf = (record: Buffer) => (record.equals(finished) ? 1 : undefined)
    for (const record of [forged, finished, finished]) reassembly.seal(record)
    expect(reassembly.takeSealed(seqOf)).toBeUndefined()
    reassembly.add(key(0), false)
    expect(taken(reassembly)).toEqual([0])
    expect(reassembly.takeSealed(seqOf)).toEqual(finished)
    reassembly.seal(finished)
    expect(reassembly.takeSealed(seqOf)).toBeUndefined()
  })

  test('are held four at most, the last ones, and only those as long as a Finished may be', () => {
    const reassembly = new DtlsReassembly()
    const records = Array.from({ length: 7 }, () => sealedRecord(48))
    for (const record of [...records, sealedRecord(500)]) reassembly.seal(record)
    const asked: Buffer[] = []
    reassembly.takeSealed((record) => void asked.push(record))
    expect(asked).toEqual(records.slice(3))
  })
})

describe('what is held has bounds', () => {
  test('a message further ahead than any flight is long is not held', () => {
    const reassembly = new DtlsReassembly()
    for (const seq of [65_535, 8, ...Array.from({ length: 8 }, (_, index) => 7 - index)]) {
      reassembly.add(key(seq), false)
    }
    expect(taken(reassembly)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test('a message longer than any certificate chain is not held', () => {
    const reassembly = new DtlsReassembly()
    reassembly.add(certificate(0, 32_769), false)
    expect(reassembly.takeNext()).toBeUndefined()
    reassembly.add(certificate(0, 32_768), false)
    expect(reassembly.takeNext()?.seq).toBe(0)
  })

  test('long messages ahead give way to those whose turn comes sooner', () => {
    const reassembly = new DtlsReassembly()
    for (let seq = 7; seq >= 0; seq--) reassembly.add(certificate(seq, 32_768), false)
    // Two of the longest are as much as is held.
    expect(taken(reassembly)).toEqual([0, 1])
    reassembly.add(key(2), false)
    expect(taken(reassembly)).toEqual([2])
  })

  test('beginnings of messages and of greetings without number do not keep out the one whose turn it is', () => {
    const reassembly = new DtlsReassembly()
    reassembly.startAfter(400)
    for (let seq = 0; seq < 1000; seq++) {
      reassembly.add({ ...verify(seq), length: 30_000 }, true)
      reassembly.add({ ...key(seq), length: 30_000 }, false)
    }
    const message = certificate(401, 32_768)
    reassembly.add(piece(message, 0, 16_000), false)
    reassembly.add({ ...verify(12), length: 30_000 }, true)
    reassembly.add(piece(message, 16_000, 32_768), false)
    expect(taken(reassembly)).toEqual([401])
  })

  test('nothing is left of what was held when it is over', () => {
    const reassembly = new DtlsReassembly()
    reassembly.add(key(0), false)
    reassembly.seal(sealedRecord(48))
    reassembly.clear()
    expect(reassembly.takeNext()).toBeUndefined()
    expect(reassembly.takeSealed(() => 0)).toBeUndefined()
  })
})
