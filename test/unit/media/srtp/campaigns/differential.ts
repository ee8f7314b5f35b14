import type { SrtpEngine, SrtpMasterKey } from '../../../../../electron/media/srtp/types.ts'
import type { CryptoSuite } from '../../../../../shared/model/media.ts'
import type { LibSrtp } from '../../../../harness/libsrtp/driver.ts'
import { masterKeyFor } from '../implementations.ts'
import { protect, randomRtpPacket, rtcpPacket, SSRC, unprotect } from '../packets.ts'
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
