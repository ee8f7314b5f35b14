import { PhoneOff } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import { Button, IconButton } from './controls.tsx'
import { SecurityLine } from './security-panel.tsx'
import { useController } from './use-controller.ts'
import { useName } from './use-person.ts'

interface ConferencePanelProps {
  readonly calls: readonly CallView[]
  readonly children: ReactNode
}

/** Everybody in the conference, each with the encryption of the own call, and the way to talk alone or to end it. */
export function ConferencePanel({ calls, children }: ConferencePanelProps) {
  const { t } = useTranslation()
  return (
    <>
      <div className="flex flex-col items-center gap-1 text-center">
        <h1 className="text-2xl leading-tight font-semibold">{t('conference.title', { number: calls.length + 1 })}</h1>
        {children}
      </div>
      <ul data-testid="conference" className="flex flex-col gap-2">
        {calls.map((call) => (
          <Member key={call.id} call={call} />
        ))}
      </ul>
      <p className="text-center text-sm text-quiet">{t('conference.explain')}</p>
    </>
  )
}

function Member({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  const controller = useController()
  const who = useName(call.remote)
  return (
    <li className="flex flex-col gap-1 rounded-xl border border-line bg-surface p-2">
      <div className="flex items-center gap-2 pl-2">
        <p className="min-w-0 flex-1 leading-tight">
          <span dir="auto" className="block truncate font-medium">
            {who}
          </span>
          {call.heldByRemote ? <span className="block text-sm text-quiet">{t('call.heldByRemote')}</span> : null}
        </p>
        <Button
          data-testid="conference-alone"
          aria-label={t('conference.aloneWith', { who })}
          onClick={() => void controller.splitTo(call)}
        >
          {t('conference.alone')}
        </Button>
        <IconButton
          icon={PhoneOff}
          label={t('call.other.end', { who })}
          data-testid="conference-end"
          className="text-(--color-end)"
          onClick={() => controller.hangUp(call)}
        />
      </div>
      <SecurityLine call={call} />
    </li>
  )
}
