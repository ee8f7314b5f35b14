import type { AccountId } from '../../shared/model/account.ts'
import type { CallRecord } from './call-view.ts'

/** The oldest are forgotten beyond this many. */
const maxPeers = 1_000

/**
 * Who has spoken SRTP with us, since Kedge was started: they are not offered the choice between that and plain RTP any
 * more (RFC 8643 §4), and an earlier consent to calls in clear does not cover them, so that nobody on the way can talk a
 * later call down.
 */
export class SecurePeers {
  readonly #peers = new Set<string>()

  /** A call was answered. */
  note({ call, account, direction, remote }: CallRecord): void {
    const mode = call.legs.find(({ name }) => name === 'trunk')?.media.negotiated?.mode
    if (direction !== 'outgoing' || mode === undefined || mode === 'rtp') return
    const [oldest] = this.#peers
    if (oldest !== undefined && this.#peers.size >= maxPeers) this.#peers.delete(oldest)
    this.#peers.add(keyOf(account.id, remote))
  }

  /** The user has agreed to a call in clear to this peer, knowing what it has spoken. */
  forget(account: AccountId, peer: CallRecord['remote']): void {
    this.#peers.delete(keyOf(account, peer))
  }

  has(account: AccountId, peer: CallRecord['remote']): boolean {
    return this.#peers.has(keyOf(account, peer))
  }
}

/** A link may spell the domain otherwise, or name its port: it is the same peer, and everything goes over the account's flow. */
const keyOf = (account: AccountId, { user, domain }: CallRecord['remote']): string =>
  `${account} ${user}@${domain.toLowerCase().replace(/:\d+$/, '')}`
