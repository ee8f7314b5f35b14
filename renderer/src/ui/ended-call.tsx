import { LockOpen, Phone } from 'lucide-react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import { accountOf, canPlaceCalls } from '../state/selectors.ts'
import { formatDuration } from '../text/format.ts'
import { CallHeading } from './call-heading.tsx'
import { Button } from './controls.tsx'
import { Disclosure } from './disclosure.tsx'
import { FactList } from './fact-list.tsx'
import { useController, useWindow } from './use-controller.ts'
import { useEndWords } from './use-end-words.ts'

/** What one did oneself needs no reading: the phone is back by itself after this long. */
const ownEndShownMs = 4_000

/** Why a call ended and what to do next. Codes and the other side's words are for whoever opens the details. */
export function EndedCall({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  const controller = useController()
  const words = useEndWords(call)
  const account = useWindow((state) => accountOf(state, call.accountId))
  const byUser = call.end?.by === 'user'
  const { accountId } = call
  const { user } = call.remote

  const again = () => {
    if (call.direction === 'incoming') return t('call.callBack')
    return call.answeredAt === undefined ? t('call.tryAgain') : t('call.callAgain')
  }

  useEffect(() => {
    if (!byUser) return
    const timer = setTimeout(() => controller.dismissEnded(), ownEndShownMs)
    return () => clearTimeout(timer)
  }, [byUser, controller])

  return (
    <section
      aria-label={t('call.region')}
      className="mx-auto flex min-h-0 w-full max-w-110 flex-1 flex-col wide:justify-center"
    >
      <div className="flex min-h-0 flex-1 flex-col gap-6 overflow-y-auto p-4 pt-8 wide:flex-none">
        <CallHeading remote={call.remote}>
          <p data-testid="call-state" data-state={call.state} className="text-lg">
            {t('call.state.ended')}
          </p>
        </CallHeading>
        <div
          data-testid="end-reason"
          data-code={call.end?.code}
          className="rounded-xl border border-line bg-surface p-4"
        >
          <p className="font-semibold break-words">{words?.what}</p>
          {words?.advice && !call.asksForClear ? <p className="mt-2 text-quiet">{words.advice}</p> : null}
          <EndDetails call={call} />
        </div>
        {call.asksForClear ? (
          <div data-testid="ask-clear" className="rounded-xl border border-unproven-line bg-unproven-tint p-4">
            {call.asksForClear === 'peer' ? (
              <p data-testid="ask-clear-peer" className="mb-2 font-semibold">
                {t('call.askClearPeer')}
              </p>
            ) : null}
            <p>{t('call.askClearExplain')}</p>
            <Button
              icon={LockOpen}
              data-testid="allow-clear-button"
              disabled={!account || !canPlaceCalls(account)}
              className="mt-3 min-h-12 w-full"
              onClick={() => void controller.callInClear(accountId, user)}
            >
              {t('call.askClear')}
            </Button>
          </div>
        ) : null}
      </div>
      <div className="grid grid-cols-2 gap-3 p-4 pt-2">
        <Button data-testid="done-button" className="min-h-12" onClick={() => controller.dismissEnded()}>
          {t('call.done')}
        </Button>
        <Button
          kind="call"
          icon={Phone}
          data-testid="again-button"
          disabled={!account || !canPlaceCalls(account)}
          className="min-h-12"
          onClick={() => controller.placeCall(accountId, user)}
        >
          {again()}
        </Button>
      </div>
    </section>
  )
}

function EndDetails({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  const account = useWindow((state) => accountOf(state, call.accountId)?.settings.label)
  const talked = call.answeredAt === undefined ? undefined : formatDuration((call.endedAt ?? 0) - call.answeredAt)
  const rows = [
    { name: t('call.detail.duration'), value: talked },
    { name: t('call.detail.account'), value: account },
    { name: t('call.detail.code'), value: call.end?.code },
    { name: t('call.detail.sip'), value: call.end?.sipStatus?.toString() },
    { name: t('call.detail.said'), value: call.end?.details },
  ].filter((row) => row.value)
  return (
    <Disclosure title={t('call.details')} className="mt-2">
      <FactList facts={rows} />
    </Disclosure>
  )
}
