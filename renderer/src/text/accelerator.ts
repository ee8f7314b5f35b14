import type { DesktopSettings, ShortcutAction } from '../../../shared/model/desktop.ts'

/** The part of a key press that a global shortcut is made of. */
export type KeyPress = Pick<KeyboardEvent, 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

const named: Readonly<Record<string, string>> = {
  Space: 'Space',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  Home: 'Home',
  End: 'End',
  PageUp: 'PageUp',
  PageDown: 'PageDown',
  Insert: 'Insert',
}

/**
 * A key press in Electron's notation. Pure. A shortcut works in every program, so a key alone, or with Shift alone, is
 * none: it would take that key from everything that one types.
 */
export function acceleratorOf(press: KeyPress): string | undefined {
  const key = named[press.code] ?? /^(?:Key|Digit)([A-Z0-9])$/.exec(press.code)?.[1] ?? functionKey(press.code)
  if (key === undefined || !(press.ctrlKey || press.metaKey || press.altKey)) return undefined
  const modifiers = [
    ...(press.ctrlKey ? ['Control'] : []),
    ...(press.metaKey ? ['Super'] : []),
    ...(press.altKey ? ['Alt'] : []),
    ...(press.shiftKey ? ['Shift'] : []),
  ].slice(0, 3)
  return [...modifiers, key].join('+')
}

/** Pure. The shortcuts after one was set, or taken away; keys do one thing, so another action that had them loses them. */
export function withShortcut(
  shortcuts: DesktopSettings['shortcuts'],
  action: ShortcutAction,
  keys: string | undefined,
): DesktopSettings['shortcuts'] {
  const others = Object.entries(shortcuts).filter(([other, taken]) => other !== action && taken !== keys)
  return Object.fromEntries(keys === undefined ? others : [...others, [action, keys]])
}

const functionKey = (code: string): string | undefined => /^F(?:[1-9]|1[0-9]|2[0-4])$/.exec(code)?.[0]
