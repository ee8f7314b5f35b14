import type { MessageCounts } from '../../../electron/sip/message-counts.ts'
import type { RegistrationState } from '../../../shared/model/account.ts'

/** `measure` forgets the stalls so far; `reconnect` has an account that waits try again now. */
export type PhoneQuestion = 'report' | 'reconnect' | 'measure'

export interface PhoneAnswer {
  readonly state: RegistrationState['kind']
  /** INVITEs that were handed to a dialog. */
  readonly rang: number
  readonly maxStallMs: number
  /** Of the account's endpoint; absent while it is not registered. */
  readonly counts?: MessageCounts
}

/** How the messages are sent. */
export type Way = 'udp' | 'tcp' | 'tcp-bytes'
