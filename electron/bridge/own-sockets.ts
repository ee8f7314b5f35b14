import { KedgeError } from '../../shared/errors.ts'
import type { Media } from '../media/media.ts'
import type { LegId, SipLocal } from '../media/protocol.ts'
import { unlessWorkerLost } from './lost-worker.ts'
import { findStunServer } from './stun-server.ts'

/** A leg's own end of the media toward a SIP peer: where it is, and where it is about to be. */
export class OwnSockets {
  readonly #legId: LegId
  readonly #media: Pick<Media, 'call'>
  #local: SipLocal | undefined
  /** On another address of this machine: what descriptions name from now on. */
  #next: SipLocal | undefined
  readonly #stunServer: string | undefined
  /** How others see our sockets, where that was asked for. */
  readonly #seen = new Map<SipLocal, SipLocal>()
  /** What our newest description says. */
  #described: SipLocal | undefined

  /** @param stunServer - asked for our public addresses, which descriptions then name */
  constructor(legId: LegId, media: Pick<Media, 'call'>, stunServer?: string) {
    this.#legId = legId
    this.#media = media
    this.#stunServer = stunServer
  }

  async opened(local: SipLocal): Promise<void> {
    this.#local = local
    await this.#discover(local)
  }

  /** Address of the sockets in use; undefined before there are any. */
  get address(): string | undefined {
    return this.#local?.address
  }

  get isMoving(): boolean {
    return this.#next !== undefined
  }

  /** As `MediaSide.move`. */
  async move(address: string): Promise<boolean> {
    if (this.#next?.address === address) return true
    if (this.address === address) {
      await this.stay()
      return false
    }
    this.#next = await this.#media.call('moveLeg', { legId: this.#legId, address })
    await this.#discover(this.#next)
    return true
  }

  /** As `MediaSide.stay`. */
  async stay(): Promise<void> {
    if (this.#next === undefined) return
    this.#next = undefined
    await unlessWorkerLost(this.#media.call('stayLeg', { legId: this.#legId }))
  }

  /** What a description that is being written says of where we are. */
  describe(): SipLocal {
    this.#described = this.#next ?? this.#local
    if (this.#described === undefined) throw new KedgeError('internal', 'the leg is not open')
    return this.#seen.get(this.#described) ?? this.#described
  }

  /** Without an answer the local address stands: a peer that sends to where our packets come from does not need more. */
  async #discover(local: SipLocal): Promise<void> {
    const server = this.#stunServer && (await findStunServer(this.#stunServer, local.address))
    if (!server) return
    const { rtp, rtcp } = await this.#media.call('discoverLeg', { legId: this.#legId, server })
    if (rtp) this.#seen.set(local, { address: rtp.address, rtpPort: rtp.port, rtcpPort: rtcp?.port ?? rtp.port + 1 })
  }

  /** Hands the peer's parameters over; the leg has moved when the peer was told the new address in this exchange. */
  async connect(hand: (change: { readonly moved?: true }) => Promise<unknown>): Promise<void> {
    const agreed = this.#described
    const moved = agreed !== undefined && agreed === this.#next
    await hand(moved ? { moved: true } : {})
    if (!moved) return
    this.#local = agreed
    if (this.#next === agreed) this.#next = undefined
  }
}
