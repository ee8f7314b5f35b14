import { accountSettingsSchema } from '../../../shared/ipc/contract.ts'
import type { AccountSettings, AccountTransport, DtmfMode } from '../../../shared/model/account.ts'
import type { CryptoSuite, EncryptionPolicy } from '../../../shared/model/media.ts'
import type { TrunkPreset, TrunkPresetId } from '../../../shared/model/trunk-presets.ts'
import type { TrunkQuirk } from '../../../shared/model/trunk-quirks.ts'
import {
  draftFromForwarding,
  type ForwardingDraft,
  type ForwardingField,
  forwardingCases,
  invalidForwarding,
  readForwarding,
} from './forwarding-draft.ts'

export type MediaKeys = 'sdes' | 'dtls'

/** The account form as it is being filled in: every text field as typed. */
export interface AccountDraft {
  readonly preset: TrunkPresetId
  readonly label: string
  readonly domain: string
  readonly server: string
  readonly port: string
  readonly transport: AccountTransport
  readonly username: string
  readonly authUsername: string
  readonly displayName: string
  readonly password: string
  readonly register: boolean
  readonly encryption: EncryptionPolicy
  readonly allowExposedKeys: boolean
  readonly mediaKeys: MediaKeys
  /** Agreed to after a refused call; the form can only take it back. */
  readonly clearAllowed: boolean
  readonly caPem: string
  readonly dtmf: DtmfMode
  readonly stunServer: string
  readonly takesFirstSource: boolean
  readonly acceptsWildcards: boolean
  readonly clientCertPem: string
  readonly clientKeyPem: string
  readonly clientKeyPassphrase: string
  readonly forwarding: ForwardingDraft
  /** Seconds; empty when the user answers. */
  readonly autoAnswer: string
  readonly quirks: readonly TrunkQuirk[]
  /** Undefined for those of the preset. */
  readonly suites: readonly CryptoSuite[] | undefined
}

/** Pure. Keys in the signalling can be read by others: there are keys, and no TLS around them. */
export const canExposeKeys = ({
  transport,
  encryption,
  mediaKeys,
}: Pick<AccountDraft, 'transport' | 'encryption' | 'mediaKeys'>): boolean =>
  transport !== 'tls' && encryption !== 'off' && mediaKeys === 'sdes'

/** The fields that hold one line of text. */
export type TextDraftField =
  | 'label'
  | 'domain'
  | 'server'
  | 'port'
  | 'username'
  | 'authUsername'
  | 'displayName'
  | 'password'
  | 'stunServer'

/** The fields that hold certificates and keys. */
export const trustFields = ['caPem', 'clientCertPem', 'clientKeyPem'] as const
type TrustField = (typeof trustFields)[number]

export type DraftField = TextDraftField | TrustField | ForwardingField | 'suites'

/** What travels beside the settings, once, and never comes back to the window. */
export interface AccountSecrets {
  readonly password?: string
  readonly clientKey?: { readonly pem: string; readonly passphrase?: string }
}

export type DraftResult =
  | { readonly ok: true; readonly settings: AccountSettings; readonly secrets: AccountSecrets }
  | { readonly ok: false; readonly invalid: ReadonlySet<DraftField> }

/** Port that an empty port field stands for (RFC 3261 §19.1.2). */
export const defaultPort = (transport: AccountTransport): number => (transport === 'tls' ? 5061 : 5060)

export function draftFromPreset(preset: TrunkPreset): AccountDraft {
  return {
    preset: preset.id,
    label: '',
    domain: '',
    server: '',
    port: preset.port === defaultPort(preset.transport) ? '' : String(preset.port),
    transport: preset.transport,
    username: '',
    authUsername: '',
    displayName: '',
    password: '',
    register: preset.register,
    encryption: preset.encryption,
    allowExposedKeys: false,
    mediaKeys: 'sdes',
    clearAllowed: false,
    caPem: '',
    dtmf: 'rfc4733',
    stunServer: '',
    takesFirstSource: false,
    acceptsWildcards: false,
    clientCertPem: '',
    clientKeyPem: '',
    clientKeyPassphrase: '',
    forwarding: draftFromForwarding(undefined),
    autoAnswer: '',
    quirks: [],
    suites: undefined,
  }
}

/** The fields of a stored account; its password is never in the window. */
export function draftFromSettings(settings: AccountSettings): AccountDraft {
  return {
    preset: settings.preset ?? 'generic',
    label: settings.label,
    domain: settings.domain,
    server: settings.server ?? '',
    port: settings.port === undefined ? '' : String(settings.port),
    transport: settings.transport,
    username: settings.username,
    authUsername: settings.authUsername ?? '',
    displayName: settings.displayName ?? '',
    password: '',
    register: settings.register,
    encryption: settings.encryption,
    allowExposedKeys: settings.allowExposedKeys ?? false,
    mediaKeys: settings.mediaKeys ?? 'sdes',
    clearAllowed: settings.clearAllowed ?? false,
    caPem: settings.caPem ?? '',
    dtmf: settings.dtmf ?? 'rfc4733',
    stunServer: settings.stunServer ?? '',
    takesFirstSource: settings.takesFirstSource ?? false,
    acceptsWildcards: settings.acceptsWildcards ?? false,
    clientCertPem: settings.clientCertPem ?? '',
    clientKeyPem: '',
    clientKeyPassphrase: '',
    forwarding: draftFromForwarding(settings.forwarding),
    autoAnswer: settings.autoAnswerAfterS?.toString() ?? '',
    quirks: settings.quirks ?? [],
    suites: settings.suites,
  }
}

/**
 * Checks a draft against the contract's own schema. Pure. An empty name becomes the domain; an empty password keeps
 * the stored one, so it is only wrong for a new account. What the form does not show is taken over from `stored`.
 */
export function readDraft(draft: AccountDraft, id: string, stored?: AccountSettings): DraftResult {
  const settings = {
    ...stored,
    id,
    label: draft.label.trim() || draft.domain.trim(),
    domain: draft.domain,
    server: draft.server.trim() || undefined,
    port: draft.port.trim() === '' ? undefined : Number(draft.port),
    transport: draft.transport,
    username: draft.username,
    authUsername: draft.authUsername.trim() || undefined,
    displayName: draft.displayName.trim() || undefined,
    register: draft.register,
    encryption: draft.encryption,
    allowExposedKeys: canExposeKeys(draft) && draft.allowExposedKeys ? true : undefined,
    mediaKeys: draft.mediaKeys === 'dtls' ? draft.mediaKeys : undefined,
    clearAllowed: draft.encryption === 'preferred' && draft.clearAllowed ? true : undefined,
    preset: draft.preset,
    dtmf: draft.dtmf === 'rfc4733' ? undefined : draft.dtmf,
    stunServer: draft.stunServer.trim() || undefined,
    takesFirstSource: draft.encryption !== 'required' && draft.takesFirstSource ? true : undefined,
    ...(draft.transport === 'tls' ? readTrust(draft) : {}),
    forwarding: readForwarding(draft.forwarding, draft.domain.trim(), stored?.forwarding),
    autoAnswerAfterS: draft.autoAnswer === '' ? undefined : Number(draft.autoAnswer),
    quirks: draft.quirks.length > 0 ? draft.quirks : undefined,
    suites: draft.suites,
  }
  const parsed = accountSettingsSchema.safeParse(settings)
  const invalid = new Set<DraftField>(parsed.success ? [] : parsed.error.issues.flatMap(({ path }) => fieldOf(path)))
  for (const field of invalidForwarding(draft.forwarding)) invalid.add(field)
  if (draft.suites?.length === 0) invalid.add('suites')
  if (!stored && draft.password === '') invalid.add('password')
  for (const field of invalidTrust(draft, stored)) invalid.add(field)
  if (!parsed.success || invalid.size > 0) return { ok: false, invalid }
  return { ok: true, settings: withoutUndefined(parsed.data), secrets: secretsOf(draft) }
}

/** The form shows these with TLS alone. */
const readTrust = ({ caPem, acceptsWildcards, clientCertPem }: AccountDraft) => ({
  caPem: caPem.trim() || undefined,
  acceptsWildcards: acceptsWildcards || undefined,
  clientCertPem: clientCertPem.trim() || undefined,
})

/** Whether what was pasted looks like what is asked for; whether it is, the main process finds out. */
function invalidTrust(draft: AccountDraft, stored: AccountSettings | undefined): TrustField[] {
  if (draft.transport !== 'tls') return []
  const isWrong = (text: string, what: RegExp) => text.trim() !== '' && !what.test(text)
  const certificate = /-----BEGIN CERTIFICATE-----/
  const hasCertificate = draft.clientCertPem.trim() !== ''
  const hasNoKey = draft.clientKeyPem.trim() === '' && !stored?.clientCertPem
  const wrong: Record<TrustField, boolean> = {
    caPem: isWrong(draft.caPem, certificate),
    clientCertPem: isWrong(draft.clientCertPem, certificate),
    clientKeyPem: hasCertificate && (hasNoKey || isWrong(draft.clientKeyPem, /-----BEGIN [A-Z ]*PRIVATE KEY-----/)),
  }
  return trustFields.filter((field) => wrong[field])
}

function secretsOf(draft: AccountDraft): AccountSecrets {
  const { transport, password, clientCertPem, clientKeyPem, clientKeyPassphrase } = draft
  const hasKey = transport === 'tls' && clientCertPem.trim() !== '' && clientKeyPem.trim() !== ''
  const passphrase = clientKeyPassphrase === '' ? {} : { passphrase: clientKeyPassphrase }
  return {
    ...(password === '' ? {} : { password }),
    ...(hasKey ? { clientKey: { pem: clientKeyPem.trim(), ...passphrase } } : {}),
  }
}

const shownFields: readonly unknown[] = [
  'label',
  'domain',
  'server',
  'port',
  'username',
  'authUsername',
  'displayName',
  'password',
  'stunServer',
  ...trustFields,
] satisfies readonly (TextDraftField | TrustField)[]
const isShown = (field: unknown): field is TextDraftField | TrustField => shownFields.includes(field)

/** The field of the form that a part of the settings is entered in; none for what the form does not show. */
function fieldOf([part, within]: readonly PropertyKey[]): readonly DraftField[] {
  if (part === 'forwarding') return forwardingCases.filter((name) => name === within)
  return isShown(part) ? [part] : []
}

const withoutUndefined = (settings: object): AccountSettings =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as unknown as AccountSettings
