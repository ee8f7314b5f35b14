import { MAX_STREAMS } from '../../../../../electron/media/srtp/profiles.ts'
import type { SrtpEngine, SrtpMasterKey, SrtpReceiver, SrtpSender } from '../../../../../electron/media/srtp/types.ts'
import type { CryptoSuite } from '../../../../../shared/model/media.ts'
import type { LibSrtp } from '../../../../harness/libsrtp/driver.ts'
import { masterKeyFor } from '../implementations.ts'
import { type Proto, protect, randomRtpPacket, rtcpPacket, SSRC, unprotect } from '../packets.ts'
import type { Random } from '../random.ts'

export interface Differences {
  readonly packets: number
  readonly differences: number
}

const BATCH = 500

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/**
 * Random packets through both engines, both ways: what we protect must be byte for byte what libsrtp protects, and each
 * must recover the packet from the other's bytes. One packet in eight is RTCP. libsrtp's first SRTCP index is 1, so ours
 * starts there too.
 */
export async function compareWithLibsrtp(
  engine: SrtpEngine,
  libsrtp: LibSrtp,
  suite: CryptoSuite,
  packets: number,
  random: Random,
  extra: Partial<SrtpMasterKey> = {},
): Promise<Differences> {
  const key = masterKeyFor(suite, random, extra)
  const sender = engine.createSender(suite, key, [{ ssrc: SSRC, rtcpIndex: 0 }])
  const receiver = engine.createReceiver(suite, [key])
  const [out, back] = await Promise.all([libsrtp.create('out', suite, key), libsrtp.create('in', suite, key)])
  let differences = 0
  let seq = random.integer(0x8000)
  for (let done = 0; done < packets; done += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, packets - done) }, () => {
      const rtcp = random.integer(8) === 0
      if (!rtcp) seq = (seq + 1 + (random.integer(50) === 0 ? random.integer(1000) : 0)) & 0xffff
      const plain = rtcp ? rtcpPacket(random.bytes(random.integer(300))) : randomRtpPacket(random, seq)
      const ours = protect(sender, plain, rtcp ? 'rtcp' : 'rtp')
      const theirs = libsrtp.packet(rtcp ? 'P' : 'p', out, plain)
      const theirsOfOurs = libsrtp.packet(rtcp ? 'U' : 'u', back, ours.bytes)
      return { rtcp, plain, ours, theirs, theirsOfOurs }
    })
    libsrtp.flush()
    for (const { rtcp, plain, ours, theirs, theirsOfOurs } of rows) {
      const protectedByThem = (await theirs).bytes
      const recoveredByUs = unprotect(receiver, protectedByThem, rtcp ? 'rtcp' : 'rtp').bytes
      const recoveredByThem = (await theirsOfOurs).bytes
      const equal = same(ours.bytes, protectedByThem) && same(recoveredByUs, plain) && same(recoveredByThem, plain)
      if (!equal) differences++
    }
  }
  sender.close()
  receiver.close()
  return { packets, differences }
}

/**
 * Random packets through two of our engines: the same bytes out, and the same outcome for each packet at the receivers,
 * which get some of them late, twice, damaged, cut short, or under an MKI that nobody knows. Few SSRCs, or more than a
 * context follows; twice the keys change, first at the receivers, a while later at the senders.
 */
export function compareEngines(
  a: SrtpEngine,
  b: SrtpEngine,
  suite: CryptoSuite,
  packets: number,
  random: Random,
): Differences {
  const mki = random.integer(2) === 0 ? undefined : random.bytes(1 + random.integer(8))
  const freshKey = () => masterKeyFor(suite, random, mki ? { mki } : {})
  const key = freshKey()
  const laterKeys = [freshKey(), freshKey()]
  const sendersUnder = (key: SrtpMasterKey) =>
    [a, b].map((engine) => engine.createSender(suite, key)) as [SrtpSender, SrtpSender]
  let senders = sendersUnder(key)
  const receivers = [a, b].map((engine) => engine.createReceiver(suite, [key])) as [SrtpReceiver, SrtpReceiver]
  const ssrcs = random.integer(2) === 0 ? 10 : MAX_STREAMS + 10
  const held: { proto: Proto; bytes: Uint8Array }[] = []
  let differences = 0
  let seq = random.integer(0x10000)
  for (let n = 0; n < packets; n++) {
    const proto = random.integer(6) === 0 ? 'rtcp' : 'rtp'
    seq = (seq + 1 + (random.integer(20) === 0 ? random.integer(30_000) : 0)) & 0xffff
    const ssrc = SSRC + random.integer(ssrcs)
    const agreed = laterKeys.find((_, change) => n === Math.floor((packets * (change + 1)) / 3))
    if (agreed !== undefined) for (const receiver of receivers) receiver.rekey(suite, [agreed])
    const used = laterKeys.find((_, change) => n === Math.floor((packets * (4 * change + 5)) / 12))
    if (used !== undefined) {
      for (const sender of senders) sender.close()
      senders = sendersUnder(used)
    }
    const plain =
      proto === 'rtcp' ? rtcpPacket(random.bytes(random.integer(200)), ssrc) : randomRtpPacket(random, seq, ssrc)
    const [first, second] = senders.map((sender) => protect(sender, plain, proto)) as [Outcome, Outcome]
    if (!sameOutcome(first, second)) differences++
    if (first.result > 0) held.push({ proto, bytes: first.bytes })
    const { proto: kind, bytes } = held[Math.max(0, held.length - 1 - random.integer(4) * random.integer(60))] ?? {
      proto,
      bytes: plain,
    }
    const arriving = damage(bytes, random)
    const [x, y] = receivers.map((receiver) => unprotect(receiver, arriving, kind)) as [Outcome, Outcome]
    if (!sameOutcome(x, y)) differences++
  }
  for (const context of [...senders, ...receivers]) context.close()
  return { packets, differences }
}

interface Outcome {
  readonly result: number
  readonly bytes: Uint8Array
}

function sameOutcome(a: Outcome, b: Outcome): boolean {
  return a.result === b.result && same(a.bytes, b.bytes)
}

function damage(packet: Uint8Array, random: Random): Uint8Array {
  const kind = random.integer(10)
  if (kind === 0) return packet.slice(0, random.integer(packet.length))
  const damaged = packet.slice()
  const at = random.integer(packet.length)
  if (kind === 1) damaged[at] = (damaged[at] ?? 0) ^ (1 << random.integer(8))
  return damaged
}
