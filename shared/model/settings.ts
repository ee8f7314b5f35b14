import type { AccountId } from './account.ts'
import { type DesktopSettings, defaultDesktopSettings } from './desktop.ts'

/** A sound device as it was when it was chosen. Ids change between sessions of some browsers; the label then finds it. */
export interface DeviceRef {
  readonly id: string
  readonly label: string
}

export const deviceRoles = ['microphone', 'speaker', 'ringer'] as const
export type DeviceRole = (typeof deviceRoles)[number]

/** Languages that the window speaks; `zh` is written in simplified characters. */
export const languages = ['en', 'de', 'fr', 'es', 'zh'] as const
export type Language = (typeof languages)[number]
export const languageChoices = ['system', ...languages] as const
export type LanguageChoice = (typeof languageChoices)[number]

/** `busy`: 486, as on another call; `unavailable`: 480, as with nobody there (RFC 3261 §21.4.18). */
export const undisturbedAnswers = ['busy', 'unavailable'] as const
export type UndisturbedAnswer = (typeof undisturbedAnswers)[number]

/** What the user chose for the window, whatever account is in use. */
export interface WindowSettings {
  /** Per role the devices in the order of preference, the best first; the system's own choice when none is there. */
  readonly devices: Readonly<Record<DeviceRole, readonly DeviceRef[]>>
  readonly language: LanguageChoice
  /** Account that calls go through unless another is chosen; an account that is gone counts as not set. */
  readonly defaultAccountId?: AccountId
  /** Nothing rings. */
  readonly doNotDisturb: boolean
  /** What callers hear then; `busy` when absent. */
  readonly undisturbedAnswer?: UndisturbedAnswer
  /** The other side of a call that is recorded hears a short tone every 15 seconds. */
  readonly recordingTone: boolean
  /** Of the desktop app; kept in the browser shell too, and without effect there. */
  readonly desktop: DesktopSettings
}

export const defaultSettings: WindowSettings = {
  devices: { microphone: [], speaker: [], ringer: [] },
  language: 'system',
  doNotDisturb: false,
  recordingTone: true,
  desktop: defaultDesktopSettings,
}
