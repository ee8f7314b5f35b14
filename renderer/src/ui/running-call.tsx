import { Grip, Mic, MicOff, Pause, PhoneOff, Play } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import { formatDuration } from '../text/format.ts'
import { CallHeading } from './call-heading.tsx'
import { Button, RoundControl } from './controls.tsx'
import { Keypad } from './keypad.tsx'
import { SecurityLine, SecurityPanel } from './security-panel.tsx'
import { useController, useWindow } from './use-controller.ts'
import { useNow } from './use-now.ts'
import { usePerson } from './use-person.ts'

const tone = /^[0-9*#]$/

/** A call that one is in, from the INVITE on. The end button keeps its place whatever is open above it. */
export function RunningCall({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  const controller = useController()
  const callId = call.localCallId
  const { muted, held, here, speakingMuted } = useWindow((state) => ({
    held: state.held.has(callId),
    speakingMuted: state.speakingMuted.has(callId),
    muted: state.muted.has(callId),
    here: state.sessions.has(callId),
  }))
  const [keypadOpen, setKeypadOpen] = useState(false)
  const [tones, setTones] = useState('')
  const connected = call.state === 'connected'
  const { name } = usePerson(call.remote)

  const press = (key: string) => {
    if (controller.sendTone(callId, key)) setTones((before) => before + key)
  }

  useEffect(() => {
    if (!keypadOpen) return
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return
      if (!tone.test(event.key) || !controller.sendTone(callId, event.key)) return
      setTones((before) => before + event.key)
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [keypadOpen, callId, controller])

  const status = (
    <p data-testid="call-state" data-state={call.state} className="text-lg">
      {connected ? <CallTimer call={call} /> : t(`call.state.${call.state}`)}
      {call.heldByRemote ? <span data-testid="held-by-remote"> · {t('call.heldByRemote')}</span> : null}
    </p>
  )
  return (
    <section
      aria-label={t('call.region')}
      className="mx-auto flex min-h-0 w-full max-w-110 flex-1 flex-col wide:max-w-200 wide:pb-2"
    >
      <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4 pt-5 wide:gap-3 wide:pt-3">
        {keypadOpen ? (
          <>
            <div className="flex items-baseline gap-4">
              <h1 dir="auto" className="min-w-0 flex-1 truncate text-lg font-semibold">
                {name}
              </h1>
              {status}
            </div>
            <SecurityLine call={call} />
            <div className="flex flex-col gap-2">
              <p aria-live="polite" dir="ltr" className="h-6 truncate text-center text-lg">
                {tones}
              </p>
              <Keypad onKey={press} />
            </div>
          </>
        ) : (
          <>
            <CallHeading remote={call.remote} {...(connected ? {} : { accountId: call.accountId })}>
              {status}
            </CallHeading>
            {held ? <p className="text-center text-sm text-quiet">{t('call.heldHere', { who: name })}</p> : null}
            {call.heldByRemote ? (
              <p className="text-center text-sm text-quiet">{t('call.heldExplain', { who: name })}</p>
            ) : null}
            <SecurityPanel call={call} />
          </>
        )}
      </div>
      <div className="mx-auto flex w-full max-w-110 flex-col gap-4 p-4 pt-2 wide:flex-row wide:items-start">
        {speakingMuted ? (
          <p role="status" data-testid="speaking-muted" className="self-center text-center text-sm text-unproven">
            {t('call.speakingMuted')}
          </p>
        ) : null}
        {here ? (
          <div className="flex justify-center gap-4">
            <RoundControl
              icon={muted ? MicOff : Mic}
              label={muted ? t('call.unmute') : t('call.mute')}
              on={muted}
              data-testid="mute-button"
              onClick={() => controller.setMuted(callId, !muted)}
            />
            <RoundControl
              icon={held ? Play : Pause}
              label={held ? t('call.resume') : t('call.hold')}
              on={held}
              disabled={!connected}
              data-testid="hold-button"
              onClick={() => void controller.setHeld(callId, !held)}
            />
            <RoundControl
              icon={Grip}
              label={t('call.keypad')}
              on={keypadOpen}
              disabled={!connected}
              data-testid="keypad-button"
              onClick={() => setKeypadOpen(!keypadOpen)}
            />
          </div>
        ) : (
          <p className="text-center text-sm text-quiet">{t('call.inOtherWindow')}</p>
        )}
        <Button
          kind="end"
          icon={PhoneOff}
          data-testid="hangup-button"
          className="min-h-14 wide:flex-1"
          onClick={() => controller.hangUp(call)}
        >
          {connected ? t('call.end') : t('call.cancel')}
        </Button>
      </div>
    </section>
  )
}

function CallTimer({ call }: { readonly call: CallView }) {
  const now = useNow(true)
  return <time>{formatDuration(now - (call.answeredAt ?? now))}</time>
}
