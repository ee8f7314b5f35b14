import { z } from 'zod'
import type { ErrorCode, WireError } from '../errors.ts'
import type { AccountView } from '../model/account.ts'
import type { CallView } from '../model/call.ts'
import { type Contact, numberKinds } from '../model/contact.ts'
import type { DesktopView, PasswordProtection, WindowRequest } from '../model/desktop.ts'
import type { DoctorReport } from '../model/doctor.ts'
import type { HistoryEntry } from '../model/history.ts'
import { cryptoSuites } from '../model/media.ts'
import { practiceFaults, practiceRings } from '../model/practice.ts'
import type { Recording } from '../model/recording.ts'
import { languageChoices, undisturbedAnswers, type WindowSettings } from '../model/settings.ts'
import type { MadeFile, TraceView } from '../model/trace.ts'
import { trunkPresetIds } from '../model/trunk-presets.ts'
import { trunkQuirks } from '../model/trunk-quirks.ts'

// The window's content security policy lets no text become code, so zod must not even try.
z.config({ jitless: true })

/**
 * The one contract between the window and the main process. Calls ask and are answered; events announce.
 * Inputs are validated in the main process against these schemas; unknown channels are refused.
 */
const host = z
  .string()
  .trim()
  .min(1)
  .max(253)
  .regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)$/)

const stunServer = z
  .string()
  .trim()
  .max(260)
  .regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,253})(:[0-9]{1,5})?$/)

/** A SIP user or digest user name: no white space, no delimiter that could start a header or a parameter. */
const user = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9._!~*'()&=+$,;?/%#-]+$/)

const accountId = z.string().regex(/^[a-z0-9-]{1,40}$/)

const forwardTarget = z.strictObject({
  target: z.string().trim().min(1).max(256),
  accountId: accountId.optional(),
})

const forwarding = z.strictObject({
  always: forwardTarget.optional(),
  busy: forwardTarget.optional(),
  noAnswer: forwardTarget.extend({ afterS: z.number().int().min(5).max(120) }).optional(),
  unreachable: forwardTarget.optional(),
})

const sha256 = z.string().regex(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/)
const pem = z.string().max(65_536)

export const accountSettingsSchema = z.strictObject({
  id: accountId,
  label: z.string().trim().min(1).max(64),
  domain: host,
  server: host.optional(),
  port: z.number().int().min(1).max(65535).optional(),
  transport: z.enum(['udp', 'tcp', 'tls']),
  username: user,
  authUsername: user.optional(),
  displayName: z.string().trim().max(64).optional(),
  register: z.boolean(),
  encryption: z.enum(['required', 'preferred', 'off']),
  allowExposedKeys: z.boolean().optional(),
  clearAllowed: z.boolean().optional(),
  mediaKeys: z.literal('dtls').optional(),
  preset: z.enum(trunkPresetIds).optional(),
  suites: z.array(z.enum(cryptoSuites)).min(1).max(cryptoSuites.length).readonly().optional(),
  quirks: z.array(z.enum(trunkQuirks)).max(trunkQuirks.length).readonly().optional(),
  forwarding: forwarding.optional(),
  dtmf: z.enum(['rfc4733', 'info']).optional(),
  autoAnswerAfterS: z.number().int().min(0).max(30).optional(),
  stunServer: stunServer.optional(),
  takesFirstSource: z.boolean().optional(),
  caPem: pem.optional(),
  acceptsWildcards: z.boolean().optional(),
  pin: z.strictObject({ domain: host, sha256, certPem: pem, trustedAt: z.number() }).optional(),
  clientCertPem: pem.optional(),
})

const contactSchema = z.strictObject({
  id: z.string().min(1).max(64),
  name: z.string().trim().min(1).max(128),
  organisation: z.string().trim().min(1).max(128).optional(),
  numbers: z
    .array(z.strictObject({ kind: z.enum(numberKinds), value: z.string().trim().min(1).max(256) }))
    .max(20)
    .readonly(),
  favourite: z.boolean(),
})

const deviceRefs = z
  .array(z.strictObject({ id: z.string().max(256), label: z.string().max(256) }))
  .max(20)
  .readonly()

/** Electron's notation: at least one modifier, so that no plain key is taken from other programs. */
const shortcut = z
  .string()
  .regex(
    /^(?:(?:CommandOrControl|Control|Alt|Shift|Super)\+){1,3}(?:[A-Z0-9]|F[1-9]|F1[0-9]|F2[0-4]|Space|Up|Down|Left|Right|Home|End|PageUp|PageDown|Insert)$/,
  )

const desktopSettings = z.strictObject({
  closeToTray: z.boolean(),
  startAtLogin: z.boolean(),
  openLinks: z.boolean(),
  shortcuts: z.strictObject({
    answer: shortcut.optional(),
    hangUp: shortcut.optional(),
    mute: shortcut.optional(),
    show: shortcut.optional(),
  }),
  updates: z.boolean(),
  passwords: z.enum(['ask', 'readable', 'not-stored']),
})

export const windowSettingsSchema = z.strictObject({
  devices: z.strictObject({ microphone: deviceRefs, speaker: deviceRefs, ringer: deviceRefs }),
  language: z.enum(languageChoices),
  defaultAccountId: accountId.optional(),
  doNotDisturb: z.boolean(),
  recordingTone: z.boolean(),
  undisturbedAnswer: z.enum(undisturbedAnswers).optional(),
  desktop: desktopSettings,
})

const recordingId = z.uuid()
const traceScope = z.strictObject({
  accountId: accountId.optional(),
  callIds: z.array(z.string().max(256)).max(16).readonly().optional(),
})

export const callInputs = {
  /** Everything the window shows. */
  state: z.strictObject({}),
  /**
   * Adds an account or replaces the one with the same id. Without `password` or `clientKey` the stored one is kept. The
   * stored `pin` stays whatever is sent: only `trustCertificate` sets one.
   */
  saveAccount: z.strictObject({
    settings: accountSettingsSchema,
    password: z.string().max(256).optional(),
    clientKey: z.strictObject({ pem, passphrase: z.string().max(256).optional() }).optional(),
  }),
  /** The user has compared the fingerprint: the certificate that the account's server showed last counts from now on. */
  trustCertificate: z.strictObject({ id: accountId, sha256 }),
  /** Takes such trust back. */
  forgetCertificate: z.strictObject({ id: accountId }),
  /** SIP messages of an account, or of a call, without their texts. */
  trace: z.strictObject({ scope: traceScope }),
  /** Text of one of them, its secrets masked. */
  traceMessage: z.strictObject({ id: z.number().int().positive() }),
  exportTrace: z.strictObject({ scope: traceScope, form: z.enum(['text', 'pcapng']) }),
  /** Everything that helps to find a fault, in one file, without passwords and keys. */
  supportFile: z.strictObject({}),
  /** The sound devices that the window sees now, for the support file. */
  noteDevices: z.strictObject({
    devices: z.array(z.strictObject({ kind: z.enum(['input', 'output']), label: z.string().max(256) })).max(64),
  }),
  removeAccount: z.strictObject({ id: z.string().max(40) }),
  /** Tries the account again at once. */
  retryAccount: z.strictObject({ id: z.string().max(40) }),
  /**
   * The user agrees, once for this account, that a trunk which refuses encryption gets its calls in clear, and that `user`
   * is called so although it has encrypted its calls before.
   */
  allowClear: z.strictObject({ id: z.string().max(40), user: z.string().max(256) }),
  /**
   * Bridged transfer: the two connected calls of the window become one between their far ends, through this machine and
   * encrypted on both hops. For trunks that take no REFER.
   */
  bridgeCalls: z.strictObject({ a: z.string().max(64), b: z.string().max(64) }),
  /** Sends a pressed key by SIP INFO: for accounts whose `dtmf` says so. Answered when the trunk has taken it. */
  sendDigit: z.strictObject({ id: z.string().max(64), digit: z.string().regex(/^[0-9A-D*#]$/) }),
  /** Asks the far end of a call to go on with somebody whom it calls (REFER). `target` as it would be dialled. */
  transferCall: z.strictObject({ id: z.string().max(64), target: z.string().trim().min(1).max(256) }),
  /** Asks the far end of a call to go on with the far end of another one (REFER with Replaces). */
  transferToCall: z.strictObject({ id: z.string().max(64), otherId: z.string().max(64) }),
  /** The user's answer to a far end that asks to go on with somebody else. Without a question it changes nothing. */
  answerMove: z.strictObject({ id: z.string().max(64), accept: z.boolean() }),
  /** Carries out through this machine a transfer that the far end would not. */
  transferHere: z.strictObject({ id: z.string().max(64) }),
  /** Ends a call; the only way to end one that the window has no part in. Unknown ids are ignored. */
  endCall: z.strictObject({ id: z.string().max(64) }),
  /** A page of the history, newest first. `query` finds names, numbers and accounts; `numbers` are those of contacts. */
  history: z.strictObject({
    query: z.string().max(128).optional(),
    numbers: z.array(z.string().max(128)).max(200).optional(),
    before: z.strictObject({ startedAt: z.number(), id: z.string().max(64) }).optional(),
    limit: z.number().int().min(1).max(200),
  }),
  deleteCall: z.strictObject({ id: z.string().max(64) }),
  clearHistory: z.strictObject({}),
  contacts: z.strictObject({}),
  /** Adds contacts or replaces those with the same ids, all or none. */
  saveContacts: z.strictObject({ contacts: z.array(contactSchema).min(1).max(200) }),
  removeContact: z.strictObject({ id: z.string().max(64) }),
  /** Changes the settings that are named and leaves the others as they are. */
  saveSettings: z.strictObject({ settings: windowSettingsSchema.partial() }),
  /** Keeps what the window hears of a running call, encrypted. */
  startRecording: z.strictObject({ callId: z.string().max(64) }),
  /** @param data - base64, in the order in which the recorder made it */
  appendRecording: z.strictObject({ id: recordingId, data: z.base64().max(100_000) }),
  finishRecording: z.strictObject({ id: recordingId }),
  recordings: z.strictObject({}),
  /** Sound in clear, piece by piece: without `from` the first. */
  readRecording: z.strictObject({
    id: recordingId,
    from: z.strictObject({ offset: z.number().int().min(0), part: z.number().int().min(0) }).optional(),
  }),
  removeRecording: z.strictObject({ id: recordingId }),
  /** Ends Kedge and starts the update that was fetched and checked. */
  installUpdate: z.strictObject({}),
  /** Asks the demo trunk to call this phone, so that an incoming call can be tried without a second phone. */
  demoCallMe: z.strictObject({ scenario: z.enum(practiceRings) }),
  /**
   * Looks at an account's trunk step by step; what is found stands in `AppState.doctor`. One looks at a time: another
   * that runs is stopped. `number` is called to hear oneself; the preset's own when absent.
   */
  runDoctor: z.strictObject({ accountId, number: z.string().trim().min(1).max(128).optional() }),
  /** The same at a server of the demo trunk that has this fault. */
  practiceDoctor: z.strictObject({ fault: z.enum(practiceFaults) }),
  /** Stops looking and takes the report away. */
  closeDoctor: z.strictObject({}),
} as const

export type CallChannel = keyof typeof callInputs
export type CallInput<C extends CallChannel> = z.infer<(typeof callInputs)[C]>

export interface AppState {
  readonly shell: 'electron' | 'browser'
  readonly version: string
  readonly accounts: readonly AccountView[]
  /** Running calls, and ended ones for a few seconds so that the window can say why they ended. */
  readonly calls: readonly CallView[]
  /** Calls that the window has no part in: forwarded ones, and two that were joined. Absent means none. */
  readonly forwarded?: readonly CallView[]
  /** Grows whenever the history has changed, so that a window knows when to read it again. */
  readonly historyRevision?: number
  readonly contactsRevision?: number
  readonly settings?: WindowSettings
  /** What the trunk doctor has found so far, while its page is open. */
  readonly doctor?: DoctorReport
  /** How stored passwords are protected on this machine. */
  readonly passwordProtection?: PasswordProtection
  /** Of the desktop app alone. */
  readonly desktop?: DesktopView
  /** Set when something outside any call or account failed (the media worker is being restarted). */
  readonly notice?: ErrorCode
}

export interface CallOutputs {
  state: AppState
  saveAccount: Record<string, never>
  trace: TraceView
  traceMessage: { readonly text: string }
  exportTrace: MadeFile
  supportFile: MadeFile
  noteDevices: Record<string, never>
  trustCertificate: Record<string, never>
  forgetCertificate: Record<string, never>
  removeAccount: Record<string, never>
  retryAccount: Record<string, never>
  allowClear: Record<string, never>
  bridgeCalls: Record<string, never>
  transferCall: Record<string, never>
  transferToCall: Record<string, never>
  transferHere: Record<string, never>
  answerMove: Record<string, never>
  sendDigit: Record<string, never>
  endCall: Record<string, never>
  history: { readonly entries: readonly HistoryEntry[]; readonly more: boolean }
  deleteCall: Record<string, never>
  clearHistory: Record<string, never>
  contacts: { readonly contacts: readonly Contact[] }
  saveContacts: Record<string, never>
  removeContact: Record<string, never>
  saveSettings: Record<string, never>
  startRecording: { readonly id: string }
  appendRecording: Record<string, never>
  finishRecording: Record<string, never>
  recordings: { readonly recordings: readonly Recording[] }
  readRecording: {
    /** Base64. */
    readonly data: string
    readonly next?: { readonly offset: number; readonly part: number }
    /** Of the last piece: false when the recording was cut off. */
    readonly complete: boolean
  }
  removeRecording: Record<string, never>
  installUpdate: Record<string, never>
  demoCallMe: Record<string, never>
  runDoctor: Record<string, never>
  practiceDoctor: Record<string, never>
  closeDoctor: Record<string, never>
}

export type CallResult<C extends CallChannel> = { ok: true; value: CallOutputs[C] } | { ok: false; error: WireError }

export interface AppEvents {
  /** The whole state after any change; small, so no patching. */
  state: AppState
  /** Something the user did outside of the window, for the window to carry out. */
  request: WindowRequest
}
export type EventChannel = keyof AppEvents

/**
 * What the window sees of the main process, in both shells: preload puts it on `window.kedge`, the browser shell
 * builds it on a WebSocket. `sip` is the local leg: whole SIP messages, one per call.
 */
export interface Door {
  call<C extends CallChannel>(channel: C, input: CallInput<C>): Promise<CallResult<C>>
  on<E extends EventChannel>(event: E, listener: (payload: AppEvents[E]) => void): () => void
  readonly sip: {
    send(message: string): void
    onMessage(listener: (message: string) => void): () => void
    /** True while messages can pass; the listener hears changes. */
    onOpen(listener: (open: boolean) => void): () => void
  }
}

/**
 * How the window addresses a call: Request-URI `sip:USER@ACCOUNT.accounts.kedge.invalid`, USER percent-escaped. The
 * account goes into the host so that no SIP header has to be invented for it.
 */
export const accountHostSuffix = '.accounts.kedge.invalid'
/** A window takes up a call that goes on without one: its INVITE goes to `sip:CALL@` this host, by the call's id. */
export const rejoinHost = 'rejoin.kedge.invalid'
/** Address of record of the window itself. */
export const windowAor = 'sip:window@kedge.invalid'

/** Frames of the browser shell's WebSocket, one JSON object each. */
export type ClientFrame =
  | { readonly t: 'call'; readonly id: number; readonly channel: string; readonly input: unknown }
  | { readonly t: 'sip'; readonly message: string }
export type ServerFrame =
  | { readonly t: 'result'; readonly id: number; readonly result: CallResult<CallChannel> }
  | { readonly t: 'event'; readonly event: EventChannel; readonly payload: AppEvents[EventChannel] }
  | { readonly t: 'sip'; readonly message: string }
