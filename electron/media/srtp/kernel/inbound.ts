import type { CryptoSuite } from '../../../../shared/model/media.ts'
import type { InboundContext } from '../inbound-context.ts'
import { hasRoom } from '../packet-room.ts'
import { srtpStatus } from '../status.ts'
import type { KeyLifetime, SrtpMasterKey, SrtpResult, StreamPosition } from '../types.ts'
import type { Kernel } from './kernel.ts'
import { KeySet } from './key-set.ts'

export class KernelInbound implements InboundContext {
  private readonly kernel: Kernel
  private readonly keys: KeySet

  constructor(
    kernel: Kernel,
    suite: CryptoSuite,
    masterKeys: readonly SrtpMasterKey[],
    resume: readonly StreamPosition[],
    follows: KernelInbound | undefined,
  ) {
    this.kernel = kernel
    this.keys = new KeySet(kernel, suite, masterKeys, resume)
    if (follows !== undefined) kernel.exports.follow(this.keys.context, follows.keys.context)
  }

  get keyLifetime(): KeyLifetime {
    return this.keys.lifetime
  }

  unprotectRtp(buffer: Uint8Array, length: number): SrtpResult {
    const { kernel } = this
    if (!hasRoom(buffer, length, 0)) return srtpStatus.noRoom
    kernel.copyIn(buffer, length)
    const result = kernel.exports.unprotectRtp(this.keys.context, length)
    if (result >= 0) kernel.copyOut(buffer, result)
    return result
  }

  unprotectRtcp(buffer: Uint8Array, length: number): SrtpResult {
    const { kernel } = this
    if (!hasRoom(buffer, length, 0)) return srtpStatus.noRoom
    kernel.copyIn(buffer, length)
    const result = kernel.exports.unprotectRtcp(this.keys.context, length)
    if (result >= 0) kernel.copyOut(buffer, result)
    return result
  }

  stopFollowing(): void {
    this.kernel.exports.stopFollowing(this.keys.context)
  }

  close(): void {
    this.keys.close()
  }
}
