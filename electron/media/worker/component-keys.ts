import type { CryptoSuite } from '../../../shared/model/media.ts'
import { srtpStatus } from '../srtp/status.ts'
import type { KeyLifetime, SrtpMasterKey, SrtpReceiver, SrtpResult, SrtpSender } from '../srtp/types.ts'

/**
 * Contexts of a leg whose RTP and RTCP were keyed by a DTLS handshake each, because the peer does not multiplex them
 * (RFC 5764 §4.1). Until the second handshake is done there is no RTCP, in either direction.
 */
export class ComponentSender implements SrtpSender {
  readonly #rtp: SrtpSender
  readonly #rtcp: SrtpSender | undefined

  constructor(rtp: SrtpSender, rtcp: SrtpSender | undefined) {
    this.#rtp = rtp
    this.#rtcp = rtcp
  }

  get suite(): CryptoSuite {
    return this.#rtp.suite
  }

  get maxOverheadBytes(): number {
    return Math.max(this.#rtp.maxOverheadBytes, this.#rtcp?.maxOverheadBytes ?? 0)
  }

  get rtpOverheadBytes(): number {
    return this.#rtp.rtpOverheadBytes
  }

  get keyLifetime(): KeyLifetime {
    return this.#rtp.keyLifetime
  }

  protectRtp(buffer: Uint8Array, length: number): SrtpResult {
    return this.#rtp.protectRtp(buffer, length)
  }

  protectRtcp(buffer: Uint8Array, length: number): SrtpResult {
    return this.#rtcp?.protectRtcp(buffer, length) ?? srtpStatus.closed
  }

  close(): void {
    this.#rtp.close()
    this.#rtcp?.close()
  }
}

/** The receiving half; see `ComponentSender`. */
export class ComponentReceiver implements SrtpReceiver {
  readonly #rtp: SrtpReceiver
  readonly #rtcp: SrtpReceiver | undefined

  constructor(rtp: SrtpReceiver, rtcp: SrtpReceiver | undefined) {
    this.#rtp = rtp
    this.#rtcp = rtcp
  }

  get suite(): CryptoSuite {
    return this.#rtp.suite
  }

  get keyLifetime(): KeyLifetime {
    return this.#rtp.keyLifetime
  }

  unprotectRtp(buffer: Uint8Array, length: number): SrtpResult {
    return this.#rtp.unprotectRtp(buffer, length)
  }

  unprotectRtcp(buffer: Uint8Array, length: number): SrtpResult {
    return this.#rtcp?.unprotectRtcp(buffer, length) ?? srtpStatus.closed
  }

  rekey(suite: CryptoSuite, keys: readonly SrtpMasterKey[]): void {
    this.#rtp.rekey(suite, keys)
  }

  close(): void {
    this.#rtp.close()
    this.#rtcp?.close()
  }
}
