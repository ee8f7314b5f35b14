import { Phone, PhoneIncoming, PhoneOff } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import { accountOf, callScreen, waitingCalls } from '../state/selectors.ts'
import { withMember } from '../state/window-state.ts'
import { Button } from './controls.tsx'
import { useController, useWindow } from './use-controller.ts'
import { usePerson } from './use-person.ts'

/** Calls that are not on the screen: one that rings during another, and, over the accounts, the one that is. */
export function CallBar() {
  const waiting = useWindow(waitingCalls)
  const screen = useWindow(callScreen)
  const page = useWindow((state) => state.page.name)
  const inCall = screen.kind === 'incoming' || screen.kind === 'running'
  const hidden = inCall && page !== 'phone' ? screen.call : undefined
  const [ignored, setIgnored] = useState<ReadonlySet<string>>(new Set())
  return (
    <div className="pointer-events-none absolute inset-x-0 top-0 z-20 flex flex-col gap-2 p-2 wide:left-auto wide:w-110">
      {hidden ? <HiddenCall call={hidden} /> : null}
      {waiting
        .filter((call) => !ignored.has(call.id))
        .map((call) => (
          <WaitingCall key={call.id} call={call} onIgnore={() => setIgnored(withMember(ignored, call.id))} />
        ))}
    </div>
  )
}

function HiddenCall({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  const controller = useController()
  const { name } = usePerson(call.remote)
  return (
    <div
      data-testid="hidden-call"
      className="pointer-events-auto flex items-center gap-3 rounded-xl border border-line bg-surface p-2 pl-4 shadow-lg wide:hidden"
    >
      <p className="min-w-0 flex-1 truncate font-medium">{name}</p>
      <Button kind="call" icon={Phone} onClick={() => controller.goTo({ name: 'phone' })}>
        {call.state === 'incoming' ? t('call.state.incoming') : t('call.back')}
      </Button>
    </div>
  )
}

function WaitingCall({ call, onIgnore }: { readonly call: CallView; readonly onIgnore: () => void }) {
  const { t } = useTranslation()
  const controller = useController()
  const label = useWindow((state) => accountOf(state, call.accountId)?.settings.label)
  const { name } = usePerson(call.remote)
  return (
    <div
      role="alert"
      data-testid="waiting-call"
      className="pointer-events-auto flex flex-col gap-2 rounded-xl border border-line bg-surface p-3 shadow-lg"
    >
      <p className="flex items-center gap-3 px-1">
        <PhoneIncoming aria-hidden="true" size={20} className="shrink-0 text-accent" />
        <span className="min-w-0">
          <span className="block truncate font-medium">{t('call.waiting', { who: name })}</span>
          {label ? (
            <span className="block truncate text-sm text-quiet">{t('call.waitingThrough', { label })}</span>
          ) : null}
        </span>
      </p>
      <div className="grid grid-cols-2 gap-2">
        <Button data-testid="waiting-ignore" onClick={onIgnore}>
          {t('call.ignore')}
        </Button>
        <Button
          kind="end"
          icon={PhoneOff}
          data-testid="waiting-decline"
          onClick={() => controller.hangUp(call, 'busy')}
        >
          {t('call.decline')}
        </Button>
      </div>
    </div>
  )
}
