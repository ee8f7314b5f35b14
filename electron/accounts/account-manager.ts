import { randomUUID } from 'node:crypto'
import { KedgeError } from '../../shared/errors.ts'
import type { AccountId, AccountSettings, AccountView, RegistrationState } from '../../shared/model/account.ts'
import type { Clock } from '../sip/clock.ts'
import type { KedgeEndpoint } from '../sip/endpoint.ts'
import type { EndpointConfig } from '../sip/endpoint-config.ts'
import { type SipLog, silentLog } from '../sip/log.ts'
import type { PresentedCertificate } from '../sip/transport/certificate.ts'
import { type TapDirection, tapTransport } from '../sip/transport/tap.ts'
import type { SipTransport } from '../sip/transport/transport.ts'
import type { IncomingInvite } from '../sip/types.ts'
import { warmUp } from '../sip/warm-up.ts'
import { connectAccount } from './connect-account.ts'
import { type Connector, createConnector } from './connector.ts'
import { createRegistration, type Registration } from './registration.ts'

export interface AccountManagerDeps {
  /** Value of User-Agent. */
  readonly userAgent: string
  /** UUID of this installation; a new one with each start when absent. */
  readonly instanceId?: string
  readonly clock: Clock
  readonly log?: SipLog
  /** Opens flows to accounts' servers; finds them by RFC 3263 when absent. */
  readonly connector?: Connector
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random?: () => number
  /** Which users calls may be addressed to; see `EndpointConfig.answersFor`. By the account's transport when absent. */
  readonly answersFor?: EndpointConfig['answersFor']
  /** Private key of an account's client certificate, PEM. */
  readonly clientKey?: (id: AccountId) => string | undefined
  /** Sees every message of every account's flows, as it comes and goes. */
  readonly tap?: FlowTap
}

export type FlowTap = (id: AccountId, flow: SipTransport, direction: TapDirection, message: Uint8Array | string) => void

/** All accounts and their connections. Keeps passwords in memory only; storing them is the store's affair. */
export interface AccountManager {
  /** In the order in which they were first saved. `demo` is for the caller to say. */
  list(): AccountView[]
  /** Adds the account or replaces the one with this id, and connects. Without a password the old one is kept. */
  save(settings: AccountSettings, password: string | undefined): void
  /** Settings that the connection does not depend on have changed; it stays. Unknown ids are ignored. */
  amend(settings: AccountSettings): void
  /** Unregisters and forgets. Unknown ids are ignored. */
  remove(id: AccountId): void
  /** Tries at once, whatever the account waits for. Unknown ids are ignored. */
  retry(id: AccountId): void
  /** The certificate over which the account's last connection was refused. */
  presentedCertificate(id: AccountId): PresentedCertificate | undefined
  /** This machine's addresses have changed: each account goes on from the address that now leads to its server. */
  networkChanged(): void
  /** The machine has slept: each account proves itself by a round trip, and counts as offline until it has. */
  woke(): void
  /**
   * Called when an account is online over another flow than before, perhaps from another local address: its dialogs have
   * come along, their media and what the peers know of our Contact have not. @returns the way to stop listening
   */
  onMoved(listener: (id: AccountId, localAddress: string) => void): () => void
  /** @throws KedgeError `call/account-unknown`, or `call/account-not-ready` when it cannot place a call now */
  endpointFor(id: AccountId): KedgeEndpoint
  /**
   * What is needed to try an account apart from its own connection; never leaves the main process.
   * @throws KedgeError `call/account-unknown`
   */
  credentialsOf(id: AccountId): { readonly settings: AccountSettings; readonly password: string }
  /** @returns the way to stop listening */
  onChange(listener: () => void): () => void
  /** With the endpoint that the call has come on: an account that cannot place calls now may be called all the same. */
  onInvite(handler: InviteHandler): void
  /** Unregisters and closes everything; takes about two seconds at most. */
  close(): Promise<void>
}

type InviteHandler = (id: AccountId, invite: IncomingInvite, endpoint: KedgeEndpoint) => void

interface Account {
  readonly settings: AccountSettings
  readonly password: string
  readonly registration: Registration
}

export function createAccountManager(deps: AccountManagerDeps): AccountManager {
  const accounts = new Map<AccountId, Account>()
  const listeners = new Set<() => void>()
  const moveListeners = new Set<(id: AccountId, localAddress: string) => void>()
  const leaving = new Set<Promise<void>>()
  let inviteHandler: InviteHandler | undefined
  const random = deps.random ?? Math.random
  const instanceId = deps.instanceId ?? randomUUID()
  const connector = tapped(deps.connector ?? ownConnector(deps, random), deps.tap)
  warmUp()

  const changed = () => {
    for (const listener of [...listeners]) listener()
  }

  function open(settings: AccountSettings, password: string): Account {
    const registration = createRegistration(settings, password, {
      connector,
      clock: deps.clock,
      random,
      ...(deps.answersFor === undefined ? {} : { answersFor: deps.answersFor }),
      userAgent: deps.userAgent,
      instanceId,
      log: deps.log ?? silentLog,
      onChange: changed,
      onMoved(localAddress) {
        for (const listener of [...moveListeners]) listener(settings.id, localAddress)
      },
      onInvite(invite) {
        const { endpoint } = registration
        if (inviteHandler && endpoint) inviteHandler(settings.id, invite, endpoint)
        else invite.reject(480)
      },
    })
    return { settings, password, registration }
  }

  function leave(account: Account | undefined): void {
    if (!account) return
    const left = account.registration.stop().finally(() => leaving.delete(left))
    leaving.add(left)
  }

  return {
    list: () => [...accounts.values()].map(viewOf),
    save(settings, password) {
      const old = accounts.get(settings.id)
      const account = open(settings, password ?? old?.password ?? '')
      accounts.set(settings.id, account)
      leave(old)
      account.registration.start()
    },
    amend(settings) {
      const account = accounts.get(settings.id)
      if (!account) return
      accounts.set(settings.id, { ...account, settings })
      changed()
    },
    remove(id) {
      const account = accounts.get(id)
      accounts.delete(id)
      leave(account)
      changed()
    },
    retry: (id) => accounts.get(id)?.registration.retry(),
    presentedCertificate: (id) => accounts.get(id)?.registration.presented(),
    networkChanged() {
      for (const { registration } of accounts.values()) void registration.networkChanged()
    },
    woke() {
      for (const { registration } of accounts.values()) registration.woke()
    },
    onMoved(listener) {
      moveListeners.add(listener)
      return () => moveListeners.delete(listener)
    },
    endpointFor(id) {
      const account = accounts.get(id)
      if (!account) throw new KedgeError('call/account-unknown', 'there is no such account')
      const { registration } = account
      const state = registration.state()
      const ready = state.kind === 'registered' || state.kind === 'ready'
      if (!ready || !registration.endpoint) throw new KedgeError('call/account-not-ready', whyNotReady(state))
      return registration.endpoint
    },
    credentialsOf(id) {
      const account = accounts.get(id)
      if (!account) throw new KedgeError('call/account-unknown', 'there is no such account')
      return { settings: account.settings, password: account.password }
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onInvite(handler) {
      inviteHandler = handler
    },
    async close() {
      for (const account of accounts.values()) leave(account)
      accounts.clear()
      await Promise.all(leaving)
    },
  }
}

const ownConnector = ({ clock, clientKey }: AccountManagerDeps, random: () => number): Connector =>
  createConnector({
    clock,
    random,
    open: (settings, target) => connectAccount(settings, target, clientKey?.(settings.id)),
  })

function tapped(connector: Connector, tap: FlowTap | undefined): Connector {
  if (!tap) return connector
  return {
    ...connector,
    async connect(settings) {
      const flow = await connector.connect(settings)
      return tapTransport(flow, (direction, message, on) => tap(settings.id, on, direction, message))
    },
  }
}

function viewOf({ settings, registration }: Account): AccountView {
  const state = registration.state()
  const { messages } = registration
  const canReceiveCalls = settings.register && state.kind === 'registered'
  return { settings, state, canReceiveCalls, ...(messages ? { messages } : {}), demo: false }
}

function whyNotReady(state: RegistrationState): string {
  if (state.kind === 'failed') return `the account is not connected: ${state.details ?? state.code}`
  if (state.kind === 'connecting' || state.kind === 'registering') return 'the account is still connecting'
  return 'the account is switched off'
}
