import { callScreen } from '../state/selectors.ts'
import { EndedCall } from './ended-call.tsx'
import { IdlePane } from './idle-pane.tsx'
import { IncomingCall } from './incoming-call.tsx'
import { OtherCalls } from './other-calls.tsx'
import { PlacingCall } from './placing-call.tsx'
import { RunningCall } from './running-call.tsx'
import { useWindow } from './use-controller.ts'

/**
 * The call side of the window: the calls that wait, and below them one call, the reason why the last one ended, or what
 * the next one will be like.
 */
export function CallPane() {
  return (
    <>
      <OtherCalls />
      <CallInFront />
    </>
  )
}

function CallInFront() {
  const screen = useWindow(callScreen)
  switch (screen.kind) {
    case 'placing':
      return <PlacingCall pending={screen.pending} />
    case 'incoming':
      return <IncomingCall key={screen.call.id} call={screen.call} />
    case 'running':
      return <RunningCall key={screen.call.id} call={screen.call} />
    case 'ended':
      return <EndedCall key={screen.call.id} call={screen.call} />
    case 'none':
      return <IdlePane />
  }
}
