import { type AccountManager, createAccountManager } from '../../../electron/accounts/account-manager.ts'
import { type Bridge, createBridge } from '../../../electron/bridge/bridge.ts'
import { type Media, startMedia } from '../../../electron/media/media.ts'
import type { MediaCommandName } from '../../../electron/media/protocol.ts'
import { loadEngine } from '../../../electron/media/srtp/engine.ts'
import type { SrtpEngine } from '../../../electron/media/srtp/types.ts'
import { systemClock } from '../../../electron/sip/clock.ts'
import { KedgeError } from '../../../shared/errors.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import type { CallView } from '../../../shared/model/call.ts'
import { type Baresip, type BaresipOptions, startBaresip } from '../../harness/baresip.ts'
import { type Authority, createAuthority } from '../../harness/certificates.ts'
import { type Kamailio, type KamailioOptions, startKamailio } from '../../harness/kamailio.ts'
import { until } from '../../unit/media/worker/support/until.ts'
import { ScriptedWindow } from './scripted-window.ts'

export const domain = 'pbx.test'
const passwords = { kedge: 'anchor', bob: 'builder', erin: 'evergreen' }
export const windowHz = 620

/** Everything of Kedge between its window and its trunk, in this process, registered at a Kamailio behind TLS. */
export interface KedgeCore extends AsyncDisposable {
  readonly bridge: Bridge
  readonly accounts: AccountManager
  readonly window: ScriptedWindow
  readonly engine: SrtpEngine
  readonly kamailio: Kamailio
  readonly authority: Authority
  /** Saves the account anew and waits until it is registered. */
  account(change?: Partial<AccountSettings>): Promise<void>
  baresip(options: Partial<BaresipOptions> & Pick<BaresipOptions, 'toneHz'>): Promise<Baresip>
  /** Waits until the call that began last is as the condition says. */
  sees(condition: (call: CallView) => boolean, what: string, timeoutMs?: number): Promise<CallView>
}

export interface CoreSurroundings extends Pick<KamailioOptions, 'routes' | 'replies' | 'site' | 'ports'> {
  /** Hears of every command to the media worker. */
  readonly onMediaCall?: (command: MediaCommandName, input: unknown) => void
}

export async function startKedgeCore(
  { onMediaCall, ...routing }: CoreSurroundings = {},
  change: Partial<AccountSettings> = {},
): Promise<KedgeCore> {
  await using parts = new AsyncDisposableStack()
  const authority = await createAuthority()
  const credentials = await authority.issue({ names: [domain] })
  const kamailio = parts.use(await startKamailio({ ...routing, domain, users: passwords, credentials }))
  const engine = await loadEngine()
  const window = parts.use(new ScriptedWindow(engine, windowHz))
  const worker = await startMedia({ onEvent: (event) => bridge.onMediaEvent(event) })
  parts.defer(() => worker.close())
  const media: Pick<Media, 'call'> = {
    call(command, input) {
      onMediaCall?.(command, input)
      return worker.call(command, input)
    },
  }
  const accounts = createAccountManager({ userAgent: 'Kedge/test', clock: systemClock })
  parts.defer(() => accounts.close())
  const settingsOf = (id: string) => accounts.list().find(({ settings }) => settings.id === id)?.settings
  const bridge = createBridge({
    media,
    clock: systemClock,
    onChange: () => undefined,
    account(id) {
      const settings = settingsOf(id)
      if (settings === undefined) throw new KedgeError('call/account-unknown', 'there is no such account')
      return { settings, endpoint: accounts.endpointFor(id) }
    },
  })
  parts.defer(() => bridge.close())
  accounts.onMoved((id, address) => bridge.accountMoved(id, address))
  bridge.setWindow(window)
  accounts.onInvite((id, invite, endpoint) => {
    const settings = settingsOf(id)
    if (settings) bridge.ring(settings, endpoint, invite)
  })
  const account = async (more: Partial<AccountSettings> = {}) => {
    accounts.save(
      {
        id: 'work',
        label: 'Work',
        domain,
        server: routing.site?.host ?? '127.0.0.1',
        port: kamailio.ports.tls,
        transport: 'tls',
        username: 'kedge',
        register: true,
        encryption: 'required',
        caPem: authority.certPem,
        ...change,
        ...more,
      },
      passwords.kedge,
    )
    await until(() => accounts.list().every(({ state }) => state.kind === 'registered'), 'registered', 10_000)
  }
  const site = routing.site ? { host: routing.site.host } : {}
  await account()
  const owned = parts.move()
  return {
    bridge,
    accounts,
    window,
    engine,
    kamailio,
    authority,
    account,
    baresip: async (options) => {
      const user = (options.user ?? 'bob') as keyof typeof passwords
      return owned.use(
        await startBaresip({
          user,
          password: passwords[user],
          domain,
          proxy: { ...site, port: kamailio.ports.tls, transport: 'tls' },
          ...(routing.site && { site: routing.site }),
          caPem: authority.certPem,
          mediaEncryption: 'srtp-mand',
          answer: 'auto',
          ...options,
        }),
      )
    },
    async sees(condition, what, timeoutMs = 10_000) {
      const newest = () => [...bridge.calls(), ...bridge.forwarded()].sort((a, b) => b.startedAt - a.startedAt)[0]
      const met = () => {
        const call = newest()
        return call !== undefined && condition(call)
      }
      try {
        await until(met, what, timeoutMs)
      } catch (error) {
        throw new Error(`${what}: the newest call is ${JSON.stringify(newest())}`, { cause: error })
      }
      const call = newest()
      if (call === undefined) throw new Error('no call')
      return call
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}
