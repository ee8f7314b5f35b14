import { createContext, useContext } from 'react'
import { useStore } from 'zustand'
import { useShallow } from 'zustand/react/shallow'
import type { Controller } from '../state/controller.ts'
import type { HistoryState } from '../state/history-list.ts'
import type { WindowState } from '../state/window-state.ts'

export const ControllerContext = createContext<Controller | undefined>(undefined)

export function useController(): Controller {
  const controller = useContext(ControllerContext)
  if (!controller) throw new Error('a screen was rendered outside of the window')
  return controller
}

/** Reads the window's state; the screen renders again when what `select` returns changes, compared member by member. */
export function useWindow<T>(select: (state: WindowState) => T): T {
  return useStore(useController().store, useShallow(select))
}

/** Reads the history as far as it is here; it is apart because a thousand calls are no business of most screens. */
export function useHistory<T>(select: (state: HistoryState) => T): T {
  return useStore(useController().history.store, useShallow(select))
}
