import { type RefObject, useEffect, useRef } from 'react'

/** True when nothing that one can see has the focus, so that taking it disturbs nobody. */
export function isFocusFree(): boolean {
  const active = document.activeElement
  return !active || active === document.body || !active.checkVisibility()
}

/** For what comes to stand in the place of what had the focus: takes it then, and only then. */
export function useLostFocus<T extends HTMLElement>(): RefObject<T | null> {
  const element = useRef<T>(null)
  useEffect(() => {
    if (isFocusFree()) element.current?.focus()
  }, [])
  return element
}

/** For a question: has the focus as long as it stands there, and gives it back to what asked it. */
export function useBorrowedFocus<T extends HTMLElement>(): RefObject<T | null> {
  const element = useRef<T>(null)
  useEffect(() => {
    const before = document.activeElement
    element.current?.focus()
    return () => {
      if (before instanceof HTMLElement && isFocusFree()) before.focus()
    }
  }, [])
  return element
}

/**
 * For a form: leads to the first field that is wrong, which may be out of sight, each time that was looked at.
 * @param look - another value after each look
 */
export function useFirstMistake(look: unknown): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the fields are read anew after each look
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [look])
  return form
}
