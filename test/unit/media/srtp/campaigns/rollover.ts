import type { SrtpEngine } from '../../../../../electron/media/srtp/types.ts'
import type { CryptoSuite } from '../../../../../shared/model/media.ts'
import { masterKeyFor } from '../implementations.ts'
import { protectedBytes, rtpPacket, unprotect } from '../packets.ts'
import type { Random } from '../random.ts'

export interface NetworkPattern {
  readonly name: string
  /** Which of the packets with these indices arrive, and in which order, as positions in `indices`. */
  arrivals(indices: readonly number[], random: Random): Iterable<number>
}

/** Sequence numbers between packets far from a wrap, where nothing can go wrong. */
const STRIDE = 257
/** Every packet within this distance of a wrap is sent. */
const DENSE = 100
/** Farthest that a packet comes behind a later one, well inside the replay window. */
const REORDER_SPAN = 20
const LONGEST_BURST = 32_000

/** What a network does to packets; sequence numbers wrap under each of them. */
export const networkPatterns: readonly NetworkPattern[] = [
  { name: 'nothing lost', arrivals: (indices) => indices.keys() },
  {
    name: 'one packet in five lost',
    *arrivals(indices, random) {
      for (const n of indices.keys()) if (random.integer(5) > 0) yield n
    },
  },
  {
    name: 'bursts of up to 32000 sequence numbers lost',
    *arrivals(indices, random) {
      let next = 0
      for (const [n, index] of indices.entries()) {
        if (index < next) continue
        yield n
        next = index + random.integer(LONGEST_BURST - STRIDE)
      }
    },
  },
  {
    name: 'reordered',
    *arrivals(indices, random) {
      for (let first = 0; first < indices.length; ) {
        let end = first
        while (end < indices.length && (indices[end] ?? 0) - (indices[first] ?? 0) < REORDER_SPAN) end++
        const begin = first
        yield* random.shuffle(Array.from({ length: end - begin }, (_, n) => begin + n))
        first = end
      }
    },
  },
]

export interface Rolled {
  readonly wraps: number
  /** Packets that arrived for the first time and were refused, or came out different. */
  readonly lost: number
  /** Packets that arrived again and were taken. */
  readonly repeated: number
}

/**
 * Sends until the sequence number has wrapped `wraps` times; every tenth packet that arrives, arrives twice. Sequence
 * numbers advance by STRIDE far from a wrap and by one around it, as if the packets between had been lost.
 */
export function rollOver(
  engine: SrtpEngine,
  suite: CryptoSuite,
  wraps: number,
  pattern: NetworkPattern,
  random: Random,
): Rolled {
  const key = masterKeyFor(suite, random)
  const sender = engine.createSender(suite, key)
  const receiver = engine.createReceiver(suite, [key])
  const indices: number[] = []
  const first = random.integer(0x8000)
  for (let index = first; index < wraps * 0x10000 + 0x1000; ) {
    indices.push(index)
    const toWrap = Math.min(index & 0xffff, 0x10000 - (index & 0xffff))
    index += toWrap < DENSE + STRIDE ? 1 : STRIDE
  }
  const sent = indices.map((index) => {
    const plain = rtpPacket({ seq: index & 0xffff, payload: random.bytes(20) })
    return { plain, bytes: protectedBytes(sender, plain) }
  })
  let lost = 0
  let repeated = 0
  let arrived = 0
  for (const n of pattern.arrivals(indices, random)) {
    const packet = sent[n]
    if (packet === undefined) continue
    const { bytes } = unprotect(receiver, packet.bytes)
    if (Buffer.compare(bytes, packet.plain) !== 0) lost++
    if (arrived++ % 10 === 0 && unprotect(receiver, packet.bytes).result >= 0) repeated++
  }
  sender.close()
  receiver.close()
  return { wraps, lost, repeated }
}
