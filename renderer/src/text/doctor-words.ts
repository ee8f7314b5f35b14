import { type ErrorCode, errorCodes } from '../../../shared/errors.ts'
import type { DoctorCheck, DoctorFinding, DoctorReport } from '../../../shared/model/doctor.ts'
import { errorWords } from './error-words.ts'

const isErrorCode = (finding: DoctorFinding): finding is ErrorCode =>
  (errorCodes as readonly string[]).includes(finding)

/** Where the words of a finding stand: `what` was found, and where something is wrong `advice` what to do. Pure. */
export const findingWords = (finding: DoctorFinding): string =>
  isErrorCode(finding) ? errorWords[finding] : `doctor.finding.${finding}`

/** What a visit came to. Pure; undefined while it runs. */
export function doctorOutcome({ checks, done }: DoctorReport): 'healthy' | 'partly' | 'ill' | undefined {
  if (!done) return undefined
  if (checks.some(({ state }) => state === 'failed')) return 'ill'
  return checks.at(-1)?.state === 'ok' ? 'healthy' : 'partly'
}

/** The step that is under way or has failed, or the last one: what is worth saying aloud now. Pure. */
export const spokenCheck = (checks: readonly DoctorCheck[]): DoctorCheck | undefined =>
  checks.find(({ state }) => state === 'failed') ??
  checks.find(({ state }) => state === 'running') ??
  checks.findLast(({ state }) => state !== 'waiting')
