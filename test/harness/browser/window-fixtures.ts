import type { Page } from 'playwright'
import type { ErrorCode } from '../../../shared/errors.ts'
import type { AppState } from '../../../shared/ipc/contract.ts'
import type { AccountSettings, AccountView, RegistrationState } from '../../../shared/model/account.ts'
import { type CallView, callSecurity, type HopView, noCounters } from '../../../shared/model/call.ts'
import type { CertificatePin, CertificateView } from '../../../shared/model/certificate.ts'
import type { FakeLibrary } from './fake-door.ts'

/** One state of the window that one can look at: what the main process says, and what is pressed then. */
export interface NamedState {
  readonly name: string
  /** Undefined while the main process has not answered. */
  readonly app: AppState | undefined
  readonly library?: FakeLibrary
  /** Leads from `app` to the state that is looked at. */
  readonly lead?: (page: Page) => Promise<void>
}

const settings = (over: Partial<AccountSettings> = {}): AccountSettings => ({
  id: 'work',
  label: 'Work',
  domain: 'sip.example.com',
  transport: 'tls',
  username: 'ada',
  register: true,
  encryption: 'required',
  ...over,
})

export const account = (state: RegistrationState, over: Partial<AccountSettings> = {}): AccountView => ({
  settings: settings(over),
  state,
  canReceiveCalls: state.kind === 'registered',
  demo: false,
})

export const registered: RegistrationState = { kind: 'registered', expiresAt: 4_000_000_000_000 }

const day = 86_400_000

export const strangersCertificate: CertificateView = {
  subject: 'asterisk',
  issuer: 'asterisk',
  selfSigned: true,
  names: ['asterisk', 'pbx.local'],
  validFrom: Date.UTC(2026, 2, 1),
  validTo: Date.UTC(2026, 2, 1) + 3650 * day,
  sha256: Array.from({ length: 32 }, (_, at) =>
    ((at * 37 + 19) % 256).toString(16).padStart(2, '0').toUpperCase(),
  ).join(':'),
}

export const strangersPin: CertificatePin = {
  domain: 'pbx.example.com',
  sha256: Array.from({ length: 32 }, (_, at) => ((at * 91 + 7) % 256).toString(16).padStart(2, '0').toUpperCase()).join(
    ':',
  ),
  certPem: '-----BEGIN CERTIFICATE-----',
  trustedAt: Date.UTC(2026, 8, 14, 9, 30),
}

export const demoAccount: AccountView = {
  settings: settings({ id: 'demo', label: 'Demo trunk', domain: 'demo.kedge.invalid', username: 'phone' }),
  state: registered,
  canReceiveCalls: true,
  demo: true,
}

export const workAccount = account(registered)

export const appWith = (over: Partial<AppState> = {}): AppState => ({
  shell: 'browser',
  version: '0.1.0',
  accounts: [workAccount, demoAccount],
  calls: [],
  ...over,
})

const flowing = { ...noCounters, received: 6_412, sent: 6_398, rtcpReceived: 26, rtcpSent: 27 }

export const localHop = (counters = flowing): HopView => ({
  leg: 'local',
  mode: 'webrtc',
  profile: 'UDP/TLS/RTP/SAVPF',
  suite: 'AEAD_AES_128_GCM',
  keyExchange: 'dtls',
  codec: 'PCMU/8000',
  signalling: { transport: 'local' },
  counters,
})

export const trunkHop = (over: Partial<HopView> = {}): HopView => ({
  leg: 'trunk',
  mode: 'srtp',
  profile: 'RTP/SAVP',
  suite: 'AES_CM_128_HMAC_SHA1_80',
  keyExchange: 'sdes',
  codec: 'PCMU/8000',
  signalling: {
    transport: 'tls',
    tlsVersion: 'TLSv1.3',
    tlsCipher: 'TLS_AES_256_GCM_SHA384',
    peerName: 'sip.example.com',
    peerIssuer: 'Example Trust Services',
    verified: {
      trust: 'built-in',
      root: 'Example Root CA',
      name: { kind: 'dns', value: 'sip.example.com' },
      sha256: strangersCertificate.sha256,
      validTo: Date.UTC(2027, 4, 1),
      clientCertificate: false,
    },
  },
  counters: flowing,
  ...over,
})

export const targetHop: HopView = { ...trunkHop(), leg: 'target' }
export const udpHop = trunkHop({ signalling: { transport: 'udp' } })
export const clearHop: HopView = {
  leg: 'trunk',
  mode: 'rtp',
  profile: 'RTP/AVP',
  keyExchange: 'none',
  codec: 'PCMU/8000',
  signalling: { transport: 'udp' },
  counters: flowing,
}

export function call(over: Partial<CallView> = {}): CallView {
  const hops = over.hops ?? []
  return {
    id: 'call-1',
    accountId: 'work',
    direction: 'outgoing',
    localCallId: 'window-call-1',
    remote: { user: '+442079460018', domain: 'sip.example.com', displayName: 'Ada Lovelace' },
    state: 'connected',
    startedAt: Date.now() - 140_000,
    timings: {},
    policy: 'required',
    hops,
    security: callSecurity(hops),
    ...over,
  }
}

export const connected = (hops: readonly HopView[], over: Partial<CallView> = {}) =>
  call({ hops, answeredAt: Date.now() - 134_000, ...over })

export const during = (view: CallView, over: Partial<AppState> = {}) => appWith({ calls: [view], ...over })

export const incomingCall = call({
  direction: 'incoming',
  state: 'incoming',
  remote: { user: '+15550100', domain: 'sip.example.com' },
})

export const endedCall = (code: ErrorCode, over: Partial<CallView> = {}): CallView => {
  const running = call(over)
  return { ...running, state: 'ended', endedAt: Date.now(), end: over.end ?? { by: 'remote', code } }
}
