import { Check as CheckSign, Minus, X } from 'lucide-react'
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useStore } from 'zustand'
import type { CallView } from '../../../shared/model/call.ts'
import { hearingRemedies } from '../diagnosis/hearing.ts'
import { speakingRemedies } from '../diagnosis/speaking.ts'
import type { Check, Remedy } from '../diagnosis/verdict.ts'
import type { CheckupResult } from '../state/checkup.ts'
import { canCallAgain } from '../state/selectors.ts'
import { formatLoss } from '../text/format.ts'
import { hopOf } from '../text/security-words.ts'
import { Button } from './controls.tsx'
import { usePathEnds } from './security-panel.tsx'
import { Sheet } from './sheet.tsx'
import { useController, useWindow } from './use-controller.ts'
import { useName } from './use-person.ts'

interface WhyDialogProps {
  readonly call: CallView
  readonly open: boolean
  readonly onClose: () => void
}

const questions = ['hearing', 'speaking'] as const
type Question = (typeof questions)[number]

/** "Why can I not hear?": looks at the call for three seconds, then says one sentence and offers one thing to do. */
export function WhyDialog({ call, open, onClose }: WhyDialogProps) {
  const { t } = useTranslation()
  return (
    <Sheet title={t('why.title')} open={open} onClose={onClose} testId="why-dialog">
      <Answers call={call} onClose={onClose} />
    </Sheet>
  )
}

function Answers({ call, onClose }: Omit<WhyDialogProps, 'open'>) {
  const { t } = useTranslation()
  const { result, again } = useCheckup(call.localCallId, onClose)
  const [question, setQuestion] = useState<Question>('hearing')
  const words = useWords(call)
  const cause = result?.[question].cause
  const remedy =
    result && (question === 'hearing' ? hearingRemedies[result.hearing.cause] : speakingRemedies[result.speaking.cause])
  return (
    <>
      <fieldset className="grid grid-cols-2 gap-2">
        <legend className="sr-only">{t('why.title')}</legend>
        {questions.map((one) => (
          <Button
            key={one}
            aria-pressed={question === one}
            data-testid={`why-${one}`}
            className={`text-sm ${question === one ? 'outline-2 outline-accent' : ''}`}
            onClick={() => setQuestion(one)}
          >
            {t(`why.question.${one}`)}
          </Button>
        ))}
      </fieldset>
      <div aria-live="polite" className="min-h-18">
        {cause ? (
          <p data-testid="why-verdict" data-cause={cause} className="font-semibold">
            {t(`why.${question}.${cause}`, words)}
          </p>
        ) : (
          <p className="text-quiet">{t('why.looking')}</p>
        )}
      </div>
      <ul className="flex flex-col gap-1 text-sm">
        {(result?.[question].checks ?? []).map((check) => (
          <CheckRow key={check.step} check={check}>
            {t(`why.step.${question}.${check.step}`, words)}
          </CheckRow>
        ))}
      </ul>
      <RemedyButton call={call} remedy={remedy} onAgain={again} onClose={onClose} />
    </>
  )
}

function CheckRow({ check, children }: { readonly check: Check<string>; readonly children: ReactNode }) {
  const { t } = useTranslation()
  const Sign = { ok: CheckSign, bad: X, unknown: Minus }[check.state]
  return (
    <li data-testid={`why-step-${check.step}`} data-state={check.state} className="flex items-center gap-3">
      <Sign
        aria-hidden="true"
        size={18}
        className={`shrink-0 ${check.state === 'bad' ? 'text-unproven' : 'text-quiet'}`}
      />
      <span className="min-w-0 flex-1">{children}</span>
      <span className="shrink-0 text-quiet">{t(`why.state.${check.state}`)}</span>
    </li>
  )
}

interface RemedyButtonProps {
  readonly call: CallView
  /** Undefined while the look lasts. */
  readonly remedy: Remedy | undefined
  readonly onAgain: () => void
  readonly onClose: () => void
}

function RemedyButton({ call, remedy: wished, onAgain, onClose }: RemedyButtonProps) {
  const { t } = useTranslation()
  const mayCallAgain = useWindow((state) => canCallAgain(state, call))
  const remedy = wished === 'call-again' && !mayCallAgain ? 'again' : wished
  const controller = useController()
  const callId = call.localCallId
  const done = (action: () => void) => () => {
    action()
    onClose()
  }
  const actions: Readonly<Record<Remedy, () => void>> = {
    again: onAgain,
    resume: done(() => void controller.setHeld(callId, false)),
    unmute: done(() => controller.setMuted(callId, false)),
    'turn-on'() {
      controller.checkup.turnOn()
      onAgain()
    },
    'sound-settings': done(() => controller.goTo({ name: 'sound' })),
    'call-again': done(() => {
      controller.hangUp(call)
      controller.placeCall(call.accountId, call.remote.user)
    }),
    'test-sound': () => controller.testSound('speaker'),
  }
  return (
    <Button
      kind="call"
      data-testid="why-remedy"
      data-remedy={remedy}
      disabled={remedy === undefined}
      className="min-h-12 w-full"
      onClick={() => remedy && actions[remedy]()}
    >
      {t(`why.remedy.${remedy ?? 'again'}`)}
    </Button>
  )
}

/** @param onGone - the call ended while it was looked at */
function useCheckup(callId: string, onGone: () => void): { result: CheckupResult | undefined; again: () => void } {
  const controller = useController()
  const [result, setResult] = useState<CheckupResult>()
  const run = useRef(0)
  const gone = useRef(onGone)
  gone.current = onGone
  const again = useCallback(() => {
    run.current += 1
    const mine = run.current
    setResult(undefined)
    void controller.checkup.run(callId).then((seen) => {
      if (run.current !== mine) return
      if (seen) setResult(seen)
      else gone.current()
    })
  }, [callId, controller])
  useEffect(() => {
    again()
    return () => {
      run.current += 1
    }
  }, [again])
  return { result, again }
}

function useWords(call: CallView) {
  const { t } = useTranslation()
  const { devices } = useController()
  const { chosen, missing } = useStore(devices.store)
  const who = useName(call.remote)
  const { trunk } = usePathEnds(call)
  const quality = hopOf(call, 'trunk')?.quality
  return {
    who,
    trunk,
    device: (missing.speaker ?? chosen.speaker)?.label ?? t('devices.system'),
    inUse: chosen.speaker?.label ?? t('devices.system'),
    loss: formatLoss(quality?.here?.lossPercent ?? 0),
    lossThere: formatLoss(quality?.there?.lossPercent ?? 0),
  }
}
