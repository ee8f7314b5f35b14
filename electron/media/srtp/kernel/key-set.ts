import type { CryptoSuite } from '../../../../shared/model/media.ts'
import { keyLifetime, type PacketCounts, packetLimits, packetsUsed } from '../key-lifetime.ts'
import { srtpProfiles } from '../profiles.ts'
import type { KeyLifetime, SrtpMasterKey, StreamPosition } from '../types.ts'
import type { Kernel } from './kernel.ts'

const NO_MKI = new Uint8Array(0)
const NOT_BEGUN = -1

interface KeyInUse {
  /** Address in the kernel's memory. */
  readonly address: number
  readonly limits: PacketCounts
}

/** A kernel context with its master keys and the streams it takes over. */
export class KeySet {
  readonly context: number
  private readonly kernel: Kernel
  private readonly keys: readonly KeyInUse[]

  constructor(
    kernel: Kernel,
    suite: CryptoSuite,
    masterKeys: readonly SrtpMasterKey[],
    resume: readonly StreamPosition[],
  ) {
    const profile = srtpProfiles[suite]
    this.kernel = kernel
    this.context = kernel.createContext(profile)
    this.keys = masterKeys.map(({ masterKey, masterSalt, mki = NO_MKI, lifetimePackets }) => {
      const limits = packetLimits(profile, lifetimePackets)
      const material = { masterKey, masterSalt, mki }
      return { address: kernel.addMasterKey(this.context, material, limits, packetsUsed(resume)), limits }
    })
    for (const { ssrc, rtpIndex = NOT_BEGUN, rtcpIndex = NOT_BEGUN } of resume) {
      kernel.exports.resumeStream(this.context, ssrc, rtpIndex, rtcpIndex)
    }
  }

  /** The most used key's: the one about to run out is the one to replace. */
  get lifetime(): KeyLifetime {
    const { rtpPackets, rtcpPackets } = this.kernel.exports
    const lifetimes = this.keys.map(({ address, limits }) =>
      keyLifetime(rtpPackets(address), rtcpPackets(address), limits),
    )
    if (lifetimes.includes('expired')) return 'expired'
    return lifetimes.includes('nearing-end') ? 'nearing-end' : 'ample'
  }

  /** Wipes context and keys. Call once. */
  close(): void {
    this.kernel.exports.closeContext(this.context)
  }
}
