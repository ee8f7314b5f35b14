import { beforeEach, describe, expect, it } from 'vitest'
import type { Bridge } from '../../../electron/bridge/bridge.ts'
import type { FakeEndpoint } from '../../fakes/sip.ts'
import type { FakeMedia } from './support/fake-media.ts'
import { clear, FakedBridge, savp, settle } from './support/faked-bridge.ts'

let faked: FakedBridge
let media: FakeMedia
let trunk: FakeEndpoint
let bridge: Bridge

beforeEach(() => {
  faked = new FakedBridge()
  ;({ media, trunk, bridge } = faked)
})

const talking = (user: string) => faked.talking({ user })
const view = (id: string) => bridge.calls().find((call) => call.id === id)

describe('a call that is passed on (case 50)', () => {
  it('is left when the far end tells that the other one has answered, and not before', async () => {
    const { id, invite, far } = await talking('bob')
    bridge.transfer(id, { dialled: '+44 20 7946 0018' })
    const [refer] = far.refers
    expect(refer?.target.uri).toBe('sip:+442079460018@trunk.example')
    expect(view(id)?.transfer).toMatchObject({ state: 'asking', to: { user: '+442079460018' } })
    refer?.delegate.onAnswered({ status: 202, reason: 'Accepted' }, false)
    refer?.delegate.onProgress({ status: 180, reason: 'Ringing' })
    expect(view(id)?.transfer?.state).toBe('ringing')
    expect([far.byes, invite.dialog.byes]).toEqual([0, 0])
    refer?.delegate.onProgress({ status: 200, reason: 'OK' })
    refer?.delegate.onOver()
    expect([far.byes, invite.dialog.byes]).toEqual([1, 1])
    expect(view(id)).toMatchObject({ state: 'ended', end: { by: 'user', code: 'call/passed-on' } })
  })

  it.each([
    [486, 'call/busy'],
    [404, 'call/not-found'],
    [603, 'call/declined'],
  ])('stays when the other one says %i', async (status, code) => {
    const { id, far } = await talking('bob')
    bridge.transfer(id, { dialled: 'carol' })
    far.refers[0]?.delegate.onAnswered({ status: 202, reason: 'Accepted' }, false)
    far.refers[0]?.delegate.onProgress({ status, reason: '' })
    far.refers[0]?.delegate.onOver()
    expect(view(id)).toMatchObject({ state: 'connected', transfer: { state: 'failed', code, sipStatus: status } })
    expect(view(id)?.transfer?.here).toBeUndefined()
    expect(far.byes).toBe(0)
  })

  it('stays when nobody tells what became of it', async () => {
    const { id, far } = await talking('bob')
    bridge.transfer(id, { dialled: 'carol' })
    far.refers[0]?.delegate.onAnswered({ status: 202, reason: 'Accepted' }, false)
    far.refers[0]?.delegate.onOver()
    expect(view(id)).toMatchObject({ state: 'connected', transfer: { code: 'call/transfer-unknown' } })
  })

  it('waits no longer than a phone rings', async () => {
    const { id, far } = await talking('bob')
    bridge.transfer(id, { dialled: 'carol' })
    far.refers[0]?.delegate.onAnswered({ status: 202, reason: 'Accepted' }, false)
    for (const { delayMs, action } of faked.waits.splice(0)) if (delayMs === 180_000) action()
    expect(view(id)).toMatchObject({ state: 'connected', transfer: { code: 'call/transfer-unknown' } })
    // News that come after all are news of nothing.
    far.refers[0]?.delegate.onProgress({ status: 200, reason: 'OK' })
    expect(view(id)?.state).toBe('connected')
  })

  it.each([403, 405, 501, 603])(
    'is offered to be connected here when the far end says %i to the REFER',
    async (status) => {
      const { id, far } = await talking('bob')
      bridge.transfer(id, { dialled: 'carol' })
      far.refers[0]?.delegate.onAnswered({ status, reason: '' }, false)
      expect(view(id)?.transfer).toMatchObject({ state: 'failed', code: 'call/transfer-refused', here: true })
    },
  )

  it('names the other call by Replaces, as its far end knows it, and ends both calls at once', async () => {
    const [bob, carol] = [await talking('bob'), await talking('carol')]
    bridge.transfer(bob.id, { otherId: carol.id })
    expect(bob.far.refers[0]?.target).toMatchObject({
      uri: 'sip:remote@example.com',
      replaces: { callId: carol.far.callId, toTag: 'remote', fromTag: 'local' },
    })
    bob.far.refers[0]?.delegate.onProgress({ status: 200, reason: 'OK' })
    expect([view(bob.id)?.end?.code, view(carol.id)?.end?.code]).toEqual(['call/passed-on', 'call/passed-on'])
    expect([bob.far.byes, carol.far.byes]).toEqual([1, 1])
  })

  it('reaches a far end by its Contact where that is globally routable (RFC 5589 §7.3)', async () => {
    const [bob, carol] = [await talking('bob'), await talking('carol')]
    carol.far.remoteTarget = 'sip:carol@trunk.example;gr=urn:uuid:1'
    bridge.transfer(bob.id, { otherId: carol.id })
    expect(bob.far.refers[0]?.target.uri).toBe('sip:carol@trunk.example;gr=urn:uuid:1')
  })

  it('is refused for a call that is not up, and for what cannot be called', async () => {
    const { id } = await talking('bob')
    expect(() => bridge.transfer('nothing', { dialled: 'carol' })).toThrow(
      expect.objectContaining({ code: 'call/not-connected' }),
    )
    expect(() => bridge.transfer(id, { otherId: id })).toThrow(expect.objectContaining({ code: 'call/not-connected' }))
    expect(() => bridge.transfer(id, { dialled: ' ' })).toThrow(expect.objectContaining({ code: 'call/bad-target' }))
  })
})

describe('two calls that are joined', () => {
  it('stay what they are when one of them ends in that moment: the other one is heard again', async () => {
    const [bob, carol] = [await talking('bob'), await talking('carol')]
    media.before = (command) => {
      if (command !== 'join') return
      media.before = () => undefined
      bob.far.delegate?.onBye()
    }
    await expect(bridge.join(bob.id, carol.id)).rejects.toMatchObject({ code: 'call/not-connected' })
    expect(view(carol.id)?.state).toBe('connected')
    expect(carol.far.byes).toBe(0)
    const joined = media.calls.findLast(({ command }) => command === 'join')?.input as Record<'a' | 'b', string>
    expect([joined.a, joined.b].sort()).toEqual([`${carol.id}/local`, `${carol.id}/trunk`])
  })
})

describe('a transfer that is carried out here', () => {
  async function refused() {
    const call = await talking('bob')
    bridge.transfer(call.id, { dialled: 'carol' })
    call.far.refers[0]?.delegate.onAnswered({ status: 405, reason: '' }, false)
    void bridge.transferHere(call.id)
    await settle()
    const target = trunk.invites.at(-1)
    if (!target) throw new Error('nobody was invited')
    return { ...call, target }
  }

  it('calls the target in encryption with a key of its own, and joins the two when it answers', async () => {
    const { id, far, invite, target } = await refused()
    expect(target.request).toMatchObject({ target: 'sip:carol@trunk.example' })
    expect(target.request.offer).toMatch(/^m=audio \d+ RTP\/SAVP /m)
    expect([far.byes, invite.dialog.byes]).toEqual([0, 0])
    target.delegate.onAccepted({ status: 200, reason: 'OK', body: savp() }, target.dialog)
    await settle()
    expect([far.byes, invite.dialog.byes]).toEqual([0, 1])
    expect(view(id)?.end?.code).toBe('call/transferred')
    expect(bridge.forwarded()).toMatchObject([{ state: 'connected', forwardedTo: { user: 'carol' } }])
    target.dialog.delegate?.onBye()
    expect(far.byes).toBe(1)
  })

  it('rings the target once, however often it is asked for', async () => {
    const { id, target } = await refused()
    void bridge.transferHere(id)
    target.delegate.onProgress({ status: 180, reason: 'Ringing' })
    void bridge.transferHere(id)
    await settle()
    expect(trunk.invites.at(-1)).toBe(target)
    expect(view(id)?.transfer?.state).toBe('ringing')
  })

  it('takes the answer of a 183 where the 200 has none (RFC 3261 13.2.1)', async () => {
    const { target } = await refused()
    target.delegate.onProgress({ status: 183, reason: 'Session Progress', toTag: 'c', body: savp() })
    await settle()
    const connected = () =>
      media.calls.filter(
        ({ command, input }) => command === 'connectSipLeg' && /target$/.test((input as { legId: string }).legId),
      )
    expect(connected()).toEqual([])
    target.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'c' }, target.dialog)
    await settle()
    expect(connected()).toHaveLength(1)
    expect(bridge.forwarded()).toMatchObject([{ state: 'connected', forwardedTo: { user: 'carol' } }])
  })

  it('is no end of the call when the target does not take it', async () => {
    const { id, far, target } = await refused()
    target.delegate.onRejected({ status: 486, reason: 'Busy Here' })
    await settle()
    expect(view(id)).toMatchObject({ state: 'connected', transfer: { state: 'failed', code: 'call/busy' } })
    expect(far.byes).toBe(0)
  })

  it.each(['the user', 'the far end'])('rings nobody’s phone any more when %s hangs up meanwhile', async (who) => {
    const { id, far, target } = await refused()
    if (who === 'the user') bridge.endCall(id)
    else far.delegate?.onBye()
    expect(target.cancelled).toBe(1)
    target.delegate.onRejected({ status: 487, reason: 'Request Terminated' })
    await settle()
    expect(media.calls.findLast(({ command }) => command === 'closeLeg')?.input).toEqual({
      legId: expect.stringMatching(/target$/),
    })
  })

  it('is no end of the call when the target answers and hangs up before it is joined', async () => {
    const { id, far, target } = await refused()
    media.before = (command) => {
      if (command !== 'join') return
      media.before = () => undefined
      target.dialog.delegate?.onBye()
    }
    target.delegate.onAccepted({ status: 200, reason: 'OK', body: savp() }, target.dialog)
    await settle()
    expect(view(id)).toMatchObject({ state: 'connected', transfer: { state: 'failed', code: 'call/not-connected' } })
    expect(far.byes).toBe(0)
    expect(bridge.forwarded()).toEqual([])
    const joined = media.calls.findLast(({ command }) => command === 'join')?.input as Record<'a' | 'b', string>
    expect([joined.a, joined.b].sort()).toEqual([`${id}/local`, `${id}/trunk`])
  })

  it('never joins an encrypted call with one in clear', async () => {
    const { id, far, target } = await refused()
    target.delegate.onAccepted({ status: 200, reason: 'OK', body: clear }, target.dialog)
    await settle()
    expect(target.dialog.byes).toBe(1)
    expect(view(id)).toMatchObject({
      state: 'connected',
      transfer: { state: 'failed', code: 'security/answer-not-encrypted' },
    })
    expect(far.byes).toBe(0)
  })
})
