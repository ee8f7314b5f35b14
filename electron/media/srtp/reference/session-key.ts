import type { CryptoSuite } from '../../../../shared/model/media.ts'
import { keyLifetime, type PacketCounts, packetLimits, packetsUsed } from '../key-lifetime.ts'
import { srtpProfiles } from '../profiles.ts'
import type { KeyLifetime, SrtpMasterKey, StreamPosition } from '../types.ts'
import { AesCmTransform } from './aes-cm-transform.ts'
import { AesGcmTransform } from './aes-gcm-transform.ts'
import { deriveSessionSecrets } from './key-derivation.ts'
import type { Transform } from './transform.ts'

const NO_MKI = new Uint8Array(0)

/** One master key in use: its transform, its name in packets and the packets it has secured. */
export class SessionKey {
  readonly mki: Uint8Array
  readonly transform: Transform
  rtpUsed: number
  rtcpUsed: number
  private readonly limits: PacketCounts

  constructor(suite: CryptoSuite, key: SrtpMasterKey, resume: readonly StreamPosition[] = []) {
    const profile = srtpProfiles[suite]
    this.mki = key.mki?.slice() ?? NO_MKI
    this.limits = packetLimits(profile, key.lifetimePackets)
    const secrets = deriveSessionSecrets(profile, key)
    const Suite = profile.aead ? AesGcmTransform : AesCmTransform
    this.transform = new Suite(profile, secrets, this.mki)
    const used = packetsUsed(resume)
    this.rtpUsed = used.rtp
    this.rtcpUsed = used.rtcp
  }

  get lifetime(): KeyLifetime {
    return keyLifetime(this.rtpUsed, this.rtcpUsed, this.limits)
  }
}
