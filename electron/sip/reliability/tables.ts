/**
 * The four transaction machines over an unreliable transport (RFC 3261 figures 5 to 8, with RFC 6026), as far as they
 * lie beneath SIP.js core: sending again, absorbing what comes again, and acknowledging again. What the core does
 * itself stands here only as the state it leads to. A missing row means "ignored".
 */
export type Row<State extends string> = readonly [next: State, ...effects: Effect[]]

export type Table<State extends string, Input extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Input, Row<State | 'terminated'>>>>>
>

/** Letters as in RFC 3261 table 4; L and M are RFC 6026's. */
export type TimerName = 'A' | 'B' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M'

export type Effect =
  /** Hands the message that came from above to the transport. */
  | 'transmit'
  /** Sends again what was transmitted last (for a client: the request). */
  | 'resend'
  /** Sends the ACK of a refusal again. */
  | 'resendAck'
  /** Hands the message that came from the network to the core. */
  | 'passUp'
  | `start${TimerName}`
  | `stop${TimerName}`
  /** Starts A again with twice its interval; E and G likewise, but T2 at most. */
  | 'backOffA'
  | 'backOffE'
  | 'backOffG'
  /** From the first provisional response on a non-INVITE request is repeated every T2 only (§17.1.2.2). */
  | 'slowE'

type Timer<Names extends TimerName> = `timer${Names}`

/** Figure 5 and RFC 6026 §7.2. B is also kept by the core, which tells the transaction user. */
export const inviteClient: Table<
  'calling' | 'proceeding' | 'accepted' | 'completed',
  '1xx' | '2xx' | '3xx-6xx' | 'ack' | Timer<'A' | 'B' | 'D' | 'M'>
> = {
  calling: {
    timerA: ['calling', 'resend', 'backOffA'],
    timerB: ['terminated'],
    '1xx': ['proceeding', 'stopA', 'stopB', 'passUp'],
    '2xx': ['accepted', 'stopA', 'stopB', 'startM', 'passUp'],
    '3xx-6xx': ['completed', 'stopA', 'stopB', 'startD', 'passUp'],
  },
  proceeding: {
    '1xx': ['proceeding', 'passUp'],
    '2xx': ['accepted', 'startM', 'passUp'],
    '3xx-6xx': ['completed', 'startD', 'passUp'],
  },
  accepted: {
    '2xx': ['accepted', 'passUp'],
    timerM: ['terminated'],
  },
  completed: {
    ack: ['completed', 'transmit'],
    '3xx-6xx': ['completed', 'resendAck'],
    timerD: ['terminated'],
  },
}

/** Figure 6. F is also kept by the core. */
export const nonInviteClient: Table<
  'trying' | 'proceeding' | 'completed',
  '1xx' | '2xx' | '3xx-6xx' | Timer<'E' | 'F' | 'K'>
> = {
  trying: {
    timerE: ['trying', 'resend', 'backOffE'],
    timerF: ['terminated'],
    '1xx': ['proceeding', 'slowE', 'passUp'],
    '2xx': ['completed', 'stopE', 'stopF', 'startK', 'passUp'],
    '3xx-6xx': ['completed', 'stopE', 'stopF', 'startK', 'passUp'],
  },
  proceeding: {
    timerE: ['proceeding', 'resend', 'slowE'],
    timerF: ['terminated'],
    '1xx': ['proceeding', 'passUp'],
    '2xx': ['completed', 'stopE', 'stopF', 'startK', 'passUp'],
    '3xx-6xx': ['completed', 'stopE', 'stopF', 'startK', 'passUp'],
  },
  completed: {
    timerK: ['terminated'],
  },
}

/** Figure 7 and RFC 6026 §7.1. A 2xx is repeated by the dialog until its ACK comes (§13.3.1.4), not here. */
export const inviteServer: Table<
  'proceeding' | 'accepted' | 'completed' | 'confirmed',
  'request' | 'ack' | 'send1xx' | 'send2xx' | 'send3xx-6xx' | Timer<'G' | 'H' | 'I' | 'L'>
> = {
  proceeding: {
    request: ['proceeding', 'resend'],
    send1xx: ['proceeding', 'transmit'],
    send2xx: ['accepted', 'startL', 'transmit'],
    'send3xx-6xx': ['completed', 'startG', 'startH', 'transmit'],
  },
  accepted: {
    send2xx: ['accepted', 'transmit'],
    ack: ['accepted', 'passUp'],
    timerL: ['terminated'],
  },
  completed: {
    request: ['completed', 'resend'],
    timerG: ['completed', 'resend', 'backOffG'],
    timerH: ['terminated'],
    ack: ['confirmed', 'stopG', 'stopH', 'startI', 'passUp'],
  },
  confirmed: {
    timerI: ['terminated'],
  },
}

/** Figure 8. */
export const nonInviteServer: Table<
  'trying' | 'proceeding' | 'completed',
  'request' | 'send1xx' | 'send2xx' | 'send3xx-6xx' | Timer<'J'>
> = {
  trying: {
    send1xx: ['proceeding', 'transmit'],
    send2xx: ['completed', 'startJ', 'transmit'],
    'send3xx-6xx': ['completed', 'startJ', 'transmit'],
  },
  proceeding: {
    request: ['proceeding', 'resend'],
    send1xx: ['proceeding', 'transmit'],
    send2xx: ['completed', 'startJ', 'transmit'],
    'send3xx-6xx': ['completed', 'startJ', 'transmit'],
  },
  completed: {
    request: ['completed', 'resend'],
    timerJ: ['terminated'],
  },
}

const T1 = 500
const T2 = 4_000
const T4 = 5_000

/** First interval of each timer in ms over an unreliable transport (RFC 3261 table 4, RFC 6026 §7). */
export const timerMs: Readonly<Record<TimerName, number>> = {
  A: T1,
  B: 64 * T1,
  D: 32_000,
  E: T1,
  F: 64 * T1,
  G: T1,
  H: 64 * T1,
  I: T4,
  J: 64 * T1,
  K: T4,
  L: 64 * T1,
  M: 64 * T1,
}

/** Longest interval between two repetitions of anything but an INVITE. */
export const longestRepeatMs = T2
