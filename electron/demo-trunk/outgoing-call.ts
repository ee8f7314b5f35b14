import type { OutgoingInvite, OutgoingInviteDelegate, SipDialog, SipEndpoint, SipResponse } from '../sip/types.ts'
import { type CallContext, mediaCall, openMedia, serveDialog, type TrunkCall } from './call-context.ts'
import { type CallLife, createCallLife } from './call-life.ts'
import { type CallScenario, callScenarios } from './targets.ts'

/** How long the user's phone may ring. */
const patienceMs = 60_000

const callerNames: Readonly<Record<CallScenario, string>> = {
  tone: 'Demo tone',
  echo: 'Demo echo',
  plain: 'Demo without encryption',
}

/**
 * Calls the registered user and, when answered, runs the scenario.
 * @param contactUri - where the user registered
 * @throws KedgeError `net/unreachable` when no UDP ports are free
 */
export async function placeCall(
  endpoint: SipEndpoint,
  contactUri: string,
  scenario: CallScenario,
  context: CallContext,
): Promise<TrunkCall> {
  const life = createCallLife(context.clock)
  const media = await openMedia(callScenarios[scenario], life, context)
  let dialog: SipDialog | undefined

  function onAccepted({ status, body }: SipResponse, established: SipDialog): void {
    dialog = established
    const outcome = media.accept(body ?? '')
    if (outcome.kind === 'refused' || life.ended) {
      void established.bye()
      onRefused(status)
      return
    }
    established.delegate = serveDialog(media, life)
    context.emit({ type: 'callStarted', direction: 'outgoing', target: scenario })
    life.onEnd(() => context.emit({ type: 'callEnded', target: scenario, counters: { ...media.session.counters } }))
    callScenarios[scenario].run(mediaCall(media, life, context.clock, answeredSteps(established, life)))
  }

  function onRefused(status: number): void {
    context.emit({ type: 'callRefused', target: scenario, status })
    void life.end()
  }

  const delegate: OutgoingInviteDelegate = {
    onProgress: () => undefined,
    onAccepted,
    onRejected: ({ status }) => onRefused(status),
  }
  const from = { user: scenario, displayName: callerNames[scenario] }
  const invite: OutgoingInvite = endpoint.invite({ target: contactUri, from, offer: media.offer() }, delegate)
  life.after(patienceMs, () => {
    if (dialog === undefined) invite.cancel()
  })
  return {
    life,
    async end() {
      if (dialog === undefined) invite.cancel()
      await dialog?.bye()
      await life.end()
    },
  }
}

/** The other side has answered, so what comes before an answer is over. */
function answeredSteps(dialog: SipDialog, life: CallLife) {
  const nothing = () => undefined
  return {
    ring: nothing,
    reject: nothing,
    earlyMedia: nothing,
    answer: nothing,
    hangUp() {
      void dialog.bye()
      void life.end()
    },
  }
}
