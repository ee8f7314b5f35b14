import { KedgeError, toWireError } from '../../shared/errors.ts'
import type { AccountSettings, RegistrationState, WaitingMessages } from '../../shared/model/account.ts'
import type { Clock } from '../sip/clock.ts'
import { createSipEndpoint, type KedgeEndpoint } from '../sip/endpoint.ts'
import type { EndpointConfig } from '../sip/endpoint-config.ts'
import type { SipLog } from '../sip/log.ts'
import { randomToken } from '../sip/message/random.ts'
import type { SipTransport } from '../sip/transport/transport.ts'
import type { IncomingInvite } from '../sip/types.ts'
import { backOffMs, refreshMs } from './back-off.ts'
import { addressOfRecord, contactOn, uriHost } from './connect-account.ts'
import type { Connector } from './connector.ts'
import { localAddressTo } from './local-address.ts'
import { type Failure, type Outcome, probeOutcome, registerOutcome } from './registration-outcome.ts'
import { accountLife, type LifeEffect, type LifeInput, type LifeState } from './registration-table.ts'
import { createVoiceMail } from './voice-mail.ts'

export interface RegistrationDeps {
  readonly connector: Connector
  readonly clock: Clock
  /** How a way is looked up; by the kernel's routes when absent. */
  readonly localAddressTo?: typeof localAddressTo
  /** 0 (inclusive) to 1 (exclusive); spreads the tries of many phones. */
  readonly random: () => number
  readonly userAgent: string
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

/** Asked for with each REGISTER, s. Over UDP it also keeps the mapping of a NAT, which forgets within minutes. */
const expiresS = { stream: 600, udp: 120 } as const
/** Between two OPTIONS at a trunk without registration, s. */
const probeS = { stream: 300, udp: 60 } as const
/** What unregistering may take when the app quits, ms. */
const goodbyeMs = 1_500

/** An answer that proves a flow after a wake-up takes no longer than this, ms: a dead connection gives none at all. */
const proofMs = 4_000

/** A flow that lasts less is not a success that lets the next try follow at once, ms. */
const shortFlowMs = 10_000

export function createRegistration(settings: AccountSettings, password: string, deps: RegistrationDeps): Registration {
  const { clock } = deps
  const contactUser = randomToken()
  const callId = randomToken()
  let cseq = 0
  let state: LifeState = 'off'
  let endpoint: KedgeEndpoint | undefined
  let flow: SipTransport | undefined
  let flowOpen = false
  let flowOpenedAt = 0
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
  let requestedS: number = settings.transport === 'udp' ? expiresS.udp : expiresS.stream
  /** Contact of the last registration, to be taken back when the flow, and with it the Contact, has changed. */
  let boundContact: string | undefined
  let stopTimer: () => void = () => undefined
  let goodbye: Promise<unknown> = Promise.resolve()

  function input(name: LifeInput): void {
    const row = accountLife[state][name]
    if (!row) return
    const [next, ...toDo] = row
    state = next
    for (const effect of toDo) effects[effect]()
    deps.onChange()
  }

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
      clock,
      log: deps.log,
    })
    opened.onInvite = deps.onInvite
    opened.onFlowClosed = (error) => {
      flowOpen = false
      failure = connectFailure(error ?? new KedgeError('net/closed', 'the connection was closed'))
      input(clock.now() - flowOpenedAt < shortFlowMs ? 'flowLostSoon' : 'flowLost')
    }
    return opened
  }

  async function register(): Promise<void> {
    const mine = attempt
    const outcome = await ask()
    // A flow that was lost meanwhile has said so itself, and another try is under way.
    if (mine !== attempt || !flowOpen) return
    if (outcome.kind === 'accepted') {
      expiresAt = clock.now() + outcome.grantedS * 1000
      boundContact = endpoint?.contact
      input('accepted')
      tellMove()
      askForMessages()
    } else if (outcome.kind === 'tooBrief') {
      requestedS = outcome.minExpiresS
      await register()
    } else {
      fail(outcome)
    }
  }

  async function ask(): Promise<Outcome> {
    if (!endpoint) return connectFailure(new KedgeError('net/closed', 'the connection was closed'))
    const target = `sip:${uriHost(settings.domain)}`
    if (!settings.register) {
      const response = await endpoint.request('OPTIONS', { target, to: target })
      return probeOutcome(response, settings.transport === 'udp' ? probeS.udp : probeS.stream)
    }
    const { contact } = endpoint
    const old = boundContact !== undefined && boundContact !== contact ? [`Contact: ${boundContact};expires=0`] : []
    const headers = [`Contact: ${contact};expires=${requestedS}`, ...old, `Expires: ${requestedS}`]
    return registerOutcome(await sendRegister(endpoint, headers), contactUser, requestedS)
  }

  const sendRegister = (at: KedgeEndpoint, headers: readonly string[]) =>
    at.request('REGISTER', { target: `sip:${uriHost(settings.domain)}`, headers, callId, nextCSeq: () => ++cseq })

  function askForMessages(): void {
    if (!endpoint || !settings.register || mailFlow === flow) return
    mailFlow = flow
    voiceMail.online(endpoint)
  }

  async function unregister(): Promise<void> {
    if (!endpoint || !flowOpen || !settings.register) return
    const bye = sendRegister(endpoint, [`Contact: ${endpoint.contact};expires=0`, 'Expires: 0'])
    const leaving = Promise.all([bye, voiceMail.close()])
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

  function view(): RegistrationState {
    switch (state) {
      case 'off':
        return { kind: 'unregistered' }
      case 'connecting':
        return { kind: 'connecting' }
      case 'registering':
      case 'proving':
        return { kind: 'registering' }
      case 'online':
      case 'refreshing':
        return settings.register ? { kind: 'registered', expiresAt } : { kind: 'ready' }
      case 'waiting':
        return { ...failed(), ...(retryAt === undefined ? {} : { retryAt }) }
      case 'blocked':
        return failed()
    }
  }

  const failed = () => ({
    kind: 'failed' as const,
    code: failure?.code ?? 'internal',
    ...(failure === undefined ? {} : { details: failure.details }),
  })

  return {
    state: view,
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
  return { kind: code === 'account/invalid' ? 'failedForGood' : 'failedForNow', code, details, flowDead: true }
}
