import { Menu } from '@base-ui/react/menu'
import { Disc, Grip, Merge, Mic, MicOff, Pause, PhoneForwarded, Play, Split, UserPlus } from 'lucide-react'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import { canCall, conferenceCalls, isHeld, otherCalls } from '../state/selectors.ts'
import { RoundControl } from './controls.tsx'
import { useController, useWindow } from './use-controller.ts'
import { useName } from './use-person.ts'

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
  const { muted, held, recorded, mayAdd, joined, mayJoin } = useWindow((state) => ({
    joined: conferenceCalls(state).length > 0,
    mayJoin: connected && otherCalls(state).some((other) => other.state === 'connected'),
    muted: state.muted.has(callId),
    held: isHeld(state, call),
    recorded: state.recorded.has(callId),
    mayAdd: canCall(state),
  }))
  return (
    <div className="grid grid-cols-4 justify-items-center gap-y-2 wide:flex wide:justify-center wide:gap-x-1">
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
        disabled={!connected && !held}
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
        onClick={() => controller.addCall('call')}
      />
      <TransferControl call={call} />
      <RoundControl
        icon={joined ? Split : Merge}
        label={joined ? t('conference.split') : t('conference.join')}
        on={joined}
        disabled={!joined && !mayJoin}
        data-testid="join-button"
        onClick={() => void (joined ? controller.splitTo(call) : controller.joinCalls())}
      />
    </div>
  )
}

/** With another call beside this one there is a choice: connect the two, or pass this one on to somebody else. */
function TransferControl({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  const controller = useController()
  const place = useRef<HTMLDivElement>(null)
  const others = useWindow((state) => otherCalls(state).filter(({ state: of }) => of === 'connected'))
  const conference = useWindow(conferenceCalls)
  const disabled = call.state !== 'connected' || call.transfer?.state === 'trying' || call.transfer?.state === 'ringing'
  const control = { icon: PhoneForwarded, label: t('transfer.transfer'), disabled, 'data-testid': 'transfer-button' }
  if (conference.length === 2) {
    return (
      <RoundControl
        {...control}
        label={t('conference.leave')}
        onClick={() => controller.transfers.leaveConference(conference)}
      />
    )
  }
  if (others.length === 0) return <RoundControl {...control} onClick={() => controller.addCall('transfer')} />
  return (
    <div ref={place}>
      <Menu.Root>
        <Menu.Trigger disabled={disabled} render={<RoundControl {...control} />} />
        <Menu.Portal container={place}>
          <Menu.Positioner side="top" sideOffset={4} className="z-30">
            <Menu.Popup className="w-72 max-w-[calc(100vw-1rem)] rounded-xl border border-line bg-surface p-1 shadow-lg outline-none">
              {others.map((other) => (
                <ConnectWith key={other.id} call={call} other={other} />
              ))}
              <Menu.Item
                data-testid="transfer-else"
                className={menuItem}
                onClick={() => controller.addCall('transfer')}
              >
                {t('transfer.else')}
              </Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </div>
  )
}

const menuItem = 'flex min-h-11 items-center rounded-md px-3 text-sm outline-none data-highlighted:bg-raised'

/** The call that waits is passed on to the one that the user talks in, so that the talk is not cut short. */
function ConnectWith({ call, other }: { readonly call: CallView; readonly other: CallView }) {
  const { t } = useTranslation()
  const controller = useController()
  const [who, to] = [useName(other.remote), useName(call.remote)]
  return (
    <Menu.Item
      data-testid="transfer-connect"
      className={menuItem}
      onClick={() => void controller.transfers.connect(other, call)}
    >
      {t('transfer.connect', { who, to })}
    </Menu.Item>
  )
}
