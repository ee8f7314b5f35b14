import { ArrowLeftRight, PhoneOff, X } from 'lucide-react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import { endedBeside, isHeld, movingCalls, otherCalls } from '../state/selectors.ts'
import { formatDuration } from '../text/format.ts'
import { Button, IconButton } from './controls.tsx'
import { Transfers } from './transfer-status.tsx'
import { useController, useWindow } from './use-controller.ts'
import { useEndWords } from './use-end-words.ts'
import { useNow } from './use-now.ts'
import { useName } from './use-person.ts'

/** How long the end of a call stays in its line: it is read at a glance, while another call goes on. */
const endShownMs = 12_000

/**
 * The calls beside the one on the screen, above it. The controls of the call stand at the foot of the window, so that
 * nothing that the hand is about to press moves when one comes or goes.
 */
export function OtherCalls() {
  const others = useWindow(otherCalls)
  const ended = useWindow(endedBeside)
  const passing = useWindow((state) => movingCalls(state).length > 0)
  if (others.length === 0 && !ended && !passing) return null
  return (
    <div className="mx-auto flex max-h-[45%] w-full max-w-110 flex-col gap-2 overflow-y-auto p-3 pb-0 wide:max-w-200">
      {others.map((call) => (
        <OtherCall key={call.id} call={call} />
      ))}
      <Transfers />
      {ended ? <EndedBeside key={ended.id} call={ended} /> : null}
    </div>
  )
}

function OtherCall({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  const controller = useController()
  const name = useName(call.remote)
  const now = useNow(true)
  const held = useWindow((state) => isHeld(state, call))
  const connected = call.state === 'connected'
  const time = formatDuration(now - (call.answeredAt ?? now))
  const what = () => {
    if (!connected) return t(`call.state.${call.state}`)
    return held ? t('call.other.held', { time }) : t('call.other.open', { time })
  }
  return (
    <section
      data-testid="other-call"
      aria-label={t('call.other.region', { who: name })}
      className="flex items-center gap-2 rounded-xl border border-line bg-surface py-1 pr-1 pl-3"
    >
      <p className="min-w-0 flex-1 leading-tight">
        <span dir="auto" className="block truncate font-medium">
          {name}
        </span>
        <span className="block truncate text-sm text-quiet tabular-nums">{what()}</span>
      </p>
      <Button
        icon={ArrowLeftRight}
        data-testid="swap-button"
        disabled={!connected}
        aria-label={t('call.other.swapTo', { who: name })}
        onClick={() => void controller.swapTo(call)}
      >
        {t('call.other.swap')}
      </Button>
      <IconButton
        icon={PhoneOff}
        label={t('call.other.end', { who: name })}
        data-testid="other-end"
        className="text-(--color-end)"
        onClick={() => controller.hangUp(call)}
      />
    </section>
  )
}

function EndedBeside({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  const controller = useController()
  const name = useName(call.remote)
  const words = useEndWords(call)
  useEffect(() => {
    const timer = setTimeout(() => controller.dismissEnded(), endShownMs)
    return () => clearTimeout(timer)
  }, [controller])
  return (
    <section
      data-testid="ended-beside"
      data-code={call.end?.code}
      aria-label={t('call.other.ended', { who: name })}
      className="flex items-center gap-2 rounded-xl border border-line bg-surface py-1 pr-1 pl-3"
    >
      <p role="status" className="min-w-0 flex-1 leading-tight">
        <span dir="auto" className="block truncate font-medium">
          {t('call.other.ended', { who: name })}
        </span>
        <span className="block text-sm text-quiet">{words?.what}</span>
      </p>
      <IconButton icon={X} label={t('app.dismiss')} onClick={() => controller.dismissEnded()} />
    </section>
  )
}
