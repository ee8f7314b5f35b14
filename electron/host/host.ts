import type { AppEvents, AppState, CallChannel, CallResult, EventChannel } from '../../shared/ipc/contract.ts'
import type { DesktopView, PasswordProtection } from '../../shared/model/desktop.ts'

/**
 * What a shell offers to the softphone, whatever it is made of. Two forms: `electron/` and `browser-host.ts`.
 */
export interface Host {
  readonly shell: 'electron' | 'browser'
  /** Folder of this user alone, mode 0700; exists. */
  readonly dataDir: string
  readonly secrets: SecretBox
  /** Called for every window that connects; the newest one is the phone. */
  onWindow: ((window: WindowConnection) => void) | undefined
  /** Calls `listener` when the machine has woken; absent where the shell is not told. */
  onResume?(listener: () => void): void
  /** What the shell offers beside the window; absent where it has nothing but the window. */
  readonly desktop?: Desktop
  close(): Promise<void>
}

/** Tray, notifications, badge, shortcuts, links, start at login, updates. */
export interface Desktop {
  /** Set by the softphone. Every command is something that the user did. */
  onCommand: ((command: DesktopCommand) => void) | undefined
  /** Set by the softphone; to be called when `view` has changed. */
  onChange: (() => void) | undefined
  view(): DesktopView
  /** Called after every change; settings are in it. */
  show(state: AppState): void
  /** Ends Kedge and starts the fetched update. Throws KedgeError `internal` when there is none. */
  installUpdate(): Promise<void>
}

export type DesktopCommand =
  | { readonly kind: 'answer' | 'decline'; readonly callId: string }
  | { readonly kind: 'hangUp'; readonly callId: string }
  /** The call in front, which the window alone knows; `callId` where there is no window. */
  | { readonly kind: 'endFront'; readonly callId: string }
  | { readonly kind: 'doNotDisturb'; readonly on: boolean }
  | { readonly kind: 'mute' }
  /** From a link, already read strictly. Only ever shown. */
  | { readonly kind: 'dial'; readonly target: string }

/** Encrypts what must not lie readable on disk. Throws KedgeError `internal` when the key store fails. */
export interface SecretBox {
  readonly protection: PasswordProtection
  seal(plain: string): Promise<Uint8Array>
  open(sealed: Uint8Array): Promise<string>
}

/** One connected window: calls and events of the IPC contract, and the SIP messages of the local leg. */
export interface WindowConnection {
  /** Answers the window's calls; set by the softphone before any is read. */
  onCall: ((channel: string, input: unknown) => Promise<CallResult<CallChannel>>) | undefined
  onSip: ((message: string) => void) | undefined
  onClose: (() => void) | undefined
  send<E extends EventChannel>(event: E, payload: AppEvents[E]): void
  sendSip(message: string): void
  /** Ends the connection: another window has taken its place, or the softphone stops. */
  close(): void
}
