import type { CryptoSuite } from '../../../../shared/model/media.ts'
import { hasRoom } from '../packet-room.ts'
import { SRTCP_INDEX_BYTES, srtpProfiles } from '../profiles.ts'
import { srtpStatus } from '../status.ts'
import type { KeyLifetime, SrtpMasterKey, SrtpResult, SrtpSender, StreamPosition } from '../types.ts'
import type { Kernel } from './kernel.ts'
import { KeySet } from './key-set.ts'

export class KernelSender implements SrtpSender {
  readonly suite: CryptoSuite
  readonly maxOverheadBytes: number
  readonly rtpOverheadBytes: number
  private readonly kernel: Kernel
  private readonly keys: KeySet
  private closed = false

  constructor(kernel: Kernel, suite: CryptoSuite, key: SrtpMasterKey, resume: readonly StreamPosition[]) {
    this.suite = suite
    const { rtpTagBytes, rtcpTagBytes } = srtpProfiles[suite]
    const mkiBytes = key.mki?.length ?? 0
    this.maxOverheadBytes = Math.max(rtpTagBytes, rtcpTagBytes + SRTCP_INDEX_BYTES) + mkiBytes
    this.rtpOverheadBytes = rtpTagBytes + mkiBytes
    this.kernel = kernel
    this.keys = new KeySet(kernel, suite, [key], resume)
  }

  get keyLifetime(): KeyLifetime {
    return this.closed ? 'expired' : this.keys.lifetime
  }

  protectRtp(buffer: Uint8Array, length: number): SrtpResult {
    const { kernel } = this
    if (this.closed) return srtpStatus.closed
    if (!hasRoom(buffer, length, this.rtpOverheadBytes)) return srtpStatus.noRoom
    kernel.copyIn(buffer, length)
    const result = kernel.exports.protectRtp(this.keys.context, length)
    if (result >= 0) kernel.copyOut(buffer, result)
    return result
  }

  protectRtcp(buffer: Uint8Array, length: number): SrtpResult {
    const { kernel } = this
    if (this.closed) return srtpStatus.closed
    if (!hasRoom(buffer, length, this.maxOverheadBytes)) return srtpStatus.noRoom
    kernel.copyIn(buffer, length)
    const result = kernel.exports.protectRtcp(this.keys.context, length)
    if (result >= 0) kernel.copyOut(buffer, result)
    return result
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.keys.close()
  }
}
