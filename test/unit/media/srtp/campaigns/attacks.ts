import type { SrtpEngine } from '../../../../../electron/media/srtp/types.ts'
import type { CryptoSuite } from '../../../../../shared/model/media.ts'
import { masterKeyFor } from '../implementations.ts'
import { type Proto, protectedBytes, randomRtpPacket, rtcpPacket, SSRC } from '../packets.ts'
import type { Random } from '../random.ts'

export interface Tried {
  readonly tried: number
  readonly accepted: number
}

interface Captured {
  readonly proto: Proto
  readonly bytes: Uint8Array
}

const CAPTURED = 200

/** Authentic packets of one sender, RTP and RTCP, with the receiver that has taken all of them. */
function conversation(engine: SrtpEngine, suite: CryptoSuite, random: Random, streams = 1) {
  const key = masterKeyFor(suite, random)
  const sender = engine.createSender(suite, key)
  const receiver = engine.createReceiver(suite, [key])
  const captured: Captured[] = []
  for (let n = 0; n < CAPTURED; n++) {
    const ssrc = SSRC + (n % streams)
    const proto = n % 4 === 3 ? 'rtcp' : 'rtp'
    const plain = proto === 'rtp' ? randomRtpPacket(random, 100 + n, ssrc) : rtcpPacket(random.bytes(40), ssrc)
    captured.push({ proto, bytes: protectedBytes(sender, plain, proto) })
  }
  const scratch = new Uint8Array(2048)
  const receive = ({ proto, bytes }: Captured): number => {
    scratch.set(bytes)
    return proto === 'rtp'
      ? receiver.unprotectRtp(scratch, bytes.length)
      : receiver.unprotectRtcp(scratch, bytes.length)
  }
  const refused = captured.filter((packet) => receive(packet) < 0).length
  if (refused > 0) throw new Error(`${refused} authentic packets refused; seed ${random.seed}`)
  const close = (): void => {
    sender.close()
    receiver.close()
  }
  return { sender, receiver, captured, receive, close }
}

/**
 * Forged packets of seven kinds at a receiver in mid-call.
 * @param unchanged - called after each with the receiver; throws when its state has changed
 */
export function tryForgeries(
  engine: SrtpEngine,
  suite: CryptoSuite,
  count: number,
  random: Random,
  unchanged: () => void = () => undefined,
): Tried {
  const { sender, captured, receive, close } = conversation(engine, suite, random)
  // Never delivered: their indices are new, so that the tag alone can refuse what is made of them.
  const fresh: Captured[] = []
  for (let n = 0; n < CAPTURED; n++) {
    const proto = n % 4 === 3 ? 'rtcp' : 'rtp'
    const plain = proto === 'rtp' ? randomRtpPacket(random, 400 + n) : rtcpPacket(random.bytes(40))
    fresh.push({ proto, bytes: protectedBytes(sender, plain, proto) })
  }
  const pick = (from: readonly Captured[]): Captured => from[random.integer(from.length)] as Captured
  let accepted = 0
  unchanged()
  for (let n = 0; n < count; n++) {
    if (receive(forge(pick(fresh), pick(captured), n % 7, random)) >= 0) accepted++
    unchanged()
  }
  close()
  return { tried: count, accepted }
}

/** A changed copy of `packet`: never the packet itself. */
function forge({ proto, bytes }: Captured, other: Captured, kind: number, random: Random): Captured {
  const forged = bytes.slice()
  const flip = (at: number): void => {
    forged[at] = (forged[at] ?? 0) ^ (1 << random.integer(8))
  }
  switch (kind) {
    case 0: // any bit
      flip(random.integer(forged.length))
      break
    case 1: // a bit of the tag
      flip(forged.length - 1 - random.integer(4))
      break
    case 2: // another SSRC
      flip((proto === 'rtp' ? 8 : 4) + random.integer(4))
      break
    case 3: // far ahead or behind: the sequence number, or the SRTCP index
      flip(proto === 'rtp' ? 2 : forged.length - 12)
      break
    case 4: // random bytes behind a true header
      forged.set(random.bytes(forged.length - 12), 12)
      break
    case 5: // the tag of another packet
      forged.set(other.bytes.subarray(other.bytes.length - 4), forged.length - 4)
      break
    default: // cut short
      return { proto, bytes: bytes.slice(0, random.integer(bytes.length)) }
  }
  if (Buffer.compare(forged, bytes) === 0) flip(forged.length - 1)
  return { proto, bytes: forged }
}

/** Packets that were accepted once, again: of every age, inside the replay window and behind it. */
export function tryReplays(engine: SrtpEngine, suite: CryptoSuite, count: number, random: Random): Tried {
  const { captured, receive, close } = conversation(engine, suite, random)
  let accepted = 0
  for (let n = 0; n < count; n++) {
    if (receive(captured[random.integer(captured.length)] as Captured) >= 0) accepted++
  }
  close()
  return { tried: count, accepted }
}
