import type { CryptoSuite } from '../../../shared/model/media.ts'
import { SrtpError } from './errors.ts'
import type { CreateInbound, InboundContext } from './inbound-context.ts'
import { checkMasterKeys, checkPositions } from './master-keys.ts'
import { srtpStatus } from './status.ts'
import type { KeyLifetime, SrtpMasterKey, SrtpReceiver, SrtpResult, StreamPosition } from './types.ts'

/** The re-key rule over any implementation: new keys first, the old ones until a packet authenticates under the new. */
export class RekeyingReceiver<C extends InboundContext> implements SrtpReceiver {
  private readonly createInbound: CreateInbound<C>
  private currentSuite: CryptoSuite
  private current: C
  /** The context being replaced; `undefined` outside a re-key. */
  private previous: C | undefined
  private closed = false

  constructor(
    createInbound: CreateInbound<C>,
    suite: CryptoSuite,
    keys: readonly SrtpMasterKey[],
    resume: readonly StreamPosition[],
  ) {
    checkMasterKeys(suite, keys)
    checkPositions(resume)
    this.createInbound = createInbound
    this.currentSuite = suite
    this.current = createInbound(suite, keys, resume, undefined)
  }

  get suite(): CryptoSuite {
    return this.currentSuite
  }

  get keyLifetime(): KeyLifetime {
    return this.closed ? 'expired' : this.current.keyLifetime
  }

  unprotectRtp(buffer: Uint8Array, length: number): SrtpResult {
    if (this.closed) return srtpStatus.closed
    const result = this.current.unprotectRtp(buffer, length)
    if (this.previous === undefined) return result
    if (result >= 0) return this.switched(result)
    return mostTelling(result, this.previous.unprotectRtp(buffer, length))
  }

  unprotectRtcp(buffer: Uint8Array, length: number): SrtpResult {
    if (this.closed) return srtpStatus.closed
    const result = this.current.unprotectRtcp(buffer, length)
    if (this.previous === undefined) return result
    if (result >= 0) return this.switched(result)
    return mostTelling(result, this.previous.unprotectRtcp(buffer, length))
  }

  rekey(suite: CryptoSuite, keys: readonly SrtpMasterKey[]): void {
    if (this.closed) throw new SrtpError('srtp/closed', 'the receiver was closed')
    checkMasterKeys(suite, keys)
    // A second re-key before any packet under the first: the peer still sends under the oldest keys.
    const inUse = this.previous ?? this.current
    const replacement = this.createInbound(suite, keys, [], inUse)
    if (this.previous !== undefined) this.current.close()
    this.previous = inUse
    this.current = replacement
    this.currentSuite = suite
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.previous?.close()
    this.previous = undefined
    this.current.close()
  }

  private switched(result: SrtpResult): SrtpResult {
    this.current.stopFollowing()
    this.previous?.close()
    this.previous = undefined
    return result
  }
}

/** During a re-key the old keys know more about a packet than the new ones, unless it does not name them. */
function mostTelling(underNew: SrtpResult, underOld: SrtpResult): SrtpResult {
  return underOld === srtpStatus.unknownMki ? underNew : underOld
}
