import { useState } from 'react'
import { incomingKeyGuardMs } from '../state/selectors.ts'

interface FirstMoment {
  /** How long this has been on the screen. */
  readonly shownForMs: () => number
  /** The press, once the first moment is over. */
  readonly guarded: (press: () => void) => () => void
}

/** What comes up by itself: a press in its first moment was on its way to something else. */
export function useFirstMoment(): FirstMoment {
  const [moment] = useState(() => beginAt(performance.now()))
  return moment
}

function beginAt(shownAt: number): FirstMoment {
  const shownForMs = () => performance.now() - shownAt
  return {
    shownForMs,
    guarded: (press) => () => {
      if (shownForMs() >= incomingKeyGuardMs) press()
    },
  }
}
