import type { AppEvents, CallChannel, CallResult, EventChannel } from '../../shared/ipc/contract.ts'

/**
 * What a shell offers to the softphone, whatever it is made of. Two forms: `electron-host.ts` and `browser-host.ts`.
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
  close(): Promise<void>
}

/** Encrypts what must not lie readable on disk. Throws KedgeError `internal` when the key store fails. */
export interface SecretBox {
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
