import type { Clock } from '../sip/clock.ts'

/** Lets calls wait until their account has found another way to its server. */
export interface Recovery {
  /** Resolves with true when the account is online on another flow than before, with false when it will not be soon. */
  wait(): Promise<boolean>
  /** The account's state has changed. */
  check(): void
}

export interface RecoveryDeps {
  readonly clock: Clock
  /** Counts the flows that the account has used. */
  readonly flowNumber: () => number
  readonly isOnline: () => boolean
  /** It waits for its next try, or for its user. */
  readonly hasGivenUp: () => boolean
}

/** Longer nobody waits for a call to begin, ms. */
const patienceMs = 15_000

export function createRecovery({ clock, flowNumber, isOnline, hasGivenUp }: RecoveryDeps): Recovery {
  const waiting = new Set<() => void>()
  return {
    wait() {
      const before = flowNumber()
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const settle = (recovered: boolean) => {
        waiting.delete(look)
        stopTimer()
        resolve(recovered)
      }
      const look = () => {
        if (isOnline()) settle(flowNumber() !== before)
        else if (hasGivenUp()) settle(false)
      }
      const stopTimer = clock.after(patienceMs, () => settle(false))
      waiting.add(look)
      return promise
    },
    check() {
      for (const look of [...waiting]) look()
    },
  }
}
