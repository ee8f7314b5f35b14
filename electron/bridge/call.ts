import { type ErrorCode, KedgeError, toWireError } from '../../shared/errors.ts'
import type { CallEnd, EndedBy, HopName } from '../../shared/model/call.ts'
import type { LegId } from '../media/protocol.ts'
import type { Codec } from '../sdp/types.ts'
import type {
  IncomingInvite,
  OutgoingInvite,
  OutgoingInviteRequest,
  SipDialog,
  SipEndpoint,
  SipResponse,
} from '../sip/types.ts'
import { callTable, type Effect, type Input, type State } from './call-state.ts'
import { rejectionCode, rejectionStatus } from './end-reason.ts'
import type { MediaSide } from './media-side.ts'
import { answerReinvite } from './reinvite.ts'

/** The leg whose INVITE started the call. */
export interface CallerLeg {
  readonly name: HopName
  readonly invite: IncomingInvite
  readonly media: MediaSide
}

/** The leg that we invite. */
export interface CalleeLeg {
  readonly name: HopName
  readonly endpoint: SipEndpoint
  readonly request: Omit<OutgoingInviteRequest, 'offer'>
  readonly media: MediaSide
}

export interface CallDeps {
  readonly caller: CallerLeg
  readonly callee: CalleeLeg
  /** Joins the two legs in the media worker. */
  join(a: LegId, b: LegId): Promise<unknown>
  /** State, end or media parameters changed. */
  onChange(): void
}

/**
 * One call: two legs and what joins them. The table in `call-state.ts` decides; this class carries its effects out
 * and turns what the legs report into its inputs.
 */
export class Call {
  #state: State = 'preparing'
  #end: CallEnd | undefined
  #calleeInvite: OutgoingInvite | undefined
  #calleeDialog: SipDialog | undefined
  #callerDialog: SipDialog | undefined
  #callerCodecs: readonly Codec[] = []
  /** The newest SDP of the callee. */
  #calleeAnswer: string | undefined
  /** Our answer to the caller, kept because 183 and 200 must carry the same one (RFC 3261 §13.2.1). */
  #callerAnswer: string | undefined
  /** Serialises what runs through the worker, so that an answer in 200 never overtakes the one in 183. */
  #mediaWork: Promise<void> = Promise.resolve()
  readonly #deps: CallDeps

  constructor(deps: CallDeps) {
    this.#deps = deps
    deps.caller.invite.onCancelled = () => this.#endWith('cancelled', this.#callerSide(), 'call/cancelled')
  }

  get state(): State {
    return this.#state
  }

  get end(): CallEnd | undefined {
    return this.#end
  }

  /** Local Call-ID of a leg; the callee's is known once it has been invited. */
  callId(leg: HopName): string | undefined {
    const { caller } = this.#deps
    return caller.name === leg ? caller.invite.callId : this.#calleeInvite?.callId
  }

  media(leg: HopName): MediaSide {
    const { caller, callee } = this.#deps
    return caller.name === leg ? caller.media : callee.media
  }

  owns(legId: LegId): boolean {
    return this.#deps.caller.media.legId === legId || this.#deps.callee.media.legId === legId
  }

  /** Reads the caller's offer, opens both media legs, invites the callee. */
  async start(): Promise<void> {
    const { caller, callee } = this.#deps
    try {
      if (caller.invite.offer === undefined) {
        throw new KedgeError('sdp/no-audio', 'the INVITE carries no offer')
      }
      this.#callerCodecs = caller.media.takeOffer(caller.invite.offer)
      await Promise.all([caller.media.open(), callee.media.open()])
      this.#input('prepared')
    } catch (error) {
      this.fail(error)
    }
  }

  /** Ends the call for a reason of our own: keying refused, worker lost, account gone, shutdown. */
  fail(error: unknown, by: EndedBy = 'kedge'): void {
    const { code, message } = toWireError(error)
    this.#endWith('failed', by, code, { details: message })
  }

  #input(input: Input): void {
    const row = callTable[this.#state][input]
    if (row === undefined) return
    const [next, ...effects] = row
    this.#state = next
    for (const effect of effects) this.#effects[effect]()
    this.#deps.onChange()
  }

  #endWith(input: Input, by: EndedBy, code: ErrorCode, more: Pick<CallEnd, 'sipStatus' | 'details'> = {}): void {
    if (this.#state === 'ended') return
    this.#end = { by, code, ...more }
    this.#input(input)
  }

  /** What the caller and the callee are to the user: the window is the user, the trunk is the other side. */
  #callerSide(): EndedBy {
    return this.#deps.caller.name === 'local' ? 'user' : 'remote'
  }

  #calleeSide(): EndedBy {
    return this.#deps.callee.name === 'local' ? 'user' : 'remote'
  }

  readonly #effects: Readonly<Record<Effect, () => void>> = {
    inviteCallee: () => this.#inviteCallee(),
    passRinging: () => this.#deps.caller.invite.progress(180),
    connectEarly: () =>
      this.#withMedia(() => {
        if (this.#state === 'early') this.#deps.caller.invite.progress(183, this.#callerAnswer)
      }),
    connectMedia: () => this.#withMedia(() => this.#input('mediaReady')),
    answerCaller: () => this.#answerCaller(),
    rejectCaller: () => {
      const end = this.#end ?? { by: 'kedge', code: 'internal' }
      this.#deps.caller.invite.reject(rejectionStatus(end.code), end.details ? { warning: end.details } : {})
    },
    cancelCallee: () => this.#calleeInvite?.cancel(),
    byeCaller: () => void this.#callerDialog?.bye(),
    byeCallee: () => void this.#calleeDialog?.bye(),
    closeMedia: () => {
      void Promise.allSettled([this.#deps.caller.media.close(), this.#deps.callee.media.close()])
    },
  }

  #inviteCallee(): void {
    const { callee } = this.#deps
    try {
      const offer = callee.media.offer(this.#callerCodecs)
      this.#calleeInvite = callee.endpoint.invite(
        { ...callee.request, offer },
        {
          onProgress: (response) => this.#calleeProgress(response),
          onAccepted: (response, dialog) => this.#calleeAccepted(response, dialog),
          onRejected: (response, code) => this.#calleeRejected(response, code),
        },
      )
    } catch (error) {
      this.fail(error)
    }
  }

  #calleeProgress({ status, body }: SipResponse): void {
    if (body !== undefined) {
      this.#calleeAnswer = body
      this.#input('earlyMedia')
    } else if (status === 180) {
      this.#input('ringing')
    }
  }

  #calleeAccepted({ body }: SipResponse, dialog: SipDialog): void {
    this.#calleeDialog = dialog
    dialog.delegate = {
      onBye: () => this.#endWith('calleeBye', this.#calleeSide(), 'call/hung-up'),
      onReinvite: (request) => answerReinvite(request, this.#deps.callee.media, (error) => this.fail(error)),
    }
    // A 200 without SDP confirms the answer of the 183 before it (RFC 3261 §13.2.1).
    this.#calleeAnswer = body ?? this.#calleeAnswer
    this.#input('accepted')
  }

  #calleeRejected({ status, warning }: SipResponse, code: ErrorCode | undefined): void {
    const secure = this.#deps.callee.media.mode !== 'rtp'
    this.#endWith('rejected', this.#calleeSide(), code ?? rejectionCode(status, secure), {
      sipStatus: status,
      ...(warning !== undefined && { details: warning }),
    })
  }

  /**
   * Reads the callee's answer, writes ours to the caller, hands both legs' parameters to the worker, joins them and
   * goes on. A refusal on the way ends the call; nothing is sent to a leg whose answer was refused.
   */
  #withMedia(then: () => void): void {
    const { caller, callee, join } = this.#deps
    try {
      if (this.#calleeAnswer === undefined) {
        throw new KedgeError('sdp/answer-mismatch', 'the call was accepted without an answer to our offer')
      }
      const codecs = callee.media.takeAnswer(this.#calleeAnswer)
      this.#callerAnswer ??= caller.media.answer(codecs)
    } catch (error) {
      this.fail(error)
      return
    }
    this.#mediaWork = this.#mediaWork
      .then(() => Promise.all([caller.media.connect(), callee.media.connect()]))
      .then(() => join(caller.media.legId, callee.media.legId))
      .then(then)
      .catch((error: unknown) => this.fail(error))
  }

  #answerCaller(): void {
    const { caller } = this.#deps
    const answer = this.#callerAnswer
    if (answer === undefined) throw new KedgeError('internal', 'no answer for the caller')
    const dialog = caller.invite.accept(answer)
    this.#callerDialog = dialog
    dialog.delegate = {
      onBye: () => this.#endWith('callerBye', this.#callerSide(), 'call/hung-up'),
      onReinvite: (request) => answerReinvite(request, caller.media, (error) => this.fail(error)),
    }
  }
}
