import { useTranslation } from 'react-i18next'
import type { AskedView, CallView } from '../../../shared/model/call.ts'
import { Button } from './controls.tsx'
import { useController } from './use-controller.ts'
import { useWhyNotPassedOn } from './use-end-words.ts'
import { useName } from './use-person.ts'

/** The other side wants the user to go on with somebody else: nobody is called before the user says yes. */
export function MoveQuestion({ call, asked }: { readonly call: CallView; readonly asked: AskedView }) {
  const { t } = useTranslation()
  const controller = useController()
  const who = useName(call.remote)
  const to = useName(asked.to)
  const why = useWhyNotPassedOn(call, asked)
  return (
    <section
      data-testid="move-question"
      data-state={asked.state}
      aria-label={t('move.region')}
      className="flex flex-col gap-2 rounded-xl border border-line bg-surface p-3"
    >
      <p role={asked.state === 'asking' ? 'alert' : 'status'}>
        <span className="block font-medium break-words">{t(`move.${asked.state}`, { who, to })}</span>
        {why ? <span className="block text-sm text-quiet">{why}</span> : null}
      </p>
      {asked.state === 'asking' ? (
        <div className="grid grid-cols-2 gap-2">
          <Button data-testid="move-no" onClick={() => void controller.transfers.answerMove(call, false)}>
            {t('move.no')}
          </Button>
          <Button kind="call" data-testid="move-yes" onClick={() => void controller.transfers.answerMove(call, true)}>
            {t('move.yes')}
          </Button>
        </div>
      ) : null}
    </section>
  )
}
