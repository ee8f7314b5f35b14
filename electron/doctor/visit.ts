import type { AccountSettings } from '../../shared/model/account.ts'
import type { DnsResolver } from '../accounts/locate/resolver.ts'
import { within } from '../demo-trunk/within.ts'
import type { Clock } from '../sip/clock.ts'
import type { Challenge } from '../sip/digest/challenge.ts'
import type { KedgeEndpoint } from '../sip/endpoint.ts'
import type { EndpointConfig } from '../sip/endpoint-config.ts'
import type { FinalResponse } from '../sip/response.ts'
import type { SipTransport, TransportAddress } from '../sip/transport/transport.ts'
import type { SipDialog } from '../sip/types.ts'
import type { CallOutcome } from './diagnose.ts'
import type { EchoCall, EchoCallParts } from './echo-call.ts'

/** What the doctor does to the world; tests give their own. */
export interface DoctorIo {
  readonly clock: Clock
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number
  readonly resolver: DnsResolver
  /** Opens a connection without TLS, only to see whether there is one. */
  readonly openTcp: (target: TransportAddress) => Promise<SipTransport>
  /** Opens the flow that the account would use. */
  readonly openFlow: (settings: AccountSettings, target: TransportAddress) => Promise<SipTransport>
  readonly openEndpoint: (flow: SipTransport, config: EndpointConfig) => KedgeEndpoint
  /** How long the number may ring, ms. */
  readonly patienceMs: number
  /** How long is listened for the echo, ms: some echo tests speak first. */
  readonly listenMs: number
  readonly openEchoCall: (parts: EchoCallParts) => Promise<EchoCall>
}

/** Whom the doctor looks at. */
export interface Patient {
  readonly settings: AccountSettings
  readonly password: string
  /** What to call to hear oneself, as it would be dialled. */
  readonly number: string | undefined
  readonly userAgent: string
}

/** The call to the echo number, as far as it has come. */
export interface TestCall {
  readonly media: EchoCall
  readonly outcome: CallOutcome
  readonly dialog: SipDialog | undefined
}

/** One visit: what the steps before have found, and what is to be closed when it is over, last opened first. */
export interface Visit extends Patient {
  readonly io: DoctorIo
  /** Aborted when the visit is to end. */
  readonly signal: AbortSignal
  targets: readonly TransportAddress[]
  endpoint: KedgeEndpoint | undefined
  /** The answer to OPTIONS. */
  probe: FinalResponse | undefined
  /** The challenge that was answered last. */
  challenge: Challenge | undefined
  call: TestCall | undefined
  readonly closers: (() => unknown)[]
  /** True once everything is being closed. */
  over: boolean
  /** What a step that was not waited for still does, and what it opened too late. */
  late: Promise<unknown>
}

export function openVisit(patient: Patient, io: DoctorIo, signal: AbortSignal): Visit {
  return {
    ...patient,
    io,
    signal,
    targets: [],
    endpoint: undefined,
    probe: undefined,
    challenge: undefined,
    call: undefined,
    closers: [],
    over: false,
    late: Promise.resolve(),
  }
}

/** What closing one thing may take, ms: a BYE may go unanswered. */
const closeMs = 2_000

/** Closes everything that the visit has opened, last first; one that fails or hangs does not keep the others open. */
export async function endVisit(visit: Visit): Promise<void> {
  visit.over = true
  const inTime = (work: Promise<unknown>) => within(visit.io.clock, closeMs, work).catch(() => undefined)
  for (const close of visit.closers.splice(0).toReversed()) await inTime(Promise.resolve().then(close))
  await inTime(visit.late)
}

/** Keeps what was opened, to be closed with the visit; at once when that is over by now. */
export function keep<T>(visit: Visit, thing: T, close: () => unknown): T {
  if (visit.over) visit.late = Promise.allSettled([visit.late, Promise.resolve().then(close)])
  else visit.closers.push(close)
  return thing
}
