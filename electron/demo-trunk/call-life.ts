import type { Clock } from '../sip/clock.ts'

/** Timers and clean-up of one call: all of it stops when the call ends, whoever ended it. */
export interface CallLife {
  readonly ended: boolean
  /** Runs `action` later, unless the call has ended by then. */
  after(delayMs: number, action: () => void): void
  /** Runs `action` when the call ends; at once when it has. */
  onEnd(action: () => void | Promise<void>): void
  /** Ends it; resolves when all clean-up is done. Idempotent. */
  end(): Promise<void>
}

export function createCallLife(clock: Clock): CallLife {
  const actions: (() => void | Promise<void>)[] = []
  let ending: Promise<void> | undefined

  async function runAll(): Promise<void> {
    await Promise.all(actions.map((action) => action()))
  }

  return {
    get ended() {
      return ending !== undefined
    },
    after(delayMs, action) {
      if (ending === undefined) actions.push(clock.after(delayMs, action))
    },
    onEnd(action) {
      if (ending === undefined) actions.push(action)
      else ending = Promise.all([ending, action()]).then(() => undefined)
    },
    end() {
      ending ??= runAll()
      return ending
    },
  }
}
