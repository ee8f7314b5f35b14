import { randomUUID } from 'node:crypto'
import { KedgeError, toWireError } from '../../shared/errors.ts'
import { windowAor } from '../../shared/ipc/contract.ts'
import type { AccountId, AccountSettings } from '../../shared/model/account.ts'
import { type CallView, type HopName, noCounters } from '../../shared/model/call.ts'
import type { Media, MediaEvent } from '../media/media.ts'
import { mayCarrySdesKeys, offerAttempts } from '../sdp/policy.ts'
import { calleeTransportMode } from '../sdp/transport-mode.ts'
import { trunkProfiles } from '../sdp/trunk-profiles.ts'
import type { Clock } from '../sip/clock.ts'
import type { IncomingInvite, SipEndpoint } from '../sip/types.ts'
import { Call, type CalleeLeg, type CallerLeg } from './call.ts'
import { type CallRecord, callView, refusedView } from './call-view.ts'
import { rejectionStatus } from './end-reason.ts'
import { SipSide } from './sip-side.ts'
import { accountOfHost, dialTarget, requestUri } from './target.ts'
import { WebRtcSide } from './webrtc-side.ts'

/** An ended call stays in the list this long, so that the window can say why it ended. */
const endedCallMs = 30_000

export interface BridgeDeps {
  readonly media: Pick<Media, 'call'>
  readonly clock: Clock
  /** @throws KedgeError `call/account-unknown` or `call/account-not-ready` */
  account(id: AccountId): { readonly settings: AccountSettings; readonly endpoint: SipEndpoint }
  onChange(): void
}

/** The B2BUA: makes a call of every INVITE, from the window or from a trunk, and keeps the list of them. */
export interface Bridge {
  calls(): readonly CallView[]
  /** The window's leg is `endpoint` from now on; undefined when there is no window. Calls of an earlier one end. */
  setWindow(endpoint: SipEndpoint | undefined): void
  /** An INVITE from a trunk. */
  ring(account: AccountSettings, endpoint: SipEndpoint, invite: IncomingInvite): void
  onMediaEvent(event: MediaEvent): void
  /** Ends every call. */
  close(): void
}

export function createBridge({ media, clock, account, onChange }: BridgeDeps): Bridge {
  const records = new Map<string, CallRecord>()
  const refused = new Map<string, CallView>()
  const forgetting = new Set<() => void>()
  let window: SipEndpoint | undefined

  const running = () => [...records.values()].filter(({ call }) => call.state !== 'ended')
  const failAll = (error: KedgeError) => {
    for (const { call } of running()) call.fail(error)
  }

  function begin(
    base: Pick<CallRecord, 'account' | 'direction' | 'remote' | 'signalling'> & { id: string },
    legs: {
      caller: CallerLeg
      callee: CalleeLeg
    },
  ): void {
    const record: CallRecord = {
      ...base,
      startedAt: clock.now(),
      timings: {},
      counters: { local: noCounters, trunk: noCounters },
      call: new Call({
        ...legs,
        join: (a, b) => media.call('join', { a, b }),
        onChange: () => {
          noteProgress(record)
          onChange()
        },
      }),
    }
    records.set(record.id, record)
    onChange()
    void record.call.start()
  }

  /** Notes when the call's state first reached each mark; forgets the call some time after its end. */
  function noteProgress(record: CallRecord): void {
    const { call, timings, startedAt } = record
    const now = clock.now()
    if (call.state === 'inviting') timings.invited ??= now - startedAt
    if (call.state === 'ringing') timings.ringing ??= now - startedAt
    if (call.state === 'connected' && record.answeredAt === undefined) {
      record.answeredAt = now
      timings.answered = now - startedAt
    }
    if (call.state === 'ended' && record.endedAt === undefined) {
      record.endedAt = now
      forget(() => records.delete(record.id))
    }
  }

  /** The trunk's side of a call, in the mode that the policy gives for a caller from the window. */
  function trunkSide(id: string, settings: AccountSettings, endpoint: SipEndpoint): SipSide {
    const { transport } = endpoint.signalling
    const profile = trunkProfiles[settings.preset ?? 'generic']
    const wanted = calleeTransportMode('webrtc', { isWebRtc: false, policy: settings.encryption })
    const exposed = !mayCarrySdesKeys(transport)
    if (exposed && settings.encryption === 'required') {
      throw new KedgeError('security/keys-would-be-exposed', `media keys would travel over ${transport} in clear`)
    }
    const mode = wanted === 'rtp' || exposed ? 'rtp' : 'srtp'
    const [attempt] = offerAttempts(mode, 'webrtc', settings.encryption, profile, false)
    return new SipSide({
      legId: legId(id, 'trunk'),
      media,
      address: endpoint.localAddress,
      signalling: transport,
      policy: settings.encryption,
      mode: attempt.mode,
      style: attempt.mode === 'srtp' ? attempt.style : 'savp',
      suites: profile.offeredSuites,
    })
  }

  /** A call from the window to a trunk. */
  function place(endpoint: SipEndpoint, invite: IncomingInvite): void {
    const id = randomUUID()
    const accountId = accountOfHost(invite.requestUri.host) ?? ''
    try {
      const trunk = account(accountId)
      const target = dialTarget(invite.requestUri.user, trunk.settings.domain)
      begin(
        {
          id,
          account: trunk.settings,
          direction: 'outgoing',
          remote: { user: target.user, domain: target.host },
          signalling: { local: endpoint.signalling, trunk: trunk.endpoint.signalling },
        },
        {
          caller: { name: 'local', invite, media: new WebRtcSide({ legId: legId(id, 'local'), media }) },
          callee: {
            name: 'trunk',
            endpoint: trunk.endpoint,
            request: { target: requestUri(target) },
            media: trunkSide(id, trunk.settings, trunk.endpoint),
          },
        },
      )
    } catch (error) {
      const { code, message } = toWireError(error)
      invite.reject(rejectionStatus(code), { warning: message })
      keepEnded(refusedView(id, accountId, invite, clock.now(), { by: 'kedge', code, details: message }))
    }
  }

  /** A call that could not even begin: only its end is left to show. */
  function keepEnded(view: CallView): void {
    refused.set(view.id, view)
    forget(() => refused.delete(view.id))
    onChange()
  }

  function forget(remove: () => void): void {
    const cancel = clock.after(endedCallMs, () => {
      forgetting.delete(cancel)
      remove()
      onChange()
    })
    forgetting.add(cancel)
  }

  return {
    calls: () => [...[...records.values()].map(callView), ...refused.values()],
    setWindow(endpoint) {
      window = endpoint
      failAll(new KedgeError('call/media-lost', 'the window of this call is gone'))
      if (endpoint) endpoint.onInvite = (invite) => place(endpoint, invite)
    },
    ring(settings, endpoint, invite) {
      if (window === undefined) {
        invite.reject(480, { reason: 'Temporarily Unavailable' })
        return
      }
      const id = randomUUID()
      const { user, host, displayName } = invite.from
      begin(
        {
          id,
          account: settings,
          direction: 'incoming',
          remote: { user, domain: host, ...(displayName !== undefined && { displayName }) },
          signalling: { local: window.signalling, trunk: endpoint.signalling },
        },
        {
          caller: {
            name: 'trunk',
            invite,
            media: new SipSide({
              legId: legId(id, 'trunk'),
              media,
              address: endpoint.localAddress,
              signalling: endpoint.signalling.transport,
              policy: settings.encryption,
              mode: 'srtp',
              style: 'savp',
              suites: [],
            }),
          },
          callee: {
            name: 'local',
            endpoint: window,
            request: { target: windowAor, from: { user, ...(displayName !== undefined && { displayName }) } },
            media: new WebRtcSide({ legId: legId(id, 'local'), media }),
          },
        },
      )
    },
    onMediaEvent(event) {
      switch (event.type) {
        case 'workerLost':
          failAll(new KedgeError('call/worker-lost', 'the media worker stopped'))
          return
        case 'counters':
          for (const { legId: id, counters } of event.legs) {
            const found = recordOf(id)
            if (found) found.record.counters[found.leg] = counters
          }
          onChange()
          return
        case 'webRtcConnected':
          recordOf(event.legId)?.record.call.media('local').setSuite(event.suite)
          onChange()
          return
        case 'firstPacket': {
          const found = recordOf(event.legId)
          if (found) {
            found.record.timings[found.leg === 'local' ? 'localMedia' : 'trunkMedia'] ??=
              event.at - found.record.startedAt
          }
          return
        }
        case 'legFailed':
          recordOf(event.legId)?.record.call.fail(new KedgeError(event.error.code, event.error.message))
          return
      }
    },
    close() {
      failAll(new KedgeError('call/hung-up', 'Kedge is closing'))
      for (const cancel of forgetting) cancel()
    },
  }

  function recordOf(id: string): { record: CallRecord; leg: HopName } | undefined {
    for (const record of records.values()) {
      if (id === legId(record.id, 'local')) return { record, leg: 'local' }
      if (id === legId(record.id, 'trunk')) return { record, leg: 'trunk' }
    }
    return undefined
  }
}

const legId = (callId: string, leg: HopName) => `${callId}/${leg}`
