import { beforeEach, describe, expect, it } from 'vitest'
import type { Bridge } from '../../../electron/bridge/bridge.ts'
import type { ReceivedRefer } from '../../../electron/sip/types.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { type FakeDialog, FakeEndpoint, FakeIncomingInvite } from '../../fakes/sip.ts'
import { workAccount } from '../../fakes/work-account.ts'
import type { FakeMedia } from './support/fake-media.ts'
import { browserOffer, clear, FakedBridge, osrtp, savp, settle } from './support/faked-bridge.ts'

/** Orders in which legs of a running call are replaced, asked to move and joined. */

/** `preferred` with RTP/AVP and crypto first: a far end may be in clear. */
const settings: AccountSettings = {
  ...workAccount,
  encryption: 'preferred',
  preset: 'generic',
  suites: ['AES_CM_128_HMAC_SHA1_80'],
}

let faked: FakedBridge
let media: FakeMedia
let trunk: FakeEndpoint
let window: FakeEndpoint
let bridge: Bridge

beforeEach(() => {
  faked = new FakedBridge(settings)
  ;({ media, trunk, window, bridge } = faked)
})

const talking = ({ user = 'bob', answer = osrtp() } = {}) => faked.talking({ user, answer })
async function referred(far: FakeDialog) {
  const log: string[] = []
  const request: ReceivedRefer = {
    target: { uri: 'sip:carol@trunk.example', user: 'carol', host: 'trunk.example' },
    accept() {
      log.push('202')
      return (status) => log.push(`told ${status}`)
    },
    reject: (status) => log.push(`${status}`),
  }
  far.delegate?.onRefer?.(request)
  return log
}
/** The far end has asked for carol, the user has said yes, and she rings. */
async function calling(answer = osrtp()) {
  const { far, id } = await talking({ answer })
  const log = await referred(far)
  void bridge.answerMove(id, true)
  await settle()
  const carol = trunk.invites.at(-1)
  if (!carol) throw new Error('nobody was called')
  const answers = (body: string) => {
    carol.delegate.onAccepted({ status: 200, reason: 'OK', body }, carol.dialog)
    return settle()
  }
  return { far, id, log, carol, answers }
}
function replacing(far: FakeDialog, callId: string, offer = savp(9)) {
  const invite = new FakeIncomingInvite(callId, { user: 'ada', host: 'trunk.example' }, offer)
  invite.headerLines.replaces = [`${far.callId};to-tag=${far.localTag};from-tag=${far.remoteTag}`]
  bridge.ring(settings, trunk, invite)
  return invite
}
const trunkMode = () =>
  bridge
    .calls()
    .at(-1)
    ?.hops.find(({ leg }) => leg === 'trunk')?.mode
/** From now on the worker's answers to `join` come when the test says so. */
function heldJoins() {
  const replies: (() => void)[] = []
  const call = media.call.bind(media)
  media.call = async (command, input) => {
    const answer = await call(command, input)
    if (command === 'join') await new Promise<void>((resolve) => replies.push(resolve))
    return answer
  }
  return async () => {
    for (let n = 0; n < 6; n++) {
      replies.shift()?.()
      await settle()
    }
  }
}
const joins = () =>
  media.calls.filter(({ command }) => command === 'join').map(({ input }) => input as { a: string; b: string })
/** Not even for a moment is the window heard in clear. */
const joinedTo = (leg: RegExp) => joins().filter(({ a, b }) => leg.test(a) || leg.test(b))
const closed = () =>
  media.calls.filter(({ command }) => command === 'closeLeg').map(({ input }) => (input as { legId: string }).legId)

describe('an encrypted far end is never traded for one in clear', () => {
  it('when two INVITEs name the dialog of one in clear, and the second brings no key', async () => {
    const { far } = await talking({ answer: clear })
    replacing(far, 'x-1', savp(9))
    replacing(far, 'x-2', clear)
    await settle()
    expect(trunkMode()).toBe('srtp')
    expect(joinedTo(/trunk\/3$/)).toEqual([])
  })

  it('when it has become encrypted by a re-INVITE while the target rings', async () => {
    const { far, answers } = await calling(clear)
    far.delegate?.onReinvite({ offer: savp(5), accept: () => undefined, reject: () => undefined })
    await settle()
    expect(trunkMode()).toBe('srtp')
    await answers(clear)
    expect(trunkMode()).toBe('srtp')
    expect(far.byes).toBe(0)
    expect(joinedTo(/trunk\/2$/)).toEqual([])
  })

  it('when it becomes so while the worker joins the target that has answered', async () => {
    const { far, carol, answers } = await calling(clear)
    const answerJoins = heldJoins()
    await answers(clear)
    far.delegate?.onReinvite({ offer: savp(5), accept: () => undefined, reject: () => undefined })
    await settle()
    await answerJoins()
    expect(trunkMode()).toBe('srtp')
    expect([far.byes, carol.dialog.byes]).toEqual([0, 1])
  })

  it('when somebody encrypted has taken its place while the target rings', async () => {
    const { far, answers } = await calling(clear)
    replacing(far, 'x-1')
    await settle()
    await answers(clear)
    expect(trunkMode()).toBe('srtp')
  })
})

describe('two INVITEs with Replaces for one dialog (RFC 3891 §3)', () => {
  it('the second gets 481: its dialog is over, and whoever took its place is not hung up', async () => {
    const { far } = await talking()
    const [first, second] = [replacing(far, 'x-1'), replacing(far, 'x-2', savp(11))]
    await settle()
    expect(first.log[0]).toMatch(/^200 /)
    expect(second.log).toEqual(['481'])
    expect(first.dialog.byes).toBe(0)
  })

  it('the first is taken back while the worker joins both: the second one is heard', async () => {
    const { far, id } = await talking()
    const answerJoins = heldJoins()
    const [first, second] = [replacing(far, 'x-1'), replacing(far, 'x-2', savp(11))]
    await settle()
    first.onCancelled?.()
    await answerJoins()
    expect(second.log[0]).toMatch(/^200 /)
    const last = joins().at(-1)
    expect([last?.a, last?.b]).toContain(`${id}/local`)
    expect(closed().filter((legId) => legId === last?.a || legId === last?.b)).toEqual([])
  })
})

describe('a REFER of a far end whose place somebody else takes', () => {
  it('is no question to the user any more', async () => {
    const { far, id } = await talking()
    await referred(far)
    replacing(far, 'x-1')
    await settle()
    expect(bridge.calls()[0]?.asked).toBeUndefined()
    void bridge.answerMove(id, true)
    await settle()
    expect(trunk.invites).toHaveLength(1)
  })

  it('does not hang up whoever took the place when the target answers', async () => {
    const { far, carol, answers } = await calling()
    const x = replacing(far, 'x-1')
    await settle()
    expect(carol.cancelled).toBe(1)
    await answers(osrtp(13))
    expect(x.dialog.byes).toBe(0)
  })

  it('does not keep the call up when that one hangs up', async () => {
    const { far } = await calling()
    const x = replacing(far, 'x-1')
    await settle()
    x.dialog.delegate?.onBye()
    expect(bridge.calls()[0]?.state).toBe('ended')
  })
})

describe('a window that is loaded anew while the target of a REFER rings', () => {
  const reload = async (id: string) => {
    const next = new FakeEndpoint('local')
    bridge.setWindow(next)
    return async () => {
      const back = new FakeIncomingInvite('window-2', { user: id, host: 'rejoin.kedge.invalid' }, browserOffer)
      next.onInvite?.(back)
      await settle()
      return back.log.map((line) => line.slice(0, 3))
    }
  }

  it('has its call back although the far end has left; the target is joined to it', async () => {
    const { far, id, carol, answers } = await calling()
    far.delegate?.onBye()
    const comesBack = await reload(id)
    expect(await comesBack()).toEqual(['200'])
    await answers(osrtp(13))
    expect(carol.dialog.byes).toBe(0)
    expect(bridge.calls()[0]).toMatchObject({ state: 'connected', remote: { user: 'carol' } })
  })

  it('finds the target that has answered in between', async () => {
    const { far, id, carol, answers, log } = await calling()
    const comesBack = await reload(id)
    await answers(osrtp(13))
    expect(await comesBack()).toEqual(['200'])
    expect([far.byes, carol.dialog.byes, log.at(-1)]).toEqual([1, 0, 'told 200'])
  })
})

describe('two far ends that are joined here', () => {
  it('are those that the calls have when the worker has joined them', async () => {
    const [bob, dave] = [await talking({ user: 'bob' }), await talking({ user: 'dave' })]
    const answerJoins = heldJoins()
    const x = replacing(bob.far, 'x-1')
    await settle()
    const outcome = bridge.join(bob.id, dave.id).catch(() => undefined)
    await settle()
    await answerJoins()
    await outcome
    expect(x.log[0]).toMatch(/^200 /)
    const partner = new Map(
      joins().flatMap(
        ({ a, b }) =>
          [
            [a, b],
            [b, a],
          ] as const,
      ),
    )
    const heardBy = partner.get(`${bob.id}/trunk/2`) ?? ''
    expect(partner.get(heardBy)).toBe(`${bob.id}/trunk/2`)
    expect(closed()).not.toContain(heardBy)
  })
})

describe('whoever was reached by a REFER', () => {
  it('is offered a fresh key when several phones rang: the others have seen ours (case 34)', async () => {
    const { carol } = await calling()
    for (const toTag of ['a', 'b']) carol.delegate.onProgress({ status: 180, reason: 'Ringing', toTag })
    carol.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'b', body: osrtp(13) }, carol.dialog)
    await settle()
    expect(carol.dialog.offers).toHaveLength(1)
  })

  it('counts as one who has spoken SRTP (case 8)', async () => {
    const { carol, answers } = await calling()
    await answers(osrtp(13))
    carol.dialog.delegate?.onBye()
    expect((await faked.dial('carol')).sent.request.offer).toMatch(/^m=audio \d+ RTP\/SAVP /m)
  })

  it('is told where this machine is when that has changed while it was called (case 27)', async () => {
    const { carol, answers } = await calling()
    Object.assign(trunk, { localAddress: '127.0.0.2' })
    bridge.accountMoved('work', '127.0.0.2')
    await answers(osrtp(13))
    expect(carol.dialog.offers).toHaveLength(1)
  })
})

/** A caller that made no offer; the window has answered, and the ACK with its answer is still to come. */
async function withoutOffer() {
  const invite = new FakeIncomingInvite('trunk-1', { user: 'ada', host: 'trunk.example' }, undefined)
  bridge.ring(settings, trunk, invite)
  await settle()
  const [rung] = window.invites
  const answer = browserOffer.replace('a=setup:actpass', 'a=setup:active')
  rung?.delegate.onAccepted({ status: 200, reason: 'OK', body: answer }, rung.dialog)
  await settle()
  return invite
}

it('an INVITE with Replaces that meets the ACK of a caller without an offer deafens nobody', async () => {
  const invite = await withoutOffer()
  const answerJoins = heldJoins()
  const x = replacing(invite.dialog, 'x-1')
  await settle()
  invite.dialog.delegate?.onAck?.(osrtp())
  await settle()
  await answerJoins()
  expect(x.log).toHaveLength(1)
  const last = joins().at(-1)
  expect([last?.a, last?.b]).toContain(`${bridge.calls()[0]?.id}/local`)
  expect(closed().filter((legId) => legId === last?.a || legId === last?.b)).toEqual([])
})

it('a caller without an offer whose ACK comes after the user’s yes to a REFER is joined all the same', async () => {
  const invite = await withoutOffer()
  await referred(invite.dialog)
  void bridge.answerMove(bridge.calls()[0]?.id ?? '', true)
  await settle()
  invite.dialog.delegate?.onAck?.(osrtp())
  await settle()
  trunk.invites[0]?.delegate.onRejected({ status: 486, reason: 'Busy Here' })
  await settle()
  expect(bridge.calls()[0]?.state).toBe('connected')
  expect(joins()).toHaveLength(1)
})
