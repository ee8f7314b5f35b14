import type { ErrorCode } from '../errors.ts'
import type { AccountId } from './account.ts'
import type { PracticeFault } from './practice.ts'

/** What the trunk doctor looks at, in this order: each step stands on the one before. */
export const doctorSteps = ['dns', 'tcp', 'tls', 'options', 'digest', 'sdes', 'echo'] as const
export type DoctorStep = (typeof doctorSteps)[number]

/** What a step may find beside the failures that every part of Kedge shares (`ErrorCode`). Each has its own words. */
export const doctorFindings = {
  ok: [
    'dns-servers',
    'dns-address',
    'tcp-open',
    'tls-verified',
    'sip-answers',
    'password-accepted',
    'no-password-asked',
    'srtp-accepted',
    'echo-heard',
  ],
  skipped: [
    'earlier-failed',
    'stopped',
    'udp-has-no-connection',
    'not-tls',
    'password-not-asked-yet',
    'encryption-off',
    'keys-by-dtls',
    'no-number',
    'number-not-there',
    'call-not-answered',
  ],
  failed: [
    'digest-unknown',
    'twilio-no-registration',
    'twilio-password',
    'twilio-secure-media-off',
    'twilio-number-format',
    'telnyx-encryption-off',
    'asterisk-srtp-off',
    'freeswitch-srtp-off',
    'password-refused-in-call',
    'echo-silent',
    'echo-keys-wrong',
    'echo-other-sound',
  ],
} as const

export type DoctorFinding = (typeof doctorFindings)[keyof typeof doctorFindings][number] | ErrorCode
export type DoctorState = 'waiting' | 'running' | keyof typeof doctorFindings

export interface DoctorCheck {
  readonly step: DoctorStep
  readonly state: DoctorState
  /** Set once the step has ended. */
  readonly finding?: DoctorFinding
  /** What the sentence of the finding names: `server`, `domain`, `suite` and so on. */
  readonly values?: Readonly<Record<string, string>>
  /** What was seen, line by line, for "details". No secrets. */
  readonly facts?: readonly string[]
}

/** Whose trunk was looked at: an account's, or a server of practice mode with a fault of its own. */
export type DoctorSubject =
  | { readonly kind: 'account'; readonly accountId: AccountId }
  | { readonly kind: 'practice'; readonly fault: PracticeFault }

export interface DoctorReport {
  readonly subject: DoctorSubject
  /** One per step, in order. */
  readonly checks: readonly DoctorCheck[]
  /** False while it runs; a run always ends. */
  readonly done: boolean
  /** What was called to hear oneself; absent when there is no such number. */
  readonly number?: string
}
