import type { AppState } from '../../shared/ipc/contract.ts'
import {
  type DoctorCheck,
  type DoctorReport,
  type DoctorStep,
  type DoctorSubject,
  doctorSteps,
} from '../../shared/model/doctor.ts'
import { askOptions, askPassword } from './steps/ask.ts'
import { hearEcho, offerEncryption } from './steps/call.ts'
import { findServers, reachServer, secureServer } from './steps/reach.ts'
import { failed, skipped, stepLimitMs, type Verdict } from './verdict.ts'
import { type DoctorIo, endVisit, openVisit, type Patient, type Visit } from './visit.ts'

/** The trunk doctor: one visit at a time, its report growing line by line. */
export interface Doctor {
  /** What it has found, as the window's state has it. */
  state(): Pick<AppState, 'doctor'>
  /** Ends the visit that is under way and begins another. */
  visit(subject: DoctorSubject, patient: Patient): void
  /** Ends the visit and takes the report away; resolves when no socket of it is left. */
  close(): Promise<void>
}

const steps: Readonly<Record<DoctorStep, (visit: Visit) => Promise<Verdict>>> = {
  dns: findServers,
  tcp: reachServer,
  tls: secureServer,
  options: askOptions,
  digest: askPassword,
  sdes: offerEncryption,
  echo: hearEcho,
}

export function createDoctor(io: DoctorIo, onChange: () => void): Doctor {
  let report: DoctorReport | undefined
  let current: { readonly stop: AbortController; readonly over: Promise<void> } | undefined

  function stop(): Promise<void> {
    current?.stop.abort()
    return current?.over ?? Promise.resolve()
  }

  return {
    state: () => (report ? { doctor: report } : {}),
    visit(subject, patient) {
      void stop()
      const stopping = new AbortController()
      const { number } = patient
      report = { subject, checks: doctorSteps.map(waiting), done: false, ...(number === undefined ? {} : { number }) }
      const note = (checks: readonly DoctorCheck[], done: boolean) => {
        if (current?.stop !== stopping || !report) return
        report = { ...report, checks, done }
        onChange()
      }
      const over = Promise.resolve().then(() => examine(openVisit(patient, io, stopping.signal), note))
      current = { stop: stopping, over }
      onChange()
    },
    async close() {
      const ending = stop()
      current = undefined
      report = undefined
      onChange()
      await ending
    },
  }
}

const waiting = (step: DoctorStep): DoctorCheck => ({ step, state: 'waiting' })

/** One step after the other; after one that failed, the rest stand on nothing. Never rejects. */
async function examine(visit: Visit, note: (checks: readonly DoctorCheck[], done: boolean) => void): Promise<void> {
  let checks = doctorSteps.map(waiting)
  const put = (check: DoctorCheck, done = false) => {
    checks = checks.map((other) => (other.step === check.step ? check : other))
    note(checks, done)
  }
  let broken = false
  for (const step of doctorSteps) {
    if (broken || visit.signal.aborted) {
      put({ step, ...skipped(broken ? 'earlier-failed' : 'stopped') })
      continue
    }
    put({ step, state: 'running' })
    const verdict = await inTime(visit, step)
    broken = verdict.state === 'failed'
    put({ step, ...verdict })
  }
  await endVisit(visit)
  note(checks, true)
}

/** A step's verdict; that it was stopped, or that nothing came in the time that it has. */
async function inTime(visit: Visit, step: DoctorStep): Promise<Verdict> {
  const { io, signal } = visit
  const { promise: early, resolve } = Promise.withResolvers<Verdict>()
  const onAbort = () => resolve(skipped('stopped'))
  const cancel = io.clock.after(stepLimitMs[step], () => resolve(failed('account/timeout')))
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    const work = steps[step](visit)
    visit.late = work.catch(() => undefined)
    return await Promise.race([work, early])
  } catch (error) {
    // A fault of the doctor's own must not leave a line that runs for ever.
    return failed('internal', { facts: [error instanceof Error ? error.message : String(error)] })
  } finally {
    cancel()
    signal.removeEventListener('abort', onAbort)
  }
}
