import { Phone, PhoneOff } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import { autoAnswerAfterS } from '../state/auto-answer.ts'
import { incomingKeyAction } from '../state/selectors.ts'
import { CallHeading } from './call-heading.tsx'
import { Button } from './controls.tsx'
import { SecurityBefore } from './security-panel.tsx'
import { useController, useWindow } from './use-controller.ts'
import { useFirstMoment } from './use-first-moment.ts'

/**
 * A call that rings. For the first moment neither key nor pointer does anything: whoever was typing or about to press
 * something else has not decided about this call.
 */
export function IncomingCall({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  const controller = useController()
  const { guarded, shownForMs } = useFirstMoment()
  const { answering, here, byItselfS } = useWindow((state) => ({
    byItselfS: autoAnswerAfterS(state, call),
    answering: state.answering.has(call.localCallId),
    here: state.sessions.has(call.localCallId),
  }))
  const callRef = useRef(call)
  callRef.current = call

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLInputElement && event.target.value !== ''
      const onButton = event.target instanceof HTMLButtonElement
      const action = incomingKeyAction(event.key, typing, shownForMs())
      if (action === 'none' || (action === 'answer' && onButton)) return
      event.preventDefault()
      if (action === 'answer') controller.answer(callRef.current)
      else controller.hangUp(callRef.current)
    }
    window.addEventListener('keydown', onKeyDown, { capture: true })
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true })
  }, [controller, shownForMs])

  return (
    <section
      aria-label={t('call.region')}
      className="mx-auto flex min-h-0 w-full max-w-110 flex-1 flex-col wide:justify-center"
    >
      <div className="flex min-h-0 flex-1 flex-col gap-6 overflow-y-auto p-4 pt-8 wide:flex-none">
        <CallHeading remote={call.remote} accountId={call.accountId}>
          <p data-testid="call-state" data-state={call.state} className="text-lg">
            {answering ? t('call.state.answering') : t('call.state.incoming')}
          </p>
        </CallHeading>
        <SecurityBefore call={call} />
      </div>
      <div className="flex flex-col gap-3 p-4 pt-2">
        <p className="text-center text-sm text-quiet">{t('call.hint')}</p>
        {byItselfS === undefined ? null : (
          <p role="status" data-testid="answers-by-itself" className="text-center text-sm font-medium">
            {t('call.answersByItself', { seconds: byItselfS })}
          </p>
        )}
        <div className="grid grid-cols-2 gap-3">
          <Button
            kind="end"
            icon={PhoneOff}
            data-testid="decline-button"
            className="min-h-14 text-base"
            onClick={guarded(() => controller.hangUp(call))}
          >
            {t('call.decline')}
          </Button>
          <Button
            kind="call"
            icon={Phone}
            data-testid="answer-button"
            disabled={!here || answering}
            className="min-h-14 text-base"
            onClick={guarded(() => controller.answer(call))}
          >
            {t('call.answer')}
          </Button>
        </div>
      </div>
    </section>
  )
}
