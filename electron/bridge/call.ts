import { type ErrorCode, KedgeError, toWireError } from '../../shared/errors.ts'
import type { CallEnd, EndedBy, HopName } from '../../shared/model/call.ts'
import type { LegId } from '../media/protocol.ts'
import type { Codec } from '../sdp/types.ts'
import type {
  IncomingInvite,
  OfferedInDialog,
  OutgoingInvite,
  OutgoingInviteRequest,
  ReceivedRefer,
  SipDialog,
  SipEndpoint,
  SipResponse,
} from '../sip/types.ts'
import { callTable, type Effect, type Input, type State } from './call-state.ts'
import { CalleeAnswers } from './callee-answers.ts'
import { passCodecsOn } from './codec-limit.ts'
import { ConfirmedLeg, type LegEvents, type Surroundings } from './confirmed-leg.ts'
import { rejectionCode, rejectionStatus } from './end-reason.ts'
import { passHoldOn } from './hold.ts'
import { offerlessCodecs } from './local-media.ts'
import type { MediaSide } from './media-side.ts'
import { Negotiation } from './negotiation.ts'
import { ringCaller } from './ring-caller.ts'
import type { RunningCall } from './running-call.ts'

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

export interface CallDeps extends Surroundings {
  readonly caller: CallerLeg
  readonly callee: CalleeLeg
  /** Joins the two legs in the media worker. */
  join(a: LegId, b: LegId): Promise<unknown>
  /** State, end or media parameters changed. */
  onChange(): void
  /** The other side asks that the call goes on with somebody else. */
  onRefer?(request: ReceivedRefer): void
  /** The callee refused, or answered what we cannot take: whom to invite instead, or in which other form, if any. */
  reroute?(refusal: Refusal): CalleeLeg | undefined
}

/** Why a callee has not taken a call, or we not its answer. */
export interface Refusal {
  readonly code: ErrorCode
  /** The callee's final response, 300..699; absent when it accepted and its answer was refused. */
  readonly status?: number
}

/**
 * One call: two legs and what joins them. The table in `call-state.ts` decides; this class carries its effects out
 * and turns what the legs report into its inputs.
 */
export class Call implements RunningCall {
  #state: State = 'preparing'
  #end: CallEnd | undefined
  #callee: CalleeLeg
  #nextCallee: CalleeLeg | undefined
  #calleeInvite: OutgoingInvite | undefined
  #callerLeg: ConfirmedLeg | undefined
  #calleeLeg: ConfirmedLeg | undefined
  /** What the caller can take, with its numbers. */
  #callerCodecs: readonly Codec[] = []
  #answers: CalleeAnswers
  /** Our SDP to the caller, kept because 183 and 200 must carry the same one (RFC 3261 §13.2.1). */
  #callerText: string | undefined
  /** Serialises what runs through the worker, so that an answer in 200 never overtakes the one in 183. */
  #mediaWork: Promise<unknown> = Promise.resolve()
  #joined: 'no' | 'begun' | 'yes' = 'no'
  #earlyPassed = false
  readonly #deps: CallDeps

  constructor(deps: CallDeps) {
    this.#deps = deps
    this.#callee = deps.callee
    this.#answers = new CalleeAnswers(deps.callee.media)
    deps.caller.invite.onCancelled = () => this.#endWith('cancelled', sideOf(deps.caller), 'call/cancelled')
  }

  get state(): State {
    return this.#state
  }

  get end(): CallEnd | undefined {
    return this.#end
  }

  get legs(): readonly { readonly name: HopName; readonly media: MediaSide }[] {
    return [this.#deps.caller, this.#callee]
  }

  /** Nobody has answered and the caller has heard nothing of the callee yet. */
  get isRinging(): boolean {
    return callTable[this.#state].redirected !== undefined
  }

  confirmed(leg: HopName): ConfirmedLeg | undefined {
    if (this.#state !== 'connected') return undefined
    return [this.#callerLeg, this.#calleeLeg].find((candidate) => candidate?.name === leg)
  }

  callId(leg: HopName): string | undefined {
    const { caller } = this.#deps
    if (caller.name === leg) return caller.invite.callId
    return this.#callee.name === leg ? this.#calleeInvite?.callId : undefined
  }

  /** Reads the caller's offer, opens both media legs, invites the callee. */
  async start(): Promise<void> {
    const { caller } = this.#deps
    try {
      const { offer } = caller.invite
      this.#callerCodecs = offer === undefined ? offerlessCodecs : caller.media.takeOffer(offer)
      await Promise.all([caller.media.open(), this.#callee.media.open()])
      this.#input('prepared')
    } catch (error) {
      this.fail(error)
    }
  }

  fail(error: unknown, by: EndedBy = 'kedge'): void {
    const { code, message } = toWireError(error)
    this.#endWith('failed', by, code, { details: message })
  }

  hangUp(): void {
    this.#endWith('hungUp', 'user', 'call/hung-up')
  }

  /** Invites another callee in place of the one that has not answered yet. @returns false when it is too late for that */
  redirect(callee: CalleeLeg): boolean {
    if (!this.isRinging) return false
    this.#nextCallee = callee
    this.#input('redirected')
    return true
  }

  /** Gives both legs away, as they are, and is over without a word: the call goes on around them (`JoinedCall`). */
  release(): readonly ConfirmedLeg[] | undefined {
    const row = callTable[this.#state].released
    const legs = [this.#callerLeg, this.#calleeLeg].filter((leg) => leg !== undefined)
    // A caller that made no offer has no media before its ACK, and a join that is under way would undo the next one.
    if (row === undefined || legs.length !== 2 || this.#joined !== 'yes') return undefined
    this.#state = row[0]
    return legs
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
    if (callTable[this.#state][input] === undefined) return
    this.#end = { by, code, ...more }
    this.#input(input)
  }

  readonly #effects: Readonly<Record<Effect, () => void>> = {
    prepareCallee: () => this.#prepareCallee(),
    inviteCallee: () => this.#inviteCallee(),
    dropCallee: () => void this.#callee.media.close(),
    passRinging: () => void ringCaller(this.#deps.caller).catch((error: unknown) => this.fail(error)),
    connectEarly: () => this.#connect(() => this.#passEarlyMedia()),
    connectMedia: () => this.#connectAccepted(),
    answerCaller: () => this.#answerCaller(),
    rejectCaller: () => {
      const end = this.#end ?? { by: 'kedge', code: 'internal' }
      this.#deps.caller.invite.reject(rejectionStatus(end.code), end.details ? { warning: end.details } : {})
    },
    cancelCallee: () => this.#calleeInvite?.cancel(),
    byeCaller: () => this.#callerLeg?.bye(),
    byeCallee: () => this.#calleeLeg?.bye(),
    closeMedia: () => {
      void Promise.allSettled([this.#deps.caller.media.close(), this.#callee.media.close()])
    },
  }

  #prepareCallee(): void {
    if (this.#nextCallee === undefined) throw new KedgeError('internal', 'redirected to nobody')
    const callee = this.#nextCallee
    this.#callee = callee
    this.#calleeInvite = undefined
    this.#calleeLeg = undefined
    this.#answers = new CalleeAnswers(callee.media)
    callee.media.open().then(
      () => this.#input('prepared'),
      (error: unknown) => this.fail(error),
    )
  }

  #inviteCallee(): void {
    const callee = this.#callee
    // What a callee that was replaced still says is no news of this call's.
    const current = () => this.#callee === callee
    try {
      const offer = callee.media.offer(this.#callerCodecs)
      this.#calleeInvite = callee.endpoint.invite(
        { ...callee.request, offer },
        {
          onProgress: (response) => current() && this.#calleeProgress(response),
          onEarlyOffer: (request, toTag) => (current() ? this.#calleeOffers(request, toTag) : request.reject(488)),
          onAccepted: (response, dialog) => (current() ? this.#calleeAccepted(response, dialog) : void dialog.bye()),
          onRejected: (response, code) => current() && this.#calleeRejected(response, code),
        },
      )
    } catch (error) {
      this.fail(error)
    }
  }

  #calleeProgress(response: SipResponse): void {
    this.#answers.heard(response)
    const expected = callTable[this.#state].earlyMedia !== undefined
    if (expected && this.#answers.takeEarly(response)) this.#input('earlyMedia')
    else if (response.body !== undefined || response.status === 180) this.#input('ringing')
  }

  /** An UPDATE changes early media. With several forks nobody knows yet whose it will be. */
  #calleeOffers(request: OfferedInDialog, toTag: string): void {
    const { media } = this.#callee
    if (this.#state !== 'early' || this.#answers.isForked) {
      request.reject(488)
      return
    }
    const noDialog = { reinvite: async () => ({ status: 481, reason: 'No Dialog' }) }
    const { onChange } = this.#deps
    const onFailure = (error: unknown) => this.fail(error)
    const onSettled = () => {
      this.#answers.settled(toTag)
      onChange()
    }
    const exchange = new Negotiation({
      ...this.#deps,
      media,
      dialog: noDialog,
      ownsCallId: true,
      onSettled,
      onFailure,
    })
    this.#mediaWork = this.#mediaWork.then(() => exchange.receive(request))
  }

  #calleeAccepted(response: SipResponse, dialog: SipDialog): void {
    this.#answers.accepted(response)
    this.#calleeLeg = new ConfirmedLeg({
      ...this.#deps,
      name: this.#callee.name,
      media: this.#callee.media,
      dialog,
      ownsCallId: true,
      events: this.#eventsOf('calleeBye', () => this.#callerLeg),
    })
    this.#input('accepted')
  }

  #calleeRejected({ status, warning, warningCode }: SipResponse, code: ErrorCode | undefined): void {
    const reason = code ?? rejectionCode(status, this.#callee.media.mode !== 'rtp', warningCode)
    const instead = this.isRinging ? this.#deps.reroute?.({ code: reason, status }) : undefined
    if (instead && this.redirect(instead)) return
    this.#endWith('rejected', sideOf(this.#callee), reason, {
      sipStatus: status,
      ...(warning !== undefined && { details: warning }),
    })
  }

  /**
   * Reads the answer of the callee's 2xx and goes on with it. A refusal ends the call, unless there is another form to
   * invite this callee in; nothing is sent to a leg whose answer was refused.
   */
  #connectAccepted(): void {
    try {
      this.#answers.takeAccepted()
    } catch (error) {
      if (!this.#retry(toWireError(error).code)) this.fail(error)
      return
    }
    this.#connect(() => this.#input('mediaReady'))
  }

  /** @returns false when there is nothing else to try, or the caller has been answered */
  #retry(code: ErrorCode): boolean {
    if (this.#callerText !== undefined) return false
    this.#nextCallee = this.#deps.reroute?.({ code })
    if (this.#nextCallee === undefined) return false
    this.#input('retried')
    return true
  }

  /**
   * Writes our SDP to the caller, hands both legs' parameters to the worker, joins them and goes on. A caller that made
   * no offer gets ours in the 2xx, so its leg is connected when the ACK has brought the answer.
   */
  #connect(then: () => void): void {
    const { caller } = this.#deps
    const callee = this.#callee.media
    try {
      this.#callerText ??= this.#callerOffers ? caller.media.answer(callee.codecs) : caller.media.offer(callee.codecs)
    } catch (error) {
      this.fail(error)
      return
    }
    const sides = this.#callerOffers ? [caller.media, callee] : [callee]
    this.#mediaWork = this.#mediaWork
      .then(() => Promise.all(sides.map((side) => side.connect())))
      .then(() => (this.#callerOffers ? this.#join() : undefined))
      .then(then)
      .catch((error: unknown) => this.fail(error))
  }

  get #callerOffers(): boolean {
    return this.#deps.caller.invite.offer !== undefined
  }

  async #join(): Promise<void> {
    this.#joined = 'begun'
    await this.#deps.join(this.#deps.caller.media.legId, this.#callee.media.legId)
    this.#joined = 'yes'
  }

  /** Once: a second answer (another fork's) changes the callee's media, not ours to the caller. */
  #passEarlyMedia(): void {
    if (this.#state !== 'early' || this.#earlyPassed) return
    this.#earlyPassed = true
    this.#deps.caller.invite.progress(183, this.#callerOffers ? this.#callerText : undefined)
  }

  #answerCaller(): void {
    const { caller } = this.#deps
    if (this.#callerText === undefined) throw new KedgeError('internal', 'no description for the caller')
    this.#callerLeg = new ConfirmedLeg({
      ...this.#deps,
      name: caller.name,
      media: caller.media,
      dialog: caller.invite.accept(this.#callerText),
      ownsCallId: false,
      offeredIn2xx: !this.#callerOffers,
      events: this.#eventsOf('callerBye', () => this.#calleeLeg),
    })
    // The phones that lost the fork have seen our key (RFC 4568 §7.3).
    if (this.#answers.isForked && this.#callee.media.mode === 'srtp') void this.#calleeLeg?.offer('forked')
  }

  #eventsOf(bye: 'callerBye' | 'calleeBye', other: () => ConfirmedLeg | undefined): LegEvents {
    const own = bye === 'callerBye' ? this.#deps.caller : this.#callee
    return {
      onBye: () => this.#endWith(bye, sideOf(own), 'call/hung-up'),
      onFailure: (error) => this.fail(error),
      onSettled: () => this.#settled(own, other()),
      onMoving: this.#deps.onChange,
      onRefer: (request) => (this.#deps.onRefer ? this.#deps.onRefer(request) : request.reject(603)),
    }
  }

  #settled(leg: { readonly name: HopName; readonly media: MediaSide }, other: ConfirmedLeg | undefined): void {
    // The caller that made no offer has taken ours, with its ACK.
    const late = this.#joined === 'no' && leg === this.#deps.caller
    if (late) this.#join().catch((error: unknown) => this.fail(error))
    const codecs = late && other ? passCodecsOn(leg.media.codecs, other.media) : undefined
    const hold = leg.name === 'local' && other ? passHoldOn(leg.media.peerDirection, other.media) : undefined
    const reason = codecs ?? hold
    if (reason !== undefined) void other?.offer(reason)
    this.#deps.onChange()
  }
}

/** What a leg is to the user: the window is the user, everyone else the other side. */
function sideOf({ name }: { readonly name: HopName }): EndedBy {
  return name === 'local' ? 'user' : 'remote'
}
