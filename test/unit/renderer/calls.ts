import type { AppState } from '../../../shared/ipc/contract.ts'
import type { AccountView, RegistrationState } from '../../../shared/model/account.ts'
import { type CallView, callSecurity, type HopView, type LegCounters, noCounters } from '../../../shared/model/call.ts'

export const flowing: LegCounters = { ...noCounters, received: 10, sent: 10 }

export const localHop = (counters = flowing): HopView => ({
  leg: 'local',
  mode: 'webrtc',
  profile: 'UDP/TLS/RTP/SAVPF',
  keyExchange: 'dtls',
  signalling: { transport: 'local' },
  counters,
})

export const trunkHop = (over: Partial<HopView> = {}): HopView => ({
  leg: 'trunk',
  mode: 'srtp',
  profile: 'RTP/SAVP',
  suite: 'AES_CM_128_HMAC_SHA1_80',
  keyExchange: 'sdes',
  signalling: { transport: 'tls' },
  counters: flowing,
  ...over,
})

export function callView(over: Partial<CallView> = {}): CallView {
  const hops = over.hops ?? []
  return {
    id: 'call-1',
    accountId: 'work',
    direction: 'outgoing',
    localCallId: 'sip-1',
    remote: { user: '100', domain: 'example.com' },
    state: 'calling',
    startedAt: 1_000,
    timings: {},
    policy: 'required',
    hops,
    security: callSecurity(hops),
    ...over,
  }
}

export const accountView = (id: string, state: RegistrationState, demo = false): AccountView => ({
  settings: {
    id,
    label: id,
    domain: 'example.com',
    transport: 'tls',
    username: 'ada',
    register: true,
    encryption: 'required',
  },
  state,
  canReceiveCalls: state.kind === 'registered',
  demo,
})

export const appState = (calls: readonly CallView[], accounts: readonly AccountView[] = []): AppState => ({
  shell: 'browser',
  version: '0.0.0',
  accounts,
  calls,
})
