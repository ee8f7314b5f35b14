import { Disc, Grip, Mic, MicOff, Pause, Play, UserPlus } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import { canCall, isHeld } from '../state/selectors.ts'
import { RoundControl } from './controls.tsx'
import { useController, useWindow } from './use-controller.ts'

interface CallControlsProps {
  readonly call: CallView
  readonly keypadOpen: boolean
  onKeypad(open: boolean): void
}

/** What one does in a call, always in the same places. */
export function CallControls({ call, keypadOpen, onKeypad }: CallControlsProps) {
  const { t } = useTranslation()
  const controller = useController()
  const callId = call.localCallId
  const connected = call.state === 'connected'
  const { muted, held, recorded, mayAdd } = useWindow((state) => ({
    muted: state.muted.has(callId),
    held: isHeld(state, call),
    recorded: state.recorded.has(callId),
    mayAdd: canCall(state),
  }))
  return (
    <div className="grid grid-cols-3 justify-items-center gap-x-4 gap-y-2 wide:flex wide:justify-center">
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
        onClick={() => onKeypad(!keypadOpen)}
      />
      <RoundControl
        icon={Disc}
        label={t('recording.start')}
        on={recorded}
        disabled={!connected}
        data-testid="record-button"
        onClick={() => void (recorded ? controller.recorder.stop(callId) : controller.recorder.start(call))}
      />
      <RoundControl
        icon={UserPlus}
        label={t('call.add')}
        disabled={!connected || !mayAdd}
        data-testid="add-call-button"
        onClick={() => controller.addCall(true)}
      />
    </div>
  )
}
