import type { HopName } from '../../shared/model/call.ts'
import type { CryptoSuite, TransportMode } from '../../shared/model/media.ts'
import type { SecurityEvent, SecurityEventKind } from '../../shared/model/security-event.ts'
import { isSecure } from '../sdp/transport-mode.ts'
import type { Keying } from './keying.ts'
import type { MediaSide } from './media-side.ts'

/** More than a call will ever have; an attacker who makes them fills no memory. */
const maxEvents = 50

/** What a leg's encryption is at one moment, without anything secret. */
export interface LegSecurity extends Keying {
  readonly mode: TransportMode
  readonly suite?: CryptoSuite
  readonly localAddress: string | undefined
}

/** Pure. What happened to a leg between two moments. */
export function securityChanges(before: LegSecurity, after: LegSecurity): readonly SecurityEventKind[] {
  const changes: (readonly [SecurityEventKind, boolean])[] = [
    ['clear-refused', after.clearRefused > before.clearRefused],
    ['moved-here', after.localAddress !== before.localAddress],
    ['moved-there', after.peer !== before.peer],
    ['now-clear', isSecure(before.mode) && !isSecure(after.mode)],
    ['now-encrypted', !isSecure(before.mode) && isSecure(after.mode)],
    ['suite-changed', isSecure(before.mode) && isSecure(after.mode) && before.suite !== after.suite],
    ...rekeying(before, after),
  ]
  return changes.flatMap(([kind, happened]) => (happened ? [kind] : []))
}

function rekeying(before: LegSecurity, after: LegSecurity): (readonly [SecurityEventKind, boolean])[] {
  const [here, there] = [after.ours > before.ours, after.theirs > before.theirs]
  // A leg that became secure has its first keys, not others.
  if (!isSecure(before.mode)) return []
  return [
    ['rekeyed-both', here && there],
    ['rekeyed-here', here && !there],
    ['rekeyed-there', there && !here],
  ]
}

/** The changes of a call's encryption, in the order in which they were noticed. */
export class SecurityLog {
  readonly #legs = new Map<HopName, LegSecurity>()
  #events: readonly SecurityEvent[] = []
  #proven = false

  get events(): readonly SecurityEvent[] {
    return this.#events
  }

  /** What the legs are now. The first look at a leg is what the others are compared with. @param now - epoch ms */
  note(legs: readonly { readonly name: HopName; readonly media: MediaSide }[], proven: boolean, now: number): void {
    if (proven && !this.#proven) {
      this.#proven = true
      this.#add({ at: now, kind: 'proven' })
    }
    for (const { name, media } of legs) {
      const after = legSecurity(media)
      if (after === undefined) continue
      const before = this.#legs.get(name)
      this.#legs.set(name, after)
      for (const kind of before ? securityChanges(before, after) : []) {
        this.#add({ at: now, kind, leg: name, ...(after.suite && { suite: after.suite }) })
      }
    }
  }

  #add(event: SecurityEvent): void {
    if (this.#events.length < maxEvents) this.#events = [...this.#events, event]
  }
}

function legSecurity({ negotiated, keying, localAddress }: MediaSide): LegSecurity | undefined {
  if (negotiated === undefined || keying === undefined) return undefined
  const { mode, suite } = negotiated
  return { ...keying, mode, localAddress, ...(suite && { suite }) }
}
