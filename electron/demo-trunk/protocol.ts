import type { WireError } from '../../shared/errors.ts'
import type { PracticeRing } from '../../shared/model/practice.ts'
import type { DigestAlgorithm } from './digest-check.ts'
import type { ListeningFault } from './faulty-servers.ts'
import type { TrunkEvent } from './trunk-event.ts'

/** What the worker is started with. */
export interface WorkerInput {
  readonly dataDir: string
  readonly digestAlgorithms: readonly DigestAlgorithm[]
}

/** What a softphone needs to have an account at the trunk. */
export interface TrunkAccount {
  /** Port of 127.0.0.1 that the trunk listens on for TLS. */
  readonly port: number
  /** SIP domain; the name in the server's certificate. It never resolves (RFC 2606). */
  readonly domain: string
  readonly username: string
  readonly password: string
  /** The authority that signed the server's certificate. */
  readonly caPem: string
}

export type ToDemoTrunk =
  | { readonly type: 'call'; readonly id: number; readonly scenario: PracticeRing }
  | { readonly type: 'openFault'; readonly id: number; readonly fault: ListeningFault }
  | { readonly type: 'close' }

export type FromDemoTrunk =
  | { readonly type: 'ready'; readonly account: TrunkAccount }
  | { readonly type: 'failed'; readonly error: WireError }
  /** Answers a `call`, whose INVITE is on its way without an error; and an `openFault` that came to nothing. */
  | { readonly type: 'called'; readonly id: number; readonly error?: WireError }
  /** Answers an `openFault`. */
  | { readonly type: 'faultOpen'; readonly id: number; readonly port: number }
  | { readonly type: 'event'; readonly event: TrunkEvent }
  | { readonly type: 'log'; readonly level: 'debug' | 'warn'; readonly message: string }
