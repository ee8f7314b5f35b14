import { randomUUID } from 'node:crypto'
import { KedgeError, toWireError } from '../../shared/errors.ts'
import { rejoinHost, windowAor } from '../../shared/ipc/contract.ts'
import type { AccountId, AccountSettings } from '../../shared/model/account.ts'
import type { CallView } from '../../shared/model/call.ts'
import type { UndisturbedAnswer } from '../../shared/model/settings.ts'
import type { Media, MediaEvent } from '../media/media.ts'
import type { Clock } from '../sip/clock.ts'
import type { IncomingInvite, ReceivedRefer, SipEndpoint } from '../sip/types.ts'
import type { BridgeContext } from './bridge-context.ts'
import { Call, type CalleeLeg, type CallerLeg, type Refusal } from './call.ts'
import { CallList, legIdOf, type NewRecord } from './call-list.ts'
import { type CallRecord, isWindowless, refusedView, undisturbedView } from './call-view.ts'
import { isEncryptionRefused, rejectionStatus } from './end-reason.ts'
import { catchUp, moveLegs } from './follow-network.ts'
import { type Onward, onwardLeg } from './forwarder.ts'
import { causeOfRejection, type ForwardCause } from './forwarding.ts'
import { takeOver } from './replaced-leg.ts'
import { SecurePeers } from './secure-peers.ts'
import { callerSide, planCallee, type Trunk } from './sides.ts'
import { accountOfHost, type DialTarget, dialTarget, requestUri } from './target.ts'
import { callAndJoin, joinCalls } from './transfer-here.ts'
import { answerMove, askedToMove } from './transfer-in.ts'
import { transferCall } from './transfer-out.ts'
import { WebRtcSide } from './webrtc-side.ts'
import { windowLeft, windowReturns } from './window-return.ts'

export interface BridgeDeps {
  readonly media: Pick<Media, 'call'>
  readonly clock: Clock
  /** 0 (inclusive) to 1 (exclusive); spreads retries after glare. */
  readonly random?: () => number
  /** @throws KedgeError `call/account-unknown` or `call/account-not-ready` */
  account(id: AccountId): Trunk
  /** What callers are told in place of ringing; undefined while it may ring. */
  undisturbed?(): UndisturbedAnswer | undefined
  onChange(): void
}

/** The B2BUA: makes a call of every INVITE, from the window or from a trunk, and keeps the list of them. */
export interface Bridge {
  /** Calls of the window. */
  calls(): readonly CallView[]
  /** Calls that the window has no part in. */
  forwarded(): readonly CallView[]
  /**
   * The window's leg is `endpoint` from now on; undefined when there is no window. Connected calls of an earlier one wait
   * for a window to take them up again; those that nobody has answered end.
   */
  setWindow(endpoint: SipEndpoint | undefined): void
  /** An INVITE from a trunk. */
  ring(account: AccountSettings, endpoint: SipEndpoint, invite: IncomingInvite): void
  /**
   * Joins the far ends of two connected calls of the window and takes the window out of both.
   * @throws KedgeError `call/not-connected`, `call/other-not-encrypted`, `sdp/no-common-codec`; nothing changes then
   */
  join(a: string, b: string): Promise<void>
  /**
   * Asks the far end of a call to go on with somebody else, whom it calls, or with the far end of another call. What
   * becomes of it is shown with the call.
   * @throws KedgeError `call/not-connected`, `call/bad-target`
   */
  transfer(id: string, to: { readonly dialled: string } | { readonly otherId: string }): void
  /** The user's answer to a far end that asks to go on with somebody else. Without a question it changes nothing. */
  answerMove(id: string, accept: boolean): Promise<void>
  /** Carries out through this machine a transfer that the far end would not. @throws KedgeError as `join` */
  transferHere(id: string): Promise<void>
  /**
   * Sends a key by SIP INFO to the far end of a call.
   * @throws KedgeError `call/not-connected`; `call/refused` when the far end does not take it
   */
  sendDigit(id: string, digit: string): Promise<void>
  /**
   * The user has agreed to a call in clear to whoever this names: the account's consent covers that peer from now on, whatever
   * it has spoken before.
   * @param dialled - as the window dials it
   * @throws KedgeError `call/bad-target`
   */
  allowClear(account: AccountSettings, dialled: string): void
  /** An account is connected from this address of the machine now, over a new flow: its running calls go along. */
  accountMoved(id: AccountId, localAddress: string): void
  /** Ends a call as its user. Unknown ids are ignored. */
  endCall(id: string): void
  onMediaEvent(event: MediaEvent): void
  /** Ends every call. */
  close(): void
}

/** Calls that may wait for an answer at a time. */
const maxWaiting = 16

export function createBridge({
  media,
  clock,
  random = Math.random,
  account,
  undisturbed,
  onChange,
}: BridgeDeps): Bridge {
  const securePeers = new SecurePeers()
  const list = new CallList(clock, onChange, (record) => {
    catchUp(record, addressOf)
    securePeers.note(record)
  })
  let window: SipEndpoint | undefined
  const context: BridgeContext = {
    list,
    media,
    clock,
    random,
    account,
    isKnownSecure: (id, peer) => securePeers.has(id, peer),
    onRefer: (record, request) => askedToMove(context, record, request),
  }

  function addressOf(id: AccountId): string | undefined {
    try {
      return account(id).endpoint.localAddress
    } catch (error) {
      if (error instanceof KedgeError) return undefined
      throw error
    }
  }

  interface Legs {
    readonly caller: CallerLeg
    readonly callee: CalleeLeg
    readonly reroute?: (refusal: Refusal) => CalleeLeg | undefined
  }

  function begin(known: NewRecord, legs: Legs): { record: CallRecord; call: Call } {
    let started: Call | undefined
    const record = list.add(known, (changed) => {
      const joinLegs = (a: string, b: string) => media.call('join', { a, b })
      const onRefer = (request: ReceivedRefer) => askedToMove(context, record, request)
      started = new Call({ ...legs, clock, random, join: joinLegs, onChange: changed, onRefer })
      return started
    })
    if (started === undefined) throw new KedgeError('internal', 'no call was started')
    void started.start()
    return { record, call: started }
  }

  /** A call from the window to a trunk. */
  function place(endpoint: SipEndpoint, invite: IncomingInvite): void {
    const id = randomUUID()
    const accountId = accountOfHost(invite.requestUri.host) ?? ''
    try {
      const trunk = account(accountId)
      const target = dialTarget(invite.requestUri.user, trunk.settings.domain)
      const remote = remoteOf(target)
      const known = securePeers.has(trunk.settings.id, remote)
      const { side, inClear, asksForClear } = planCallee(legIdOf(id, 'trunk'), media, trunk, 'webrtc', known)
      const callee: CalleeLeg = {
        name: 'trunk',
        endpoint: trunk.endpoint,
        request: { target: requestUri(target) },
        media: side,
      }
      let next = inClear && { ...callee, media: inClear }
      const reroute = ({ code }: Refusal) => {
        const instead = isEncryptionRefused(code) ? next : undefined
        if (instead) next = undefined
        return instead
      }
      begin(
        {
          id,
          account: trunk.settings,
          direction: 'outgoing',
          remote,
          signalling: { local: endpoint.signalling, trunk: trunk.endpoint.signalling },
          ...(asksForClear && { asksForClear }),
        },
        {
          caller: { name: 'local', invite, media: new WebRtcSide({ legId: legIdOf(id, 'local'), media }) },
          callee,
          reroute,
        },
      )
    } catch (error) {
      const { code, message } = toWireError(error)
      invite.reject(rejectionStatus(code), { warning: message })
      list.addRefused(refusedView(id, accountId, invite, clock.now(), { by: 'kedge', code, details: message }))
    }
  }

  /** A call that rings the window, or goes on to someone else. */
  function ring(trunk: Trunk, invite: IncomingInvite): void {
    const { settings, endpoint } = trunk
    const replaces = invite.headers('replaces')
    if (replaces.length > 0) {
      void takeOver(context, trunk, invite, replaces)
      return
    }
    // Each that rings holds sockets and a place on the screen: nobody is called by so many at once in good faith.
    if (list.waiting.length >= maxWaiting) {
      invite.reject(...undisturbedReplies.busy)
      return
    }
    const id = randomUUID()
    const { user, host, displayName } = invite.from
    const onward = (cause: ForwardCause) => onwardLeg({ media, account }, trunk, invite, cause, id)
    try {
      const quiet = undisturbed?.()
      const unreachable = quiet ? undisturbedCauses[quiet] : window ? undefined : 'unavailable'
      const atOnce = onward('unconditional') ?? (unreachable && onward(unreachable))
      const caller: CallerLeg = {
        name: 'trunk',
        invite,
        media: callerSide(legIdOf(id, 'trunk'), media, trunk, invite.offer),
      }
      const known: NewRecord = {
        id,
        account: settings,
        direction: 'incoming',
        remote: { user, domain: host, ...(displayName !== undefined && { displayName }) },
        signalling: { trunk: endpoint.signalling },
      }
      if (atOnce) {
        const { record } = begin(known, { caller, callee: atOnce.callee })
        list.change(record, atOnce.shown)
      } else if (quiet) {
        invite.reject(...undisturbedReplies[quiet])
        list.addRefused(undisturbedView(known, clock.now()))
      } else if (window) ringWindow(window, known, caller, settings.forwarding?.noAnswer?.afterS, onward)
      else invite.reject(480, { reason: 'Temporarily Unavailable' })
    } catch (error) {
      const { code, message } = toWireError(error)
      invite.reject(rejectionStatus(code), { warning: message })
    }
  }

  /** @param answerInS - after which the call goes on to someone else; undefined when it never does */
  function ringWindow(
    endpoint: SipEndpoint,
    known: NewRecord,
    caller: CallerLeg,
    answerInS: number | undefined,
    onward: (cause: ForwardCause) => Onward | undefined,
  ): void {
    const { user, displayName } = known.remote
    const signalling = { ...known.signalling, local: endpoint.signalling }
    const callee: CalleeLeg = {
      name: 'local',
      endpoint,
      request: { target: windowAor, from: { user, ...(displayName !== undefined && { displayName }) } },
      media: new WebRtcSide({ legId: legIdOf(known.id, 'local'), media }),
    }
    /** A forwarding that is not possible leaves the call as it is. */
    const next = (cause: ForwardCause | undefined): CalleeLeg | undefined => {
      try {
        const found = cause && onward(cause)
        if (found) list.change(record, found.shown)
        return found?.callee
      } catch (error) {
        if (error instanceof KedgeError) return undefined
        throw error
      }
    }
    const { record, call } = begin(
      { ...known, signalling },
      { caller, callee, reroute: ({ status = 0 }) => next(causeOfRejection(status)) },
    )
    if (answerInS === undefined) return
    list.later(answerInS * 1000, () => {
      if (!call.isRinging) return
      const instead = next('no-answer')
      if (instead) call.redirect(instead)
    })
  }

  return {
    calls: () => list.ofWindow(),
    forwarded: () => list.forwarded(),
    setWindow(endpoint) {
      window = endpoint
      for (const record of list.running) {
        if (record.direction !== 'forwarded' && !isWindowless(record)) windowLeft(context, record)
      }
      if (!endpoint) return
      endpoint.onInvite = (invite) => {
        const { user, host } = invite.requestUri
        if (host === rejoinHost) void windowReturns(context, endpoint, list.get(user), invite)
        else place(endpoint, invite)
      }
    },
    ring: (settings, endpoint, invite) => ring({ settings, endpoint }, invite),
    join: async (a, b) => joinCalls(context, list.connected(a), list.connected(b)),
    transfer(id, to) {
      const record = list.connected(id)
      transferCall(context, record, 'otherId' in to ? { other: list.connected(to.otherId) } : to)
    },
    async answerMove(id, accept) {
      const record = list.get(id)
      if (record) await answerMove(context, record, accept)
    },
    async transferHere(id) {
      const record = list.connected(id)
      const otherId = record.transfer?.otherId
      await (otherId === undefined ? callAndJoin(context, record) : joinCalls(context, record, list.connected(otherId)))
    },
    async sendDigit(id, digit) {
      await list.connected(id).call.confirmed('trunk')?.sendDigit(digit)
    },
    allowClear: ({ id, domain }, dialled) => securePeers.forget(id, remoteOf(dialTarget(dialled, domain))),
    accountMoved: (id, address) => moveLegs(list.running, id, address),
    endCall: (id) => list.get(id)?.call.hangUp(),
    onMediaEvent: (event) => list.onMediaEvent(event),
    close() {
      list.failAll(new KedgeError('call/hung-up', 'Kedge is closing'))
      list.close()
    },
  }
}

const remoteOf = ({ user, host }: DialTarget): CallRecord['remote'] => ({ user, domain: host })

/** A forwarding for that case takes the call over. */
const undisturbedCauses: Readonly<Record<UndisturbedAnswer, ForwardCause>> = {
  busy: 'user-busy',
  unavailable: 'unavailable',
}
const undisturbedReplies: Readonly<Record<UndisturbedAnswer, Parameters<IncomingInvite['reject']>>> = {
  busy: [486, { reason: 'Busy Here' }],
  unavailable: [480, { reason: 'Temporarily Unavailable' }],
}
