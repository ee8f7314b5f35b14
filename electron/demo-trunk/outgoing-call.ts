import type { PracticeRing } from '../../shared/model/practice.ts'
import type { OutgoingInvite, OutgoingInviteDelegate, SipDialog, SipEndpoint, SipResponse } from '../sip/types.ts'
import { type CallContext, changeKey, mediaCall, openMedia, serveDialog, type TrunkCall } from './call-context.ts'
import { type CallLife, createCallLife } from './call-life.ts'
import type { CallMedia } from './call-media.ts'
import { ringTargets } from './targets.ts'

/** How long the user's phone may ring. */
const patienceMs = 60_000

const callerNames: Readonly<Record<PracticeRing, string>> = {
  tone: 'Demo tone',
  echo: 'Demo echo',
  plain: 'Demo without encryption',
  giveup: 'Demo that gives up',
}

/**
 * Calls the registered user and, when answered, runs the scenario.
 * @param contactUri - where the user registered
 * @throws KedgeError `net/unreachable` when no UDP ports are free
 */
export async function placeCall(
  endpoint: SipEndpoint,
  contactUri: string,
  scenario: PracticeRing,
  context: CallContext,
): Promise<TrunkCall> {
  const life = createCallLife(context.clock)
  const media = await openMedia(ringTargets[scenario], life, context)
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
    ringTargets[scenario].run(mediaCall(media, life, context.clock, answeredSteps(established, life, media, context)))
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
  life.after(ringTargets[scenario].patienceMs ?? patienceMs, () => {
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
function answeredSteps(dialog: SipDialog, life: CallLife, media: CallMedia, context: CallContext) {
  const nothing = () => undefined
  return {
    ring: nothing,
    reject: nothing,
    earlyMedia: nothing,
    accept: nothing,
    answer: nothing,
    changeKey: () => void changeKey(dialog, media, context),
    cutConnection: context.cutConnection,
    hangUp() {
      void dialog.bye()
      void life.end()
    },
  }
}
