import type { AccountId } from './account.ts'
import type { SignallingTransport } from './media.ts'

/** One SIP message as it crossed the edge of Kedge; its secrets were masked before it was kept. */
export interface TraceRow {
  /** Grows with time, over all traces. */
  readonly id: number
  /** Epoch ms, with fractions. */
  readonly at: number
  /** Whose server was at the other end; absent for the window. */
  readonly accountId?: AccountId
  readonly direction: 'sent' | 'received'
  readonly transport: SignallingTransport
  /** `address:port` at either end; empty for the window. */
  readonly local: string
  readonly remote: string
  /** Method of a request, status and reason of a response; at most 64 characters. */
  readonly title: string
  readonly callId: string
}

/** Which messages are meant: all of one account, or those of one call by the Call-IDs of its legs. */
export interface TraceScope {
  readonly accountId?: AccountId | undefined
  readonly callIds?: readonly string[] | undefined
}

/** A file that the main process made for the user to keep. */
export interface MadeFile {
  readonly name: string
  readonly type: string
  readonly base64: string
}

export interface TraceView {
  readonly rows: readonly TraceRow[]
  /** Messages that were not kept, because more came at once than anybody reads. */
  readonly missed: number
}
