import { PhoneCall, RotateCw } from 'lucide-react'
import { type FormEvent, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { DoctorReport, DoctorSubject } from '../../../shared/model/doctor.ts'
import { accountOf } from '../state/selectors.ts'
import { doctorOutcome, findingWords, spokenCheck } from '../text/doctor-words.ts'
import { serverOf } from './account-status.tsx'
import { Button } from './controls.tsx'
import { DoctorLine } from './doctor-line.tsx'
import { TextField } from './form-fields.tsx'
import { PageFrame } from './page-frame.tsx'
import { useController, useWindow } from './use-controller.ts'

/** The trunk doctor at work: begins by itself when the page opens, and stops when it closes. */
export function DoctorPage({ subject }: { readonly subject: DoctorSubject }) {
  const { t } = useTranslation()
  const controller = useController()
  const practice = subject.kind === 'practice'
  const subjectKey = practice ? subject.fault : subject.accountId
  const { report, account } = useWindow((state) => ({
    report: state.app?.doctor,
    account: practice ? state.app?.accounts.find(({ demo }) => demo) : accountOf(state, subjectKey),
  }))
  const [refused, setRefused] = useState(false)
  const start = async (number?: string) => setRefused(!(await controller.accounts.startDoctor(subject, number)))
  const mine = report && keyOf(report.subject) === keyOf(subject) ? report : undefined

  // biome-ignore lint/correctness/useExhaustiveDependencies: the subject is told apart by its key
  useEffect(() => {
    void start()
    return () => void controller.accounts.closeDoctor()
  }, [controller, subjectKey])

  const settings = account?.settings
  const names = {
    server: account ? serverOf(account) : '',
    domain: settings?.domain ?? '',
    trunk: settings?.label ?? '',
    who: mine?.number ?? '',
    user: settings?.username ?? '',
  }
  const title = practice
    ? t(`practice.fault.${subject.fault}.name`)
    : t('doctor.title', { label: settings?.label ?? '' })
  const leave = () => controller.goTo({ name: practice ? 'practice' : 'phone' })
  return (
    <PageFrame title={title} onBack={leave}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (axe: scrollable-region-focusable) */}
      <div tabIndex={0} className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4 pt-2 -outline-offset-2">
        {practice ? <p className="text-sm text-quiet">{t(`practice.fault.${subject.fault}.see`)}</p> : null}
        <Outcome report={mine} refused={refused} names={names} />
        {mine?.done && !practice ? (
          <EchoNumber key={mine.number} report={mine} onCall={(number) => void start(number)} />
        ) : null}
        <ol
          aria-label={t('doctor.steps')}
          className="shrink-0 divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface"
        >
          {(mine?.checks ?? []).map((check) => (
            <DoctorLine key={check.step} check={check} names={names} />
          ))}
        </ol>
      </div>
      <div className="grid grid-cols-2 gap-3 p-4 pt-2">
        <Button
          icon={RotateCw}
          data-testid="doctor-again"
          disabled={!mine?.done && !refused}
          onClick={() => void start(mine?.number)}
        >
          {t('doctor.again')}
        </Button>
        {mine?.done && !practice && doctorOutcome(mine) === 'ill' ? (
          <Button
            kind="call"
            data-testid="doctor-edit"
            onClick={() => controller.goTo({ name: 'account', accountId: subjectKey })}
          >
            {t('doctor.edit')}
          </Button>
        ) : (
          <Button kind="call" data-testid="doctor-done" onClick={leave}>
            {t('call.done')}
          </Button>
        )}
      </div>
    </PageFrame>
  )
}

const keyOf = (subject: DoctorSubject) =>
  subject.kind === 'practice' ? `practice ${subject.fault}` : subject.accountId

interface OutcomeProps {
  readonly report: DoctorReport | undefined
  /** The main process would not begin. */
  readonly refused: boolean
  readonly names: Readonly<Record<string, string>>
}

/** What it came to, or what is being looked at; said aloud as it changes. */
function Outcome({ report, refused, names }: OutcomeProps) {
  const { t } = useTranslation()
  const outcome = refused ? 'refused' : report && doctorOutcome(report)
  const spoken = report && spokenCheck(report.checks)
  const said = () => {
    if (outcome && outcome !== 'ill') return t(`doctor.outcome.${outcome}`, names)
    if (spoken?.finding) return t(`${findingWords(spoken.finding)}.what`, { ...names, ...spoken.values })
    return spoken ? t(`doctor.doing.${spoken.step}`) : ''
  }
  return (
    <div>
      <p data-testid="doctor-outcome" data-outcome={outcome} className="font-semibold">
        {outcome ? t(`doctor.outcome.${outcome}`, names) : t('doctor.outcome.running')}
      </p>
      <p aria-live="polite" className="sr-only">
        {said()}
      </p>
    </div>
  )
}

/** Where there is no number that plays back what it hears, the last two steps need one. */
function EchoNumber({ report, onCall }: { readonly report: DoctorReport; readonly onCall: (number: string) => void }) {
  const { t } = useTranslation()
  const [number, setNumber] = useState('')
  const wanted = number.trim()
  const missing = report.checks.some(({ finding }) => finding === 'no-number' || finding === 'number-not-there')
  if (!missing) return null
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (wanted !== '') onCall(wanted)
  }
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-2">
      <TextField
        label={t('doctor.number')}
        hint={t('doctor.numberHint')}
        data-testid="doctor-number"
        value={number}
        onChange={(event) => setNumber(event.target.value)}
      />
      <Button icon={PhoneCall} type="submit" data-testid="doctor-call" disabled={wanted === ''}>
        {t('doctor.call')}
      </Button>
    </form>
  )
}
