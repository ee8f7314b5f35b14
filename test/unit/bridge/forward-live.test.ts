import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AccountSettings, Forwarding } from '../../../shared/model/account.ts'
import { FakeEndpoint } from '../../fakes/sip.ts'
import { cryptoOf, mediaOf, type TrunkPhone } from '../../fakes/trunk-phone.ts'
import { until } from '../media/worker/support/until.ts'
import { ask, carries, LiveBridge } from './support/live-bridge.ts'

/** Calls that go on to another SIP target through this machine: secure in, secure out, on real media legs. */
let kedge: LiveBridge
let caller: TrunkPhone
let callee: TrunkPhone
const settle = async () => {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve))
}

async function open(forwarding: Forwarding, change: Partial<AccountSettings> = {}): Promise<void> {
  kedge = await LiveBridge.open({ forwarding, ...change })
  caller = await kedge.trunkPhone()
  callee = await kedge.trunkPhone()
}
beforeEach(() => open({ always: { target: 'bob' } }))
afterEach(() => kedge.close())

const invited = async () => {
  await until(() => kedge.trunk.invites.length > 0, 'the target is invited')
  const sent = kedge.trunk.invites.at(-1)
  if (sent === undefined) throw new Error('not invited')
  return sent
}

describe('a forwarded call', () => {
  test('is RTP/SAVP on both hops with keys of their own, carries sound both ways, and is shown per hop (case 50)', async () => {
    const invite = kedge.ring(caller.sdp())
    const sent = await invited()
    expect(kedge.window.invites).toEqual([])
    expect(sent.request).toMatchObject({ target: 'sip:bob@trunk.example', maxForwards: 69 })
    expect(sent.request.extraHeaders).toEqual(['Diversion: <sip:ada@trunk.example>;reason=unconditional;counter=1'])
    expect(mediaOf(sent.request.offer)).toEqual([expect.stringContaining('RTP/SAVP 0')])
    callee.read(sent.request.offer, 1)
    sent.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'a', body: callee.sdp() }, sent.dialog)
    await until(() => invite.log.length > 0, 'the caller is answered')
    caller.read(invite.log[0]?.slice(4) ?? '')
    const keys = [caller.sdp(), callee.sdp(), sent.request.offer, invite.log[0] ?? ''].flatMap(cryptoOf)
    expect(new Set(keys).size).toBe(4)
    await carries(caller.peer, callee.peer)
    await carries(callee.peer, caller.peer)
    await until(() => kedge.bridge.forwarded()[0]?.security === 'proven', 'proven on both hops')
    expect(kedge.bridge.calls()).toEqual([])
    expect(kedge.bridge.forwarded()).toMatchObject([
      {
        direction: 'forwarded',
        state: 'connected',
        localCallId: '',
        forwardedTo: { user: 'bob', domain: 'trunk.example', accountId: 'work' },
        hops: [
          { leg: 'trunk', mode: 'srtp', profile: 'RTP/SAVP' },
          { leg: 'target', mode: 'srtp', profile: 'RTP/SAVP' },
        ],
      },
    ])
    invite.dialog.delegate?.onBye()
    expect(sent.dialog.byes).toBe(1)
  })

  test.each([
    [488, 'Not Acceptable Here'],
    [606, 'Not Acceptable'],
  ])(
    'of a secure caller is refused with the reason when the target answers %i, and never tried in clear',
    async (status, reason) => {
      const invite = kedge.ring(caller.sdp())
      ;(await invited()).delegate.onRejected({ status, reason })
      await settle()
      expect(invite.log).toEqual(['488'])
      expect(kedge.trunk.invites).toHaveLength(1)
      expect(kedge.bridge.forwarded()).toMatchObject([{ end: { code: 'security/trunk-refuses-encryption' } }])
    },
  )

  test('ends before a packet is sent when the target answers in clear', async () => {
    const plain = await kedge.plainPhone()
    const invite = kedge.ring(caller.sdp())
    const sent = await invited()
    plain.read(sent.request.offer)
    sent.delegate.onAccepted({ status: 200, reason: 'OK', body: plain.sdp() }, sent.dialog)
    await until(() => invite.log.length > 0, 'refused')
    expect(invite.log).toEqual(['488'])
    expect(sent.dialog.byes).toBe(1)
    await delay(60)
    expect(plain.peer.received).toEqual([])
  })

  test('is refused where the way on could be read by others: keys never travel in clear', async () => {
    kedge.accounts.udp = {
      settings: { ...kedge.settings, id: 'udp', encryption: 'off' },
      endpoint: new FakeEndpoint('udp'),
    }
    kedge.accounts.work = {
      settings: { ...kedge.settings, forwarding: { always: { target: 'bob', accountId: 'udp' } } },
      endpoint: kedge.trunk,
    }
    const invite = kedge.ring(caller.sdp())
    await settle()
    expect(invite.log).toEqual(['488'])
  })

  test('goes out through another account where the settings say so', async () => {
    const other = new FakeEndpoint('tls')
    kedge.accounts.other = { settings: { ...kedge.settings, id: 'other', domain: 'other.example' }, endpoint: other }
    kedge.accounts.work = {
      settings: { ...kedge.settings, forwarding: { always: { target: '+44 20 7946 0018', accountId: 'other' } } },
      endpoint: kedge.trunk,
    }
    kedge.ring(caller.sdp())
    await until(() => other.invites.length > 0, 'invited')
    expect(other.invites[0]?.request.target).toBe('sip:+442079460018@other.example')
    expect(kedge.trunk.invites).toEqual([])
  })

  test('that has gone in a circle is refused with 482', async () => {
    const invite = kedge.ring(caller.sdp())
    await settle()
    expect(invite.log).toEqual([])
    const looping = kedge.ring(caller.sdp(), { diversion: ['<sip:a@b>;counter=5'] })
    expect(looping.log).toEqual(['482'])
  })

  test('is ended by its user', async () => {
    const invite = kedge.ring(caller.sdp())
    const sent = await invited()
    kedge.bridge.endCall(kedge.bridge.forwarded()[0]?.id ?? '')
    expect(sent.cancelled).toBe(1)
    expect(invite.log).toEqual(['480'])
    expect(kedge.bridge.forwarded()).toMatchObject([{ end: { by: 'user', code: 'call/hung-up' } }])
  })

  test('of a secure caller is never talked down later, whatever the policy (case 28)', async () => {
    kedge.close()
    await open({ always: { target: 'bob' } }, { encryption: 'off' })
    const invite = kedge.ring(caller.sdp())
    const sent = await invited()
    callee.read(sent.request.offer, 1)
    sent.delegate.onAccepted({ status: 200, reason: 'OK', body: callee.sdp() }, sent.dialog)
    await until(() => invite.log.length > 0, 'answered')
    caller.read(invite.log[0]?.slice(4) ?? '')
    expect(await ask(sent.dialog, callee.sdp({ profile: 'RTP/AVP', crypto: [] }))).toBe('488')
    await carries(caller.peer, callee.peer)
  })

  test('outlives the window', async () => {
    kedge.ring(caller.sdp())
    await invited()
    kedge.bridge.setWindow(undefined)
    expect(kedge.bridge.forwarded()).toMatchObject([{ state: 'calling' }])
  })
})

describe('a call that rings the window first', () => {
  const rung = async () => {
    await until(() => kedge.window.invites.length > 0, 'the window rings')
    const found = kedge.window.invites[0]
    if (found === undefined) throw new Error('not rung')
    return found
  }

  test('goes on when the window is busy', async () => {
    kedge.close()
    await open({ busy: { target: 'bob' } })
    kedge.ring(caller.sdp())
    const { delegate } = await rung()
    expect(kedge.bridge.calls()).toMatchObject([{ direction: 'incoming' }])
    delegate.onRejected({ status: 486, reason: 'Busy Here' })
    const sent = await invited()
    expect(sent.request.extraHeaders?.[0]).toContain('reason=user-busy')
    expect(kedge.bridge.calls()).toEqual([])
    expect(kedge.bridge.forwarded()).toMatchObject([{ direction: 'forwarded', state: 'calling' }])
  })

  test('goes on when nobody answers in time: the window stops ringing, and what it says late means nothing', async () => {
    kedge.close()
    await open({ noAnswer: { target: 'bob', afterS: 15 } })
    const invite = kedge.ring(caller.sdp())
    const local = await rung()
    local.delegate.onProgress({ status: 180, reason: 'Ringing' })
    kedge.clock.skip((delayMs) => delayMs === 15_000)
    expect(local.cancelled).toBe(1)
    const sent = await invited()
    local.delegate.onRejected({ status: 487, reason: 'Request Terminated' })
    callee.read(sent.request.offer, 1)
    sent.delegate.onAccepted({ status: 200, reason: 'OK', body: callee.sdp() }, sent.dialog)
    await until(() => invite.log.length > 1, 'the caller is answered')
    caller.read(invite.log[1]?.slice(4) ?? '')
    await carries(caller.peer, callee.peer)
    await carries(callee.peer, caller.peer)
  })

  test('stays with the window that has answered', async () => {
    kedge.close()
    await open({ noAnswer: { target: 'bob', afterS: 15 } })
    const window = await kedge.windowPhone()
    const invite = kedge.ring(caller.sdp())
    const local = await rung()
    window.read(local.request.offer)
    local.delegate.onAccepted({ status: 200, reason: 'OK', body: window.answer() }, local.dialog)
    await until(() => invite.log.length > 0, 'answered')
    kedge.clock.skip((delayMs) => delayMs === 15_000)
    expect(kedge.trunk.invites).toEqual([])
    expect(kedge.bridge.calls()).toMatchObject([{ state: 'connected' }])
  })

  test('goes on when there is no window', async () => {
    kedge.close()
    await open({ unreachable: { target: 'bob' } })
    kedge.bridge.setWindow(undefined)
    kedge.ring(caller.sdp())
    expect((await invited()).request.extraHeaders?.[0]).toContain('reason=unavailable')
  })

  test('ends as busy when it cannot go on', async () => {
    kedge.close()
    await open({ busy: { target: 'bob', accountId: 'gone' } })
    const invite = kedge.ring(caller.sdp())
    ;(await rung()).delegate.onRejected({ status: 486, reason: 'Busy Here' })
    await settle()
    expect(invite.log).toEqual(['486'])
    expect(kedge.bridge.calls()).toMatchObject([{ end: { code: 'call/busy' } }])
  })
})

describe('two calls of the window that are joined', () => {
  async function twoCalls() {
    const [first, second] = [await kedge.connected(caller), await kedge.connected(callee)]
    const [a, b] = kedge.bridge.calls()
    return { first, second, a: a?.id ?? '', b: b?.id ?? '' }
  }

  test('become one between their far ends, encrypted in and out; the window is out of both (case 50)', async () => {
    const { first, second, a, b } = await twoCalls()
    await kedge.bridge.join(a, b)
    expect([first.invite.dialog.byes, second.invite.dialog.byes]).toEqual([1, 1])
    expect([first.sent.dialog.byes, second.sent.dialog.byes]).toEqual([0, 0])
    await carries(caller.peer, callee.peer)
    await carries(callee.peer, caller.peer)
    expect(kedge.bridge.calls()).toMatchObject([
      { end: { code: 'call/transferred' } },
      { end: { code: 'call/transferred' } },
    ])
    await until(() => kedge.bridge.forwarded()[0]?.security === 'proven', 'proven on both hops')
    first.sent.dialog.delegate?.onBye()
    expect(second.sent.dialog.byes).toBe(1)
    expect(kedge.bridge.forwarded()).toMatchObject([{ state: 'ended', end: { by: 'remote' } }])
  })

  test('come off the hold that the window had put one of them on', async () => {
    const { first, a, b } = await twoCalls()
    await ask(first.invite.dialog, first.window.offer({ direction: 'sendonly' }))
    first.sent.dialog.offers[0]?.respond({ status: 200, reason: 'OK', body: caller.sdp({ direction: 'recvonly' }) })
    await until(() => first.sent.dialog.offers.length === 1, 'held')
    await carries(first.window.client, caller.peer)
    await kedge.bridge.join(a, b)
    await until(() => first.sent.dialog.offers.length === 2, 'taken back')
    expect(first.sent.dialog.offers[1]?.offer).toContain('a=sendrecv')
    first.sent.dialog.offers[1]?.respond({ status: 200, reason: 'OK', body: caller.sdp() })
    await carries(callee.peer, caller.peer)
  })

  test('can be ended by the user', async () => {
    const { first, second, a, b } = await twoCalls()
    await kedge.bridge.join(a, b)
    kedge.bridge.endCall(kedge.bridge.forwarded()[0]?.id ?? '')
    expect([first.sent.dialog.byes, second.sent.dialog.byes]).toEqual([1, 1])
  })

  test('are refused when one is in clear, and both go on', async () => {
    const { window, sent } = await kedge.connected(caller)
    const clear = new FakeEndpoint('tls')
    kedge.accounts.work = { settings: { ...kedge.settings, encryption: 'off' }, endpoint: clear }
    const plain = await kedge.plainPhone()
    const other = await kedge.windowPhone()
    const invite = kedge.incomingFromWindow(other.offer())
    await until(() => clear.invites.length > 0, 'invited')
    const second = clear.invites[0]
    plain.read(second?.request.offer ?? '')
    second?.delegate.onAccepted({ status: 200, reason: 'OK', body: plain.sdp() }, second.dialog)
    await until(() => invite.log.length > 0, 'answered')
    const [a, b] = kedge.bridge.calls()
    await expect(kedge.bridge.join(a?.id ?? '', b?.id ?? '')).rejects.toMatchObject({
      code: 'call/other-not-encrypted',
    })
    expect(sent.dialog.byes).toBe(0)
    await carries(caller.peer, window.client)
  })

  test('must be two, and connected', async () => {
    const { a } = await twoCalls()
    await expect(kedge.bridge.join(a, a)).rejects.toMatchObject({ code: 'call/not-connected' })
    await expect(kedge.bridge.join(a, 'nobody')).rejects.toMatchObject({ code: 'call/not-connected' })
  })
})
