import { KedgeError, toWireError } from '../../shared/errors.ts'
import type { AccountSettings, RegistrationState, WaitingMessages } from '../../shared/model/account.ts'
import type { Clock } from '../sip/clock.ts'
import { createSipEndpoint, type KedgeEndpoint } from '../sip/endpoint.ts'
import type { EndpointConfig, RecoveryReason } from '../sip/endpoint-config.ts'
import type { SipLog } from '../sip/log.ts'
import { CertificateError, type PresentedCertificate } from '../sip/transport/certificate.ts'
import { hostPort, type SipTransport } from '../sip/transport/transport.ts'
import type { IncomingInvite } from '../sip/types.ts'
import { backOffMs, flowTimerMs, refreshMs } from './back-off.ts'
import { addressOfRecord, contactOn } from './connect-account.ts'
import type { Connector } from './connector.ts'
import { localAddressTo } from './local-address.ts'
import { createRecovery } from './recovery.ts'
import { createRegistrarClient } from './registrar-client.ts'
import type { RegistrarWord } from './registrar-word.ts'
import type { Failure } from './registration-outcome.ts'
import { accountLife, type LifeEffect, type LifeInput, type LifeState } from './registration-table.ts'
import { registrationView } from './registration-view.ts'
import { createUdpKeepAlive } from './udp-keep-alive.ts'
import { createVoiceMail } from './voice-mail.ts'

export interface RegistrationDeps {
  readonly connector: Connector
  readonly clock: Clock
  /** How a way is looked up; by the kernel's routes when absent. */
  readonly localAddressTo?: typeof localAddressTo
  /** 0 (inclusive) to 1 (exclusive); spreads the tries of many phones. */
  readonly random: () => number
  readonly userAgent: string
  /** UUID of this installation (RFC 5626 §4.1). */
  readonly instanceId: string
  readonly log: SipLog
  readonly onChange: () => void
  /** Online again over another flow, from this address of the machine. */
  readonly onMoved?: (localAddress: string) => void
  readonly onInvite: (invite: IncomingInvite) => void
  readonly answersFor?: EndpointConfig['answersFor']
}

/** One account from its first connection to its last goodbye. */
export interface Registration {
  state(): RegistrationState
  /** The certificate over which the last connection was refused; undefined when that was not the reason. */
  presented(): PresentedCertificate | undefined
  /** The account's endpoint once a flow was open; it outlives its flows. */
  readonly endpoint: KedgeEndpoint | undefined
  /** Voice mail, as far as the server has told. */
  readonly messages: WaitingMessages | undefined
  start(): void
  /** Tries now, whatever it waits for. Without effect while a try is under way. */
  retry(): void
  /** The machine's addresses have changed; looks whether the way to the server has. */
  networkChanged(): Promise<void>
  /** The machine has slept. */
  woke(): void
  /** Unregisters and closes; bounded in time. */
  stop(): Promise<void>
}

/** What unregistering may take when the app quits, ms. */
const goodbyeMs = 1_500

/** An answer that proves a flow after a wake-up takes no longer than this, ms: a dead connection gives none at all. */
const proofMs = 4_000

/** A NAT that shows another port each time is not followed for ever. */
const maxRewrites = 2

/** A flow that lasts less is not a success that lets the next try follow at once, ms. */
const shortFlowMs = 10_000
/** One that lasts so long is a success (RFC 5626 §4.5: 120 s), ms. */
const steadyFlowMs = 120_000

export function createRegistration(settings: AccountSettings, password: string, deps: RegistrationDeps): Registration {
  const { clock } = deps
  const client = createRegistrarClient(settings, deps.instanceId)
  const { contactUser } = client
  let state: LifeState = 'off'
  let endpoint: KedgeEndpoint | undefined
  let flow: SipTransport | undefined
  let flowOpen = false
  let flowOpenedAt = 0
  let flowNumber = 0
  /** How often the server's view of our address has changed our Contact on this flow. */
  let rewrites = 0
  /** The server keeps flows alive in the way of RFC 5626. */
  let hasOutbound = false
  /** The flow is open, but leaves from an address that is not the one to use any more. */
  let flowStale = false
  /** What the account was last online over. */
  let onlineOver: SipTransport | undefined
  const voiceMail = createVoiceMail(addressOfRecord(settings), clock, deps.onChange)
  /** The flow that voice mail was last asked for on. */
  let mailFlow: SipTransport | undefined
  /** Counts tries, so that what a given-up one still delivers is recognised. */
  let attempt = 0
  let failures = 0
  let failure: Failure | undefined
  let retryAt: number | undefined
  let expiresAt = 0
  let stopTimer: () => void = () => undefined
  let goodbye: Promise<unknown> = Promise.resolve()

  const hasLasted = (ms: number) => clock.now() - flowOpenedAt >= ms

  function input(name: LifeInput): void {
    const row = accountLife[state][name]
    if (!row) return
    const [next, ...toDo] = row
    state = next
    if (next !== 'online') keepAlive.stop()
    for (const effect of toDo) effects[effect]()
    recovery.check()
    deps.onChange()
  }

  const keepAlive = createUdpKeepAlive({
    clock,
    random: deps.random,
    ping: () => (endpoint ? client.ping(endpoint) : Promise.reject(new KedgeError('net/closed', 'there is no flow'))),
    onSilent: () => input('woke'),
    // A NAT has moved us: what is registered leads nowhere any more.
    onSeenFrom: (address) => hostPort(address) !== endpoint?.hostPort && input('retry'),
  })
  const recovery = createRecovery({
    clock,
    flowNumber: () => flowNumber,
    isOnline: () => state === 'online' || state === 'refreshing',
    hasGivenUp: () => state === 'waiting' || state === 'blocked' || state === 'off',
  })

  const effects: Readonly<Record<LifeEffect, () => void>> = {
    connect: () => void connect(),
    register: () => void register(),
    prove() {
      stopTimer = clock.after(proofMs, () => {
        attempt += 1
        closeFlow()
        input('flowLost')
      })
      void register()
    },
    keepAlive() {
      if (settings.transport === 'udp' && !hasOutbound) keepAlive.start()
    },
    scheduleRefresh() {
      const delayMs = refreshMs((expiresAt - clock.now()) / 1000, deps.random())
      stopTimer = clock.after(delayMs, () => input('timer'))
    },
    scheduleRetry() {
      failures += 1
      const delayMs = Math.max(backOffMs(failures, deps.random()), 1000 * (failure?.retryAfterS ?? 0))
      retryAt = clock.now() + delayMs
      stopTimer = clock.after(delayMs, () => input('timer'))
    },
    resetBackOff() {
      failures = 0
    },
    settleBackOff() {
      if (hasLasted(steadyFlowMs)) failures = 0
    },
    stopTimer: () => stopTimer(),
    unregister() {
      goodbye = unregister()
    },
    close() {
      attempt += 1
      flowOpen = false
      const closing = endpoint
      endpoint = undefined
      goodbye = goodbye.then(() => closing?.close())
    },
  }

  async function connect(): Promise<void> {
    if (flowOpen && !flowStale) {
      input('connected')
      return
    }
    attempt += 1
    const mine = attempt
    try {
      const opened = await deps.connector.connect(settings)
      if (mine !== attempt) opened.close()
      else use(opened)
    } catch (error) {
      if (mine === attempt) fail(connectFailure(error))
    }
  }

  function use(opened: SipTransport): void {
    try {
      if (endpoint) endpoint.moveTo(opened, contactOn(opened, contactUser))
      else endpoint = openEndpoint(opened)
    } catch (error) {
      opened.close()
      throw error
    }
    flow = opened
    flowNumber += 1
    rewrites = 0
    flowOpen = true
    flowStale = false
    flowOpenedAt = clock.now()
    input('connected')
  }

  function openEndpoint(flow: SipTransport): KedgeEndpoint {
    const opened = createSipEndpoint(flow, {
      aor: addressOfRecord(settings),
      contact: contactOn(flow, contactUser),
      userAgent: deps.userAgent,
      credentials: { username: settings.authUsername ?? settings.username, password },
      ...(settings.displayName === undefined ? {} : { displayName: settings.displayName }),
      // A connection proves where a call comes from; over UDP only the Contact that nobody can guess does.
      answersFor: deps.answersFor ?? (flow.kind === 'udp' && settings.register ? 'contact' : 'own'),
      onRequest: { NOTIFY: voiceMail.receive },
      recover,
      clock,
      log: deps.log,
    })
    opened.onInvite = deps.onInvite
    opened.onFlowClosed = (error) => {
      flowOpen = false
      failure = connectFailure(error ?? new KedgeError('net/closed', 'the connection was closed'))
      // Nobody listens on that UDP port, or the server hangs up as soon as it has us: on with the next one.
      const soon = !hasLasted(failures > 0 ? steadyFlowMs : shortFlowMs)
      if (hasLasted(steadyFlowMs)) failures = 0
      const another = (soon || state !== 'online') && flow && deps.connector.serverFailed(settings, flow.remote)
      if (another) input('tryNext')
      else input(soon ? 'flowLostSoon' : 'flowLost')
    }
    return opened
  }

  async function register(): Promise<void> {
    if (!endpoint) return
    const mine = attempt
    const outcome = await client.ask(endpoint)
    // A flow that was lost meanwhile has said so itself, and another try is under way.
    if (mine !== attempt || !flowOpen) return
    if (outcome.kind !== 'accepted') {
      fail(outcome)
      return
    }
    if (follow(outcome.word) && settings.register) {
      await register()
      return
    }
    expiresAt = clock.now() + outcome.grantedS * 1000
    input('accepted')
    tellMove()
    askForMessages()
  }

  /**
   * Goes by what the server said: its route, its name for us, the address that it sees us under, how alive it wants us.
   * @returns true when our Contact has changed by it, and has to be registered
   */
  function follow(word: RegistrarWord): boolean {
    endpoint?.present({
      routeSet: word.serviceRoute,
      outbound: word.outbound,
      ...(word.gruu === undefined ? {} : { gruu: word.gruu }),
    })
    hasOutbound = word.outbound
    // STUN belongs to a server that knows outbound; on a stream any server is answered, and any may name its time.
    if (word.outbound || (word.flowTimerS !== undefined && settings.transport !== 'udp')) {
      flow?.keepAlive?.({
        everyMs: flowTimerMs(word.flowTimerS, settings.transport, deps.random()),
        answered: word.outbound,
      })
    }
    if (word.outbound || !word.seenFrom || hostPort(word.seenFrom) === endpoint?.hostPort || rewrites >= maxRewrites)
      return false
    rewrites += 1
    endpoint?.present({ hostPort: hostPort(word.seenFrom) })
    return true
  }

  async function recover(why: RecoveryReason, retryAfterS?: number): Promise<boolean> {
    if (why === 'silent') {
      input('woke')
      return false
    }
    const recovered = recovery.wait()
    if (why === 'overloaded') {
      if (!flow || !flowOpen || !deps.connector.serverFailed(settings, flow.remote, retryAfterS)) return false
      closeFlow()
      input('tryNext')
    }
    return recovered
  }

  function askForMessages(): void {
    if (!endpoint || !settings.register || mailFlow === flow) return
    mailFlow = flow
    voiceMail.online(endpoint)
  }

  async function unregister(): Promise<void> {
    if (!endpoint || !flowOpen || !settings.register) return
    const leaving = Promise.all([client.leave(endpoint), voiceMail.close()])
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const cancel = clock.after(goodbyeMs, resolve)
    await Promise.race([leaving, late])
    cancel()
  }

  function tellMove(): void {
    if (flow === undefined || flow === onlineOver) return
    const first = onlineOver === undefined
    onlineOver = flow
    if (!first) deps.onMoved?.(flow.local.address)
  }

  function fail(reason: Failure): void {
    failure = reason
    deps.log.warn(`account not reachable: ${reason.code} (${reason.details})`)
    const another = serverFailed(reason)
    if (reason.flowDead || another) closeFlow()
    input(another ? 'tryNext' : reason.kind)
  }

  /** A server that is silent or overloaded makes room for the next one behind the same name (RFC 3263 §4.3). */
  function serverFailed({ code, retryAfterS }: Failure): boolean {
    if (!flowOpen || !flow || (code !== 'account/timeout' && code !== 'account/server-error')) return false
    return deps.connector.serverFailed(settings, flow.remote, retryAfterS)
  }

  async function networkChanged(): Promise<void> {
    if (flow && flowOpen) {
      const now = await (deps.localAddressTo ?? localAddressTo)(flow.remote)
      // No way at all: the flow is left to find out, it may come back before anything was to be sent.
      if (now === undefined || now === flow.local.address) {
        input('woke')
        return
      }
      flowStale = true
    }
    input('moved')
  }

  /** Dialogs stay with the endpoint; the next flow takes them over. */
  function closeFlow(): void {
    flowOpen = false
    endpoint?.dropFlow()
  }

  return {
    state: () => registrationView({ state, registers: settings.register, expiresAt, retryAt, failure }),
    presented: () => (state === 'waiting' || state === 'blocked' ? failure?.presented : undefined),
    get endpoint() {
      return endpoint
    },
    get messages() {
      return voiceMail.messages
    },
    start: () => input('start'),
    retry: () => input('retry'),
    networkChanged,
    woke: () => input('woke'),
    async stop() {
      input('stop')
      void voiceMail.close()
      await goodbye
    },
  }
}

/** Networks come back, and so do certificates: a captive portal shows its own, a server renews. Settings do not. */
function connectFailure(error: unknown): Failure {
  const { code, message: details } = toWireError(error)
  const kind = code === 'account/invalid' ? 'failedForGood' : 'failedForNow'
  const presented = error instanceof CertificateError ? { presented: error.presented } : {}
  return { kind, code, details, flowDead: true, ...presented }
}
