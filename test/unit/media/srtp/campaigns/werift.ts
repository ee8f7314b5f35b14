import {
  ProtectionProfileAeadAes128Gcm,
  ProtectionProfileAes128CmHmacSha1_80,
  type RtpHeader,
  RtpPacket,
  SrtcpSession,
  SrtpSession,
} from 'werift'
import type { SrtpEngine } from '../../../../../electron/media/srtp/types.ts'
import { masterKeyFor } from '../implementations.ts'
import { protect, rtcpPacket, rtpPacket, SSRC, unprotect } from '../packets.ts'
import type { Random } from '../random.ts'
import type { Differences } from './differential.ts'

/** The suites that werift has, with its numbers for them. */
export const weriftSuites = [
  { suite: 'AES_CM_128_HMAC_SHA1_80', profile: ProtectionProfileAes128CmHmacSha1_80 },
  { suite: 'AEAD_AES_128_GCM', profile: ProtectionProfileAeadAes128Gcm },
] as const

export type WeriftSuite = (typeof weriftSuites)[number]

/** werift's sessions with one key for both directions. */
export function weriftSessions({ profile }: WeriftSuite, key: { masterKey: Uint8Array; masterSalt: Uint8Array }) {
  const masterKey = Buffer.from(key.masterKey)
  const masterSalt = Buffer.from(key.masterSalt)
  const keys = {
    localMasterKey: masterKey,
    localMasterSalt: masterSalt,
    remoteMasterKey: masterKey,
    remoteMasterSalt: masterSalt,
  }
  return { rtp: new SrtpSession({ keys, profile }), rtcp: new SrtcpSession({ keys, profile }) }
}

/** Protects a serialized packet as werift does it: header and payload apart. */
export function weriftProtect(session: SrtpSession, packet: Uint8Array): Buffer {
  const { header, payload } = RtpPacket.deSerialize(Buffer.from(packet))
  return session.encrypt(payload, header as RtpHeader)
}

/** Random packets both ways; each engine must recover what the other protects. One packet in eight is RTCP. */
export function compareWithWerift(engine: SrtpEngine, row: WeriftSuite, packets: number, random: Random): Differences {
  const key = masterKeyFor(row.suite, random)
  const sender = engine.createSender(row.suite, key)
  const receiver = engine.createReceiver(row.suite, [key])
  const out = weriftSessions(row, key)
  const back = weriftSessions(row, key)
  let differences = 0
  let seq = random.integer(0x8000)
  for (let n = 0; n < packets; n++) {
    const rtcp = random.integer(8) === 0
    if (!rtcp) seq = (seq + 1) & 0xffff
    const plain = rtcp
      ? rtcpPacket(random.bytes(20))
      : rtpPacket({ seq, ssrc: SSRC, payload: random.bytes(1 + random.integer(300)) })
    const proto = rtcp ? 'rtcp' : 'rtp'
    const ours = Buffer.from(protect(sender, plain, proto).bytes)
    const theirs = rtcp ? out.rtcp.encrypt(Buffer.from(plain)) : weriftProtect(out.rtp, plain)
    const byThem = rtcp ? back.rtcp.decrypt(ours) : back.rtp.decrypt(ours)
    const byUs = unprotect(receiver, theirs, proto).bytes
    const equal = Buffer.compare(byThem, plain) === 0 && Buffer.compare(byUs, plain) === 0
    if (!equal || (!rtcp && Buffer.compare(ours, theirs) !== 0)) differences++
  }
  sender.close()
  receiver.close()
  return { packets, differences }
}
