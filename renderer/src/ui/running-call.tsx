import { Phone, PhoneOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import { conferenceCalls, endedBeside, incomingKeyGuardMs, isHeld } from '../state/selectors.ts'
import { formatDuration } from '../text/format.ts'
import { CallControls } from './call-controls.tsx'
import { CallHeading } from './call-heading.tsx'
import { ConferencePanel } from './conference-panel.tsx'
import { Button } from './controls.tsx'
import { Keypad } from './keypad.tsx'
import { QualityBar } from './quality-bar.tsx'
import { SecurityLine, SecurityPanel } from './security-panel.tsx'
import { useController, useWindow } from './use-controller.ts'
import { useFirstMoment } from './use-first-moment.ts'
import { useNow } from './use-now.ts'
import { useName } from './use-person.ts'

const tone = /^[0-9*#]$/

/** A call that one is in, from the INVITE on. The end button keeps its place whatever is open above it. */
export function RunningCall({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  const controller = useController()
  const callId = call.localCallId
  const { shownForMs } = useFirstMoment()
  const { held, here, speakingMuted, recorded, afterAnother } = useWindow((state) => ({
    held: isHeld(state, call),
    speakingMuted: state.speakingMuted.has(callId),
    afterAnother: endedBeside(state) !== undefined,
    here: state.sessions.has(callId),
    recorded: state.recorded.has(callId),
  }))
  const conference = useWindow(conferenceCalls)
  const [keypadOpen, setKeypadOpen] = useState(false)
  const [tones, setTones] = useState('')
  const connected = call.state === 'connected'
  const name = useName(call.remote)

  const press = (key: string) => {
    if (controller.sendTone(callId, key)) setTones((before) => before + key)
  }

  /** A press meant for the call that has just ended beneath the finger must not end this one. */
  const end = () => {
    if (afterAnother && shownForMs() < incomingKeyGuardMs) return
    controller.end(call)
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
      {call.moving ? <span data-testid="moving"> · {t('call.moving')}</span> : null}
      {recorded ? <span data-testid="recording"> · {t('recording.running')}</span> : null}
      {call.heldByRemote ? <span data-testid="held-by-remote"> · {t('call.heldByRemote')}</span> : null}
    </p>
  )
  return (
    <section
      aria-label={t('call.region')}
      className="mx-auto flex min-h-0 w-full max-w-110 flex-1 flex-col wide:max-w-200 wide:pb-2"
    >
      <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4 pt-3 wide:gap-3 wide:pt-3">
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
            {conference.length > 0 ? (
              <ConferencePanel calls={conference}>{status}</ConferencePanel>
            ) : (
              <CallHeading remote={call.remote} {...(connected ? { inOneLine: true } : { accountId: call.accountId })}>
                {status}
              </CallHeading>
            )}
            {call.moving ? (
              <p role="status" className="text-center text-sm text-quiet">
                {t('call.movingExplain')}
              </p>
            ) : null}
            {call.passedBy ? <PassedBy call={call} by={call.passedBy} /> : null}
            {held ? (
              <p className="text-center text-sm text-quiet">
                {conference.length > 0 ? t('conference.held') : t('call.heldHere', { who: name })}
              </p>
            ) : null}
            {call.heldByRemote && conference.length === 0 ? (
              <p className="text-center text-sm text-quiet">{t('call.heldExplain', { who: name })}</p>
            ) : null}
            {conference.length > 0 ? null : <SecurityPanel call={call} />}
          </>
        )}
      </div>
      <QualityBar call={call} />
      {speakingMuted ? (
        <p role="status" data-testid="speaking-muted" className="px-4 pt-2 text-center text-sm text-unproven">
          {t('call.speakingMuted')}
        </p>
      ) : null}
      <div className="mx-auto flex w-full max-w-110 flex-col gap-3 p-4 pt-2 wide:max-w-200 wide:flex-row wide:items-start wide:gap-4">
        {here ? (
          <CallControls call={call} keypadOpen={keypadOpen} onKeypad={setKeypadOpen} />
        ) : (
          <CallElsewhere call={call} />
        )}
        <Button
          kind="end"
          icon={PhoneOff}
          data-testid="hangup-button"
          className="min-h-14 wide:min-w-36 wide:flex-1"
          onClick={end}
        >
          {conference.length > 0 ? t('conference.endAll') : connected ? t('call.end') : t('call.cancel')}
        </Button>
      </div>
    </section>
  )
}

function PassedBy({ call, by }: { readonly call: CallView; readonly by: CallView['remote'] }) {
  const { t } = useTranslation()
  const [who, to] = [useName(by), useName(call.remote)]
  return (
    <p role="status" data-testid="passed-by" className="text-center text-sm text-quiet">
      {t('move.passedBy', { who, to })}
    </p>
  )
}

/** A call whose sound is not in this window: it is coming back, can be had back, or was never here. */
function CallElsewhere({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  const controller = useController()
  const coming = useWindow((state) => state.rejoining.has(call.id))
  if (!call.windowless) return <p className="text-center text-sm text-quiet">{t('call.inOtherWindow')}</p>
  return (
    <div className="flex flex-col gap-3 wide:flex-1">
      <p role="status" data-testid="windowless" className="text-center text-sm text-quiet">
        {coming ? t('call.comingBack') : t('call.windowless')}
      </p>
      {coming ? null : (
        <Button kind="call" icon={Phone} data-testid="rejoin-button" onClick={() => controller.rejoin(call)}>
          {t('call.takeBack')}
        </Button>
      )}
    </div>
  )
}

function CallTimer({ call }: { readonly call: CallView }) {
  const now = useNow(true)
  return <time>{formatDuration(now - (call.answeredAt ?? now))}</time>
}
