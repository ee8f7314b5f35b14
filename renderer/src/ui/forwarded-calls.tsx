import { PhoneForwarded, PhoneOff } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import { formatDuration } from '../text/format.ts'
import { Button } from './controls.tsx'
import { Disclosure } from './disclosure.tsx'
import { HopPair, SecurityLine, usePathEnds } from './security-panel.tsx'
import { useController, useWindow } from './use-controller.ts'
import { useNow } from './use-now.ts'
import { useName } from './use-person.ts'

/** Calls that pass through Kedge without the user: who, to whom, how well each half is encrypted, and the way to end it. */
export function ForwardedCalls() {
  const { t } = useTranslation()
  const calls = useWindow((state) => (state.app?.forwarded ?? []).filter((call) => call.state !== 'ended'))
  if (calls.length === 0) return null
  return (
    <section aria-label={t('forwarded.title')} className="flex flex-col gap-2">
      {calls.map((call) => (
        <ForwardedCall key={call.id} call={call} />
      ))}
    </section>
  )
}

function ForwardedCall({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  const controller = useController()
  const now = useNow(true)
  const ends = usePathEnds(call)
  const { answeredAt, forwardedTo } = call
  const from = useName(call.remote)
  const to = useName(forwardedTo ?? { user: '', domain: '' })
  return (
    <div
      data-testid="forwarded-call"
      data-state={call.state}
      className="flex flex-col gap-2 rounded-xl border border-line bg-surface p-3"
    >
      <div className="flex items-start gap-3">
        <PhoneForwarded aria-hidden="true" size={18} className="mt-0.5 shrink-0 text-quiet" />
        <div className="min-w-0 flex-1">
          <h2 className="font-medium break-words">{t('forwarded.path', { from, to })}</h2>
          <p className="text-sm text-quiet">
            {answeredAt === undefined
              ? t('forwarded.waiting')
              : t('forwarded.running', { time: formatDuration(now - answeredAt) })}
          </p>
          <p className="text-sm text-quiet">
            {t('forwarded.through', { trunk: ends.trunk, target: ends.target ?? '' })}
          </p>
        </div>
      </div>
      <SecurityLine call={call} />
      <Disclosure title={t('call.details')}>
        <div className="flex flex-col gap-4">
          <HopPair call={call} ends={ends} />
        </div>
      </Disclosure>
      <Button kind="end" icon={PhoneOff} data-testid="forwarded-end" onClick={() => controller.hangUp(call)}>
        {t('forwarded.end')}
      </Button>
    </div>
  )
}
