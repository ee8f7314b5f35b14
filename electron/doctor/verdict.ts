import type { ErrorCode } from '../../shared/errors.ts'
import type { DoctorFinding, DoctorStep, doctorFindings } from '../../shared/model/doctor.ts'

/** How a step ended. */
export interface Verdict {
  readonly state: keyof typeof doctorFindings
  readonly finding: DoctorFinding
  readonly values?: Readonly<Record<string, string>>
  readonly facts?: readonly string[]
}

interface More {
  readonly values?: Readonly<Record<string, string>>
  readonly facts?: readonly string[]
}

export const ok = (finding: (typeof doctorFindings.ok)[number], more: More = {}): Verdict => ({
  state: 'ok',
  finding,
  ...more,
})

export const skipped = (finding: (typeof doctorFindings.skipped)[number], more: More = {}): Verdict => ({
  state: 'skipped',
  finding,
  ...more,
})

/** Faults that only the doctor tells, beside the codes that all parts share. */
export type DoctorFault = (typeof doctorFindings.failed)[number]

export const failed = (finding: DoctorFault | ErrorCode, more: More = {}): Verdict => ({
  state: 'failed',
  finding,
  ...more,
})

/** Longest time that each step may take, ms: one that is not done by then has failed for want of an answer. */
export const stepLimitMs: Readonly<Record<DoctorStep, number>> = {
  dns: 8_000,
  tcp: 12_000,
  tls: 12_000,
  options: 8_000,
  digest: 25_000,
  sdes: 25_000,
  echo: 8_000,
}
