import { Circle, CircleCheck, CircleMinus, CircleX, LoaderCircle, type LucideIcon } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { DoctorCheck, DoctorState } from '../../../shared/model/doctor.ts'
import { cryptoSuites } from '../../../shared/model/media.ts'
import { findingWords } from '../text/doctor-words.ts'
import { suiteNames } from '../text/security-words.ts'
import { Disclosure } from './disclosure.tsx'

const signs: Readonly<Record<DoctorState, { readonly icon: LucideIcon; readonly className: string }>> = {
  waiting: { icon: Circle, className: 'text-line' },
  running: { icon: LoaderCircle, className: 'animate-turn text-quiet' },
  ok: { icon: CircleCheck, className: 'text-proven' },
  failed: { icon: CircleX, className: 'text-unproven' },
  skipped: { icon: CircleMinus, className: 'text-quiet' },
}

interface DoctorLineProps {
  readonly check: DoctorCheck
  /** What the sentences name beside what the step has found. */
  readonly names: Readonly<Record<string, string>>
}

/** One step: its name, what it found in a sentence, and where something is wrong what to do about it. */
export function DoctorLine({ check, names }: DoctorLineProps) {
  const { t } = useTranslation()
  const { step, state, finding, facts = [] } = check
  const { icon: Icon, className } = signs[state]
  const values = { ...names, ...check.values, ...nameOfSuite(check) }
  const line = useRef<HTMLLIElement>(null)
  const words = finding && findingWords(finding)
  const failed = state === 'failed'
  const advice = failed && words ? t(`${words}.advice`, { ...values, defaultValue: '' }) : ''

  useEffect(() => {
    if (state === 'running' || state === 'failed') line.current?.scrollIntoView({ block: 'nearest' })
  }, [state])

  return (
    <li
      ref={line}
      data-testid={`doctor-${step}`}
      data-state={state}
      data-finding={finding}
      className={`grid grid-cols-[1.5rem_1fr] gap-x-3 px-3 py-2 ${failed ? 'bg-unproven-tint' : ''}`}
    >
      <Icon aria-hidden="true" size={20} className={`mt-0.5 ${className}`} />
      <div className="min-w-0">
        <p className={`font-medium ${state === 'waiting' ? 'text-quiet' : ''}`}>
          {t(`doctor.step.${step}`)}
          <span className="sr-only">, {t(`doctor.state.${state}`)}</span>
        </p>
        {words && finding !== 'earlier-failed' ? (
          <p className={`text-sm break-words ${failed ? 'font-semibold text-unproven' : 'text-quiet'}`}>
            {t(`${words}.what`, values)}
          </p>
        ) : null}
        {advice ? <p className="mt-1 text-sm">{advice}</p> : null}
        {facts.length > 0 && (failed || state === 'skipped') ? (
          <Disclosure title={t('call.details')}>
            <ul className="text-sm text-quiet">
              {facts.map((fact) => (
                <li key={fact} className="break-words">
                  {fact}
                </li>
              ))}
            </ul>
          </Disclosure>
        ) : null}
      </div>
    </li>
  )
}

/** A cipher as the other screens name it. */
function nameOfSuite({ values }: DoctorCheck): { readonly suite?: string } {
  const suite = cryptoSuites.find((known) => known === values?.suite)
  return suite ? { suite: suiteNames[suite] } : {}
}
