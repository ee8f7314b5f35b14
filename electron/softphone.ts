import { randomUUID } from 'node:crypto'
import { KedgeError } from '../shared/errors.ts'
import { type AppState, windowAor } from '../shared/ipc/contract.ts'
import type { AccountSettings } from '../shared/model/account.ts'
import { AccountKeeper } from './accounts/account-keeper.ts'
import { createAccountManager } from './accounts/account-manager.ts'
import { AccountTrust } from './accounts/account-trust.ts'
import { type Bridge, createBridge } from './bridge/bridge.ts'
import { type DemoTrunk, startDemoTrunk } from './demo-trunk/demo-trunk.ts'
import { type Log, openLog, readLogTail } from './diagnostics/log.ts'
import { Recorder } from './diagnostics/support/recorder.ts'
import { supportFile } from './diagnostics/support/support-file.ts'
import { SipTrace } from './diagnostics/trace/sip-trace.ts'
import { traceHandlers } from './diagnostics/trace/trace-desk.ts'
import { doctorHandlers } from './doctor/consulting-room.ts'
import { createDoctor } from './doctor/doctor.ts'
import { systemIo } from './doctor/system-io.ts'
import { DesktopCommands } from './host/desktop/commands.ts'
import type { Host, WindowConnection } from './host/host.ts'
import { watchNetwork } from './host/network-watch.ts'
import { createDispatch } from './ipc/dispatch.ts'
import { type Media, startMedia } from './media/media.ts'
import { systemClock } from './sip/clock.ts'
import { createSipEndpoint } from './sip/endpoint.ts'
import { messagePortTransport } from './sip/transport/message-port.ts'
import { tapTransport } from './sip/transport/tap.ts'
import { hostPort } from './sip/transport/transport.ts'
import { CallLog } from './store/call-log.ts'
import { Library } from './store/library.ts'
import { recordingHandlers } from './store/recordings/handlers.ts'
import { openStore } from './store/store.ts'

export interface SoftphoneOptions {
  readonly version: string
  /** Runs the demo trunk on this machine and an account at it. */
  readonly demoTrunk: boolean
  /** The shell's own log; one is opened in the data folder when absent. */
  readonly log?: Log
}

export interface Softphone {
  state(): AppState
  /** Called after every change of the state; returns the way to stop listening. */
  onState(listener: (state: AppState) => void): () => void
  /** For tests and the self-check: the media worker can be made to crash. */
  readonly media: Pick<Media, 'terminateForTest'>
  /** Ends calls, unregisters, stops workers, closes sockets; in that order, bounded in time. */
  close(): Promise<void>
}

const demoAccountId = 'demo'

/** Calls of the history that a support file has. */
const supportedCalls = 50

/** Composition root: builds every part from what the shell offers, wires them, and takes them down again. */
export async function startSoftphone(host: Host, options: SoftphoneOptions): Promise<Softphone> {
  const log = options.log ?? openLog(host.dataDir)
  log.info(`Kedge ${options.version}, ${host.shell} shell, Node ${process.version}`)
  const store = openStore(host.dataDir)
  if (store.setAside !== undefined) log.error(`the database was damaged; it lies at ${store.setAside} now`)
  const listeners = new Set<(state: AppState) => void>()
  let window: WindowConnection | undefined

  // Legs exist only for calls, so until there is a bridge the worker has nothing to tell that anybody waits for.
  let bridge: Bridge | undefined
  const media = await startMedia({ log: log.child('media'), onEvent: (event) => bridge?.onMediaEvent(event) })
  const demo = options.demoTrunk ? await startDemoTrunk({ dataDir: host.dataDir, log: log.child('demo') }) : undefined
  const accounts = createAccountManager({
    userAgent: `Kedge/${options.version}`,
    instanceId: store.installationId,
    clock: systemClock,
    log: log.child('sip'),
    clientKey: (id) => trust.keyOf(id),
    tap(accountId, { kind, local, remote }, direction, message) {
      trace.note({ accountId, direction, transport: kind, local: hostPort(local), remote: hostPort(remote), message })
    },
  })
  const trace = new SipTrace(preciseNow)
  const recorder = new Recorder(Date.now)
  const settingsOf = (id: string) => store.accounts().find(({ settings }) => settings.id === id)?.settings
  const trust = new AccountTrust({
    presentedCertificate: (id) => accounts.presentedCertificate(id),
    settingsOf,
    save: (settings) => keeper.save(settings, undefined),
    keys: store.clientKeys,
    secrets: host.secrets,
    now: Date.now,
    onUnreadable: (id, error) => log.error(`the client key of ${id} cannot be read: ${String(error)}`),
  })
  const calls = createBridge({
    media,
    clock: systemClock,
    onChange: () => publish(),
    undisturbed() {
      const { doNotDisturb, undisturbedAnswer = 'busy' } = store.settings.read()
      return doNotDisturb ? undisturbedAnswer : undefined
    },
    account(id) {
      const view = accounts.list().find(({ settings }) => settings.id === id)
      if (!view) throw new KedgeError('call/account-unknown', 'there is no such account')
      return { settings: view.settings, endpoint: accounts.endpointFor(id) }
    },
  })

  bridge = calls

  const library = new Library(store, () => publish())
  const doctor = createDoctor(
    systemIo((id) => trust.keyOf(id)),
    () => publish(),
  )
  const keeper = new AccountKeeper({
    accounts,
    store,
    secrets: host.secrets,
    passwordChoice: () => store.settings.read().desktop.passwords,
    onChange: () => publish(),
    onUnreadable: ({ label }, error) => log.error(`the password of ${label} cannot be read: ${String(error)}`),
  })
  const desktopCommands = new DesktopCommands({
    endCall: (id) => calls.endCall(id),
    setDoNotDisturb: (doNotDisturb) => void library.handlers.saveSettings({ settings: { doNotDisturb } }),
  })
  const state = (): AppState => ({
    shell: host.shell,
    version: options.version,
    accounts: keeper.list().map((view) => ({ ...view, demo: view.settings.id === demoAccountId })),
    calls: calls.calls(),
    forwarded: calls.forwarded(),
    ...doctor.state(),
    ...library.state,
    passwordProtection: host.secrets.protection,
    ...(store.setAside !== undefined && { notice: 'store/damaged' as const }),
    ...(host.desktop && { desktop: host.desktop.view() }),
  })
  const labelOf = (id: string) => accounts.list().find(({ settings }) => settings.id === id)?.settings.label ?? id
  const callLog = new CallLog(store.history, labelOf, (error) =>
    log.error(`a call cannot be written into the history: ${String(error)}`),
  )
  const recordings = store.recordings(host.secrets)
  const closeRecordings = () =>
    recordings.close(Date.now(), (error) => log.error(`a recording was not finished: ${String(error)}`))
  const noteCalls = () => {
    if (callLog.note([...calls.calls(), ...calls.forwarded()]) > 0) library.historyGrew()
  }
  const publish = publisher(() => {
    noteCalls()
    const now = state()
    recorder.noteState(now)
    window?.send('state', now)
    host.desktop?.show(now)
    for (const listener of listeners) listener(now)
  })
  accounts.onChange(publish)
  accounts.onMoved((id, localAddress) => calls.accountMoved(id, localAddress))
  const woke = () => {
    recorder.note('power', { what: 'woke' })
    accounts.woke()
  }
  const network = watchNetwork({
    clock: systemClock,
    onChange() {
      recorder.note('network', { what: 'addresses changed' })
      accounts.networkChanged()
    },
    onSlept: woke,
  })
  host.onResume?.(woke)
  if (host.desktop) {
    host.desktop.onCommand = (command) => desktopCommands.carryOut(command)
    host.desktop.onChange = publish
  }
  accounts.onInvite((id, invite, endpoint) => {
    const view = accounts.list().find(({ settings }) => settings.id === id)
    if (view) calls.ring(view.settings, endpoint, invite)
    else invite.reject(480)
  })

  const dispatch = createDispatch({
    state,
    async saveAccount({ settings, password, clientKey }) {
      if (settings.id === demoAccountId) throw new KedgeError('account/invalid', 'the demo account cannot be changed')
      await keeper.save(await trust.adopt(settings as AccountSettings, clientKey), password)
      return {}
    },
    async trustCertificate({ id, sha256 }) {
      await trust.trust(id, sha256)
      return {}
    },
    async forgetCertificate({ id }) {
      await trust.distrust(id)
      return {}
    },
    removeAccount({ id }) {
      keeper.remove(id)
      trust.forget(id)
      trace.forget(id)
      return {}
    },
    retryAccount({ id }) {
      keeper.retry(id)
      return {}
    },
    async installUpdate() {
      await host.desktop?.installUpdate()
      return {}
    },
    allowClear({ id, user }) {
      const settings = accounts.list().find((view) => view.settings.id === id)?.settings
      if (settings?.encryption !== 'preferred') {
        throw new KedgeError('account/invalid', 'only an account that encrypts when the trunk can may call in clear')
      }
      calls.allowClear(settings, user)
      const allowed: AccountSettings = { ...settings, clearAllowed: true }
      store.saveAccount(allowed, undefined)
      accounts.amend(allowed)
      return {}
    },
    async bridgeCalls({ a, b }) {
      await bridge.join(a, b)
      return {}
    },
    transferCall({ id, target }) {
      bridge.transfer(id, { dialled: target })
      return {}
    },
    transferToCall({ id, otherId }) {
      bridge.transfer(id, { otherId })
      return {}
    },
    async answerMove({ id, accept }) {
      await bridge.answerMove(id, accept)
      return {}
    },
    async transferHere({ id }) {
      await bridge.transferHere(id)
      return {}
    },
    async sendDigit({ id, digit }) {
      await bridge.sendDigit(id, digit)
      return {}
    },
    endCall({ id }) {
      bridge.endCall(id)
      return {}
    },
    ...library.handlers,
    ...recordingHandlers({
      recordings,
      callOf: (id) => calls.calls().find((call) => call.id === id),
      labelOf,
      now: () => Date.now(),
    }),
    ...traceHandlers(trace, labelOf, `Kedge/${options.version}`),
    noteDevices({ devices }) {
      recorder.noteDevices(devices)
      return {}
    },
    supportFile() {
      const { entries: history } = store.history.find({ limit: supportedCalls })
      return supportFile({ state: state(), trace, recorder, history, log: readLogTail(host.dataDir), now: Date.now() })
    },
    ...doctorHandlers({
      doctor,
      userAgent: `Kedge/${options.version}`,
      credentialsOf: accounts.credentialsOf,
      demo: demo && { settings: demoAccount(demo), trunk: demo },
    }),
    async demoCallMe({ scenario }) {
      if (!demo) throw new KedgeError('call/account-unknown', 'the demo trunk is not running')
      await demo.call(scenario)
      return {}
    },
  })

  host.onWindow = (opened) => {
    window?.close()
    window = opened
    const transport = messagePortTransport({ send: (message) => opened.sendSip(message), close: () => opened.close() })
    const tapped = tapTransport(transport, (direction, message) => {
      trace.note({ direction, transport: 'local', local: '', remote: '', message })
    })
    const endpoint = createSipEndpoint(tapped, windowLeg(options.version, log))
    opened.onCall = dispatch
    opened.onSip = (message) => transport.receive(message)
    opened.onClose = () => {
      transport.closed()
      void endpoint.close()
      if (window !== opened) return
      window = undefined
      closeRecordings()
      calls.setWindow(undefined)
      desktopCommands.setWindow(undefined)
    }
    calls.setWindow(endpoint)
    opened.send('state', state())
    desktopCommands.setWindow(opened)
  }

  await trust.load()
  if (demo) accounts.save(demoAccount(demo), demo.password)
  await keeper.load()

  return {
    state,
    media,
    onState(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      calls.close()
      noteCalls()
      closeRecordings()
      network.stop()
      await doctor.close()
      await accounts.close()
      await demo?.close()
      await media.close()
      window?.close()
      await host.close()
      store.close()
    },
  }
}

/** The endpoint that answers the window: any dialled user is ours to route, and nobody is challenged. */
const windowLeg = (version: string, log: Log) => ({
  aor: windowAor.replace('window@', 'bridge@'),
  contact: { user: randomUUID(), hostPort: 'bridge.kedge.invalid', transport: 'ws' as const },
  userAgent: `Kedge/${version}`,
  answersFor: 'any' as const,
  log: log.child('window'),
})

const demoAccount = (demo: DemoTrunk): AccountSettings => ({
  id: demoAccountId,
  label: 'Demo trunk',
  domain: demo.domain,
  server: '127.0.0.1',
  port: demo.port,
  transport: 'tls',
  username: demo.username,
  register: true,
  encryption: 'required',
  preset: 'twilio',
  caPem: demo.caPem,
})

/** Epoch ms with fractions, so that messages within one millisecond keep their distance. */
const preciseNow = (): number => performance.timeOrigin + performance.now()

/** Many changes in one turn of the event loop become one publication. */
function publisher(publish: () => void): () => void {
  let pending = false
  return () => {
    if (pending) return
    pending = true
    setImmediate(() => {
      pending = false
      publish()
    })
  }
}
