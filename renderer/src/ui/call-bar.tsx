import { Phone, PhoneIncoming, PhoneOff } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import { accountOf, callScreen, isHeld, runningCalls, waitingCalls } from '../state/selectors.ts'
import { Button } from './controls.tsx'
import { useController, useWindow } from './use-controller.ts'
import { useFirstMoment } from './use-first-moment.ts'
import { useName } from './use-person.ts'

/** Calls that ring and are not on the screen: during another, or over a page. They lie over the window and move nothing. */
export function CallBar() {
  const waiting = useWindow(waitingCalls)
  const screen = useWindow(callScreen)
  const away = useWindow((state) => state.page.name !== 'phone')
  const ignored = useWindow((state) => state.ignored)
  const hidden = screen.kind === 'incoming' && away ? screen.call : undefined
  return (
    <div className="pointer-events-none absolute inset-x-0 top-0 z-20 flex flex-col gap-2 p-2 wide:left-auto wide:w-110">
      {hidden ? <HiddenCall call={hidden} /> : null}
      {waiting
        .filter((call) => !ignored.has(call.id))
        .map((call) => (
          <WaitingCall key={call.id} call={call} />
        ))}
    </div>
  )
}

/** The call that one is in, above what was opened beside it: a page, or the field that another call is dialled in. */
export function CallToReturnTo() {
  const screen = useWindow(callScreen)
  const beside = useWindow((state) => state.adding || state.page.name !== 'phone')
  if (!beside || screen.kind !== 'running') return null
  return (
    <div className="p-2 pb-0 wide:hidden">
      <HiddenCall call={screen.call} />
    </div>
  )
}

function HiddenCall({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  const controller = useController()
  const name = useName(call.remote)
  return (
    <div
      data-testid="hidden-call"
      className="pointer-events-auto flex items-center gap-3 rounded-xl border border-line bg-surface p-2 pl-4 shadow-lg wide:hidden"
    >
      <p className="min-w-0 flex-1 truncate font-medium">{name}</p>
      <Button kind="call" icon={Phone} onClick={() => controller.addCall(undefined)}>
        {call.state === 'incoming' ? t('call.state.incoming') : t('call.back')}
      </Button>
    </div>
  )
}

/** A second call. It can be taken while the first waits on hold; like every call, not in the first moment. */
function WaitingCall({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  const controller = useController()
  const { guarded } = useFirstMoment()
  const { label, here, answering, hold } = useWindow((state) => ({
    label: accountOf(state, call.accountId)?.settings.label,
    here: state.sessions.has(call.localCallId),
    answering: state.answering.has(call.localCallId),
    hold: runningCalls(state).some((running) => !isHeld(state, running)),
  }))
  const who = useName(call.remote)
  return (
    <div
      role="alert"
      data-testid="waiting-call"
      className="pointer-events-auto flex flex-col gap-2 rounded-xl border border-line bg-surface p-3 shadow-lg"
    >
      <p className="flex items-center gap-3 px-1">
        <PhoneIncoming aria-hidden="true" size={20} className="shrink-0 text-accent" />
        <span className="min-w-0">
          <span className="block truncate font-medium">{t('call.waiting', { who })}</span>
          {label ? (
            <span className="block truncate text-sm text-quiet">{t('call.waitingThrough', { label })}</span>
          ) : null}
        </span>
      </p>
      <div className="grid grid-cols-2 gap-2">
        <Button data-testid="waiting-ignore" onClick={() => controller.ignore(call)}>
          {t('call.ignore')}
        </Button>
        <Button
          kind="end"
          icon={PhoneOff}
          data-testid="waiting-decline"
          onClick={guarded(() => controller.hangUp(call, 'busy'))}
        >
          {t('call.decline')}
        </Button>
        <Button
          kind="call"
          icon={Phone}
          data-testid="waiting-answer"
          disabled={!here || answering}
          className="col-span-2"
          onClick={guarded(() => controller.answer(call))}
        >
          {hold ? t('call.holdAndAnswer') : t('call.answer')}
        </Button>
      </div>
    </div>
  )
}
