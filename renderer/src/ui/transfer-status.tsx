import { TriangleAlert, X } from 'lucide-react'
import { Fragment, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallView, TransferView } from '../../../shared/model/call.ts'
import { movingCalls } from '../state/selectors.ts'
import { Button, IconButton } from './controls.tsx'
import { MoveQuestion } from './move-question.tsx'
import { useController, useWindow } from './use-controller.ts'
import { useWhyNotPassedOn } from './use-end-words.ts'
import { useName } from './use-person.ts'

/** Calls that are being passed on, each with how far that is, or why it did not work and what can be done instead. */
export function Transfers() {
  const calls = useWindow(movingCalls)
  return calls.map((call) => (
    <Fragment key={call.id}>
      {call.asked ? <MoveQuestion call={call} asked={call.asked} /> : null}
      {call.transfer ? <Transfer call={call} transfer={call.transfer} /> : null}
    </Fragment>
  ))
}

function Transfer({ call, transfer }: { readonly call: CallView; readonly transfer: TransferView }) {
  const { t } = useTranslation()
  const controller = useController()
  const [dismissed, setDismissed] = useState<TransferView>()
  const who = useName(call.remote)
  const to = useName(transfer.to)
  const why = useWhyNotPassedOn(call, transfer)
  const failed = transfer.state === 'failed'
  if (failed && sameEnd(dismissed, transfer)) return null
  return (
    <section
      data-testid="transfer"
      data-state={transfer.state}
      data-code={transfer.code}
      aria-label={t('transfer.region')}
      className={`flex flex-col gap-2 rounded-xl border p-3 ${failed ? 'border-unproven-line bg-unproven-tint' : 'border-line bg-surface'}`}
    >
      <div className="flex items-start gap-2">
        {failed ? <TriangleAlert aria-hidden="true" size={18} className="mt-0.5 shrink-0 text-unproven" /> : null}
        <p role="status" className="min-w-0 flex-1">
          <span className="block font-medium break-words">
            {failed ? t('transfer.failed', { who, to }) : t(`transfer.${transfer.state}`, { who, to })}
          </span>
          <span className="block text-sm text-quiet">{failed ? why : t('transfer.stays', { to })}</span>
        </p>
        {failed ? (
          <IconButton
            icon={X}
            label={t('app.dismiss')}
            className="-mt-2 -mr-2"
            onClick={() => setDismissed(transfer)}
          />
        ) : null}
      </div>
      {transfer.here ? (
        <>
          <p className="text-sm">{t('transfer.hereExplain', { who, to })}</p>
          <Button data-testid="transfer-here" onClick={() => void controller.transfers.connectHere(call)}>
            {t('transfer.here')}
          </Button>
        </>
      ) : null}
    </section>
  )
}

const sameEnd = (a: TransferView | undefined, b: TransferView) => a?.code === b.code && a?.to.user === b.to.user
