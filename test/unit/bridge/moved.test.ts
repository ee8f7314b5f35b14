import { beforeEach, describe, expect, it } from 'vitest'
import type { Bridge } from '../../../electron/bridge/bridge.ts'
import type { ReceivedRefer, ReferTarget } from '../../../electron/sip/types.ts'
import { KedgeError } from '../../../shared/errors.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { type FakeEndpoint, FakeIncomingInvite } from '../../fakes/sip.ts'
import { workAccount } from '../../fakes/work-account.ts'
import type { FakeMedia } from './support/fake-media.ts'
import { clear, FakedBridge, keyOf, osrtp, savp, settle } from './support/faked-bridge.ts'

const preferred: AccountSettings = { ...workAccount, encryption: 'preferred' }

let faked: FakedBridge
let media: FakeMedia
let trunk: FakeEndpoint
let window: FakeEndpoint
let bridge: Bridge

beforeEach(() => {
  faked = new FakedBridge(preferred)
  ;({ media, trunk, window, bridge } = faked)
})

const talking: FakedBridge['talking'] = (call) => faked.talking(call)

const carol: ReferTarget = { uri: 'sip:carol@trunk.example', user: 'carol', host: 'trunk.example' }

function refer(target: Partial<ReferTarget> = {}) {
  const log: string[] = []
  const request: ReceivedRefer = {
    target: { ...carol, ...target },
    referredBy: '<sip:bob@trunk.example>',
    accept() {
      log.push('202')
      return (status) => log.push(`told ${status}`)
    },
    reject: (status) => log.push(`${status}`),
  }
  return { log, request }
}

describe('a far end that asks to go on with somebody else (RFC 3515)', () => {
  it('is asked about, and nobody is called before the user has said yes', async () => {
    const { far, id } = await talking()
    const { log, request } = refer()
    far.delegate?.onRefer?.(request)
    expect(log).toEqual(['202'])
    expect(bridge.calls()[0]?.asked).toEqual({ to: { user: 'carol', domain: 'trunk.example' }, state: 'asking' })
    expect(trunk.invites).toHaveLength(1)
    await bridge.answerMove(id, false)
    expect(log).toEqual(['202', 'told 603'])
    expect(bridge.calls()[0]?.asked).toBeUndefined()
    expect(trunk.invites).toHaveLength(1)
  })

  it.each(['premium.example', 'trunk.example.attacker.test', '192.0.2.66', ''])(
    'outside of the account’s domain is refused unasked (%s): toll fraud',
    async (host) => {
      const { far, id } = await talking()
      const { log, request } = refer({ host, uri: `sip:+1900@${host}` })
      far.delegate?.onRefer?.(request)
      await bridge.answerMove(id, true)
      expect(log).toEqual(['403'])
      expect(trunk.invites).toHaveLength(1)
      expect(bridge.calls()[0]?.asked).toBeUndefined()
    },
  )

  it('is carried out on a new dialog with a key of its own; the window’s leg stays (case 50)', async () => {
    const { far, id, invite } = await talking()
    const { log, request } = refer({ replaces: { callId: 'x', toTag: 't', fromTag: 'f' } })
    far.delegate?.onRefer?.(request)
    void bridge.answerMove(id, true)
    await settle()
    const next = trunk.invites[1]
    expect(next?.request.target).toBe('sip:carol@trunk.example')
    expect(next?.request.extraHeaders).toEqual([
      'Referred-By: <sip:bob@trunk.example>',
      'Replaces: x;to-tag=t;from-tag=f',
      'Require: replaces',
    ])
    const offered = /inline:(\S+)/.exec(next?.request.offer ?? '')?.[1]
    expect(offered).not.toBe(/inline:(\S+)/.exec(trunk.invites[0]?.request.offer ?? '')?.[1])
    next?.delegate.onProgress({ status: 180, reason: 'Ringing' })
    expect(far.byes).toBe(0)
    next?.delegate.onAccepted({ status: 200, reason: 'OK', body: savp(9) }, next.dialog)
    await settle()
    expect(log).toEqual(['202', 'told 180', 'told 200'])
    expect([far.byes, next?.dialog.byes, invite.dialog.byes]).toEqual([1, 0, 0])
    expect(bridge.calls()[0]).toMatchObject({
      id,
      state: 'connected',
      localCallId: 'window-bob',
      remote: { user: 'carol' },
      passedBy: { user: 'bob' },
      security: 'establishing',
    })
    invite.dialog.delegate?.onBye()
    expect(next?.dialog.byes).toBe(1)
  })

  it('goes on when the far end hangs up meanwhile, as many do', async () => {
    const { far, id, invite } = await talking()
    far.delegate?.onRefer?.(refer().request)
    void bridge.answerMove(id, true)
    await settle()
    far.delegate?.onBye()
    expect(bridge.calls()[0]).toMatchObject({ state: 'connected', asked: { state: 'calling' } })
    const next = trunk.invites[1]
    next?.delegate.onAccepted({ status: 200, reason: 'OK', body: savp(9) }, next.dialog)
    await settle()
    expect(bridge.calls()[0]).toMatchObject({ state: 'connected', remote: { user: 'carol' } })
    expect(invite.dialog.byes).toBe(0)
  })

  it('leaves the call as it is when the target does not answer', async () => {
    const { far, id } = await talking()
    const { log, request } = refer()
    far.delegate?.onRefer?.(request)
    void bridge.answerMove(id, true)
    await settle()
    trunk.invites[1]?.delegate.onRejected({ status: 486, reason: 'Busy Here' })
    await settle()
    expect(log).toEqual(['202', 'told 486'])
    expect(bridge.calls()[0]).toMatchObject({ state: 'connected', asked: { state: 'failed', code: 'call/busy' } })
    expect(far.byes).toBe(0)
  })

  it('rings nobody’s phone any more when the user hangs up meanwhile', async () => {
    const { far, id } = await talking()
    far.delegate?.onRefer?.(refer().request)
    void bridge.answerMove(id, true)
    await settle()
    bridge.endCall(id)
    expect(trunk.invites[1]?.cancelled).toBe(1)
  })

  it.each(['openSipLeg', 'join'] as const)(
    'tells the far end when it fails here (%s), and tells it once',
    async (at) => {
      const { far, id } = await talking()
      const { log, request } = refer()
      far.delegate?.onRefer?.(request)
      media.before = (command) => {
        if (command === at) throw new KedgeError('net/unreachable', 'no port')
      }
      void bridge.answerMove(id, true)
      await settle()
      const next = trunk.invites[1]
      next?.delegate.onAccepted({ status: 200, reason: 'OK', body: savp(9) }, next.dialog)
      await settle()
      expect(log).toEqual(['202', 'told 503'])
      expect(next?.dialog.byes).toBe(at === 'join' ? 1 : undefined)
      expect(bridge.calls()[0]).toMatchObject({
        state: 'connected',
        asked: { state: 'failed', code: 'net/unreachable' },
      })
    },
  )

  it('keeps the call with the far end when the target answers and hangs up before it is joined', async () => {
    const { far, id } = await talking()
    const { log, request } = refer()
    far.delegate?.onRefer?.(request)
    void bridge.answerMove(id, true)
    await settle()
    const next = trunk.invites[1]
    media.before = (command) => {
      if (command !== 'join') return
      media.before = () => undefined
      next?.dialog.delegate?.onBye()
    }
    next?.delegate.onAccepted({ status: 200, reason: 'OK', body: savp(9) }, next.dialog)
    await settle()
    expect(log).toEqual(['202', 'told 503'])
    expect(far.byes).toBe(0)
    expect(bridge.calls()[0]).toMatchObject({ state: 'connected', remote: { user: 'bob' }, asked: { state: 'failed' } })
    const joined = media.calls.findLast(({ command }) => command === 'join')?.input as Record<'a' | 'b', string>
    expect([joined.a, joined.b].sort()).toEqual([`${id}/local`, `${id}/trunk`])
  })

  it('case 8: whoever has spoken SRTP is offered nothing else, although the call so far is in clear', async () => {
    faked.settings = { ...preferred, preset: 'generic', suites: ['AES_CM_128_HMAC_SHA1_80'] }
    const { far: carol } = await talking({ user: 'carol', answer: osrtp() })
    carol.delegate?.onBye()
    const { far, id } = await talking({ answer: clear })
    far.delegate?.onRefer?.(refer().request)
    void bridge.answerMove(id, true)
    await settle()
    expect(trunk.invites.map(({ request }) => / (RTP\/S?AVP) /.exec(request.offer)?.[1])).toEqual([
      'RTP/AVP',
      'RTP/AVP',
      'RTP/SAVP',
    ])
  })

  it('never trades an encrypted far end for one in clear, whatever the account would allow', async () => {
    const { far, id } = await talking()
    far.delegate?.onRefer?.(refer().request)
    void bridge.answerMove(id, true)
    await settle()
    const next = trunk.invites[1]
    next?.delegate.onAccepted({ status: 200, reason: 'OK', body: clear }, next.dialog)
    await settle()
    expect(next?.dialog.byes).toBe(1)
    expect(bridge.calls()[0]).toMatchObject({ state: 'connected', remote: { user: 'bob' }, asked: { state: 'failed' } })
    expect(far.byes).toBe(0)
  })
})

describe('an INVITE with Replaces (RFC 3891)', () => {
  async function replacing(headers: readonly string[], offer: string | undefined = savp(9)) {
    const invite = new FakeIncomingInvite('trunk-9', { user: 'ada', host: 'trunk.example' }, offer)
    invite.headerLines.replaces = headers
    bridge.ring(preferred, trunk, invite)
    await settle()
    return invite
  }
  const naming = ({ callId, localTag, remoteTag }: { callId: string; localTag: string; remoteTag: string }) =>
    `${callId};to-tag=${localTag};from-tag=${remoteTag}`

  it('takes the place of a running call’s far end: answered with a key of its own, the old dialog ends', async () => {
    const { far, invite, id } = await talking()
    const next = await replacing([naming(far)])
    expect(next.log[0]).toMatch(/^200 v=0[\s\S]*RTP\/SAVP/)
    expect(next.log[0]).not.toContain(keyOf(7))
    expect([far.byes, invite.dialog.byes]).toEqual([1, 0])
    expect(window.invites).toHaveLength(0)
    expect(bridge.calls()).toHaveLength(1)
    expect(bridge.calls()[0]).toMatchObject({ id, localCallId: 'window-bob', passedBy: { user: 'bob' } })
    next.dialog.delegate?.onBye()
    expect(invite.dialog.byes).toBe(1)
  })

  it('of a far end whose own BYE comes before the ACK that ours waits for goes on all the same', async () => {
    const { far, invite } = await talking()
    const first = await replacing([naming(far)])
    const second = await replacing([naming(first.dialog)])
    first.dialog.delegate?.onBye()
    expect(bridge.calls()[0]?.state).toBe('connected')
    expect([second.dialog.byes, invite.dialog.byes]).toEqual([0, 0])
  })

  it.each([
    ['a dialog that is not ours', 'x;to-tag=local;from-tag=remote', '481'],
    ['tags the wrong way round', 'callee-1;to-tag=remote;from-tag=local', '481'],
    ['no tags', 'callee-1', '400'],
    ['early-only, while the call is up', 'callee-1;to-tag=local;from-tag=remote;early-only', '486'],
  ])('that names %s changes nothing', async (_what, header, status) => {
    const { far } = await talking()
    expect((await replacing([header])).log).toEqual([status])
    expect(far.byes).toBe(0)
    expect(bridge.calls()).toMatchObject([{ state: 'connected', remote: { user: 'bob' } }])
    expect(window.invites).toHaveLength(0)
  })

  it('twice in one INVITE is refused', async () => {
    const { far } = await talking()
    expect((await replacing([naming(far), naming(far)])).log).toEqual(['400'])
  })

  it('never answers a call that the user has not answered', async () => {
    const ringing = new FakeIncomingInvite('trunk-1', { user: 'ada', host: 'trunk.example' }, savp())
    bridge.ring(preferred, trunk, ringing)
    await settle()
    expect((await replacing(['trunk-1;to-tag=local;from-tag=remote'])).log).toEqual(['481'])
    expect(ringing.log).toEqual([])
    expect(window.invites).toHaveLength(1)
  })

  it('in clear does not take the place of an encrypted call; the call goes on', async () => {
    const { far } = await talking()
    expect((await replacing([naming(far)], clear)).log).toEqual(['488'])
    expect(far.byes).toBe(0)
    expect(bridge.calls()).toMatchObject([{ state: 'connected', remote: { user: 'bob' } }])
  })
})
