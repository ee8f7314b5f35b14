/** What the desktop app has beside its window: tray, notifications, shortcuts, links, start at login, updates. */

export const shortcutActions = ['answer', 'hangUp', 'mute', 'show'] as const
export type ShortcutAction = (typeof shortcutActions)[number]

/** How passwords are kept where the system offers no key store, and only the user can say which is the lesser evil. */
export type PasswordChoice = 'ask' | 'readable' | 'not-stored'

export interface DesktopSettings {
  /** Closing the window leaves Kedge running, so that it can ring. */
  readonly closeToTray: boolean
  readonly startAtLogin: boolean
  /** Kedge opens `sip:`, `sips:`, `tel:` and `callto:` links of other programs. */
  readonly openLinks: boolean
  /** Keys that work in every program, in Electron's notation (`CommandOrControl+Shift+A`). */
  readonly shortcuts: Readonly<Partial<Record<ShortcutAction, string>>>
  /** Looks for signed updates and fetches them. */
  readonly updates: boolean
  readonly passwords: PasswordChoice
}

export const defaultDesktopSettings: DesktopSettings = {
  closeToTray: true,
  startAtLogin: false,
  openLinks: false,
  shortcuts: {},
  updates: true,
  passwords: 'ask',
}

/** `unavailable`: this build has no update key or address. */
export type UpdateView =
  | { readonly kind: 'unavailable' | 'off' | 'current' | 'checking' }
  | { readonly kind: 'fetching' | 'ready'; readonly version: string }
  /** An offered update was not taken; `reason` is a `RefusalReason` of the update policy. */
  | { readonly kind: 'refused'; readonly version: string; readonly reason: string }

/** What the shell itself reports; only the desktop app has it. */
export interface DesktopView {
  /** Shortcuts that were set and that the system did not give: another program has them. */
  readonly takenShortcuts: readonly ShortcutAction[]
  /** Whether links really open Kedge, as the system says; it may have another program for them. */
  readonly linksOpenHere: boolean
  readonly update: UpdateView
}

/**
 * Who can read a stored password: `system`: a key store that is opened with the user's login; `key-file`: whoever can
 * read this user's files; `readable`: the same, under a key that everyone knows; `none`: it cannot be stored.
 */
export type PasswordProtection = 'system' | 'key-file' | 'readable' | 'none'

/** What the user did outside of the window and the window is to do; the user's own decision each time. */
export type WindowRequest =
  | { readonly kind: 'answer' | 'decline'; readonly callId: string }
  /** The call in front, or the conference that it is in. */
  | { readonly kind: 'mute' | 'endFront' }
  /** A link of another program. Shown in the number field, never dialled. */
  | { readonly kind: 'dial'; readonly target: string }
