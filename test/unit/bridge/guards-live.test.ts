import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createBridge } from '../../../electron/bridge/bridge.ts'
import { SecurityLog } from '../../../electron/bridge/security-log.ts'
import { systemClock } from '../../../electron/sip/clock.ts'
import type { ReceivedRefer } from '../../../electron/sip/types.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { noCounters } from '../../../shared/model/call.ts'
import { FakeEndpoint, FakeIncomingInvite } from '../../fakes/sip.ts'
import { cryptoOf, mediaOf } from '../../fakes/trunk-phone.ts'
import { workAccount } from '../../fakes/work-account.ts'
import { until } from '../media/worker/support/until.ts'
import { FakeMedia } from './support/fake-media.ts'
import { ask, carries, LiveBridge, stops } from './support/live-bridge.ts'

let kedge: LiveBridge | undefined
afterEach(() => {
  kedge?.close()
  kedge = undefined
})

const refuse = { status: 488, reason: 'Not Acceptable Here' }
const settle = async () => {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve))
}
const keyOf = (sdp: string) => /inline:(\S+)/.exec(cryptoOf(sdp)[0] ?? '')?.[1]
const connectionOf = (sdp: string) => /^c=IN IP4 (.*)\r$/m.exec(sdp)?.[1]

test('a trunk in clear that names a private address is heard from where it sends, where the account says so', async () => {
  for (const takesFirstSource of [true, false]) {
    kedge = await LiveBridge.open({ encryption: 'off', takesFirstSource })
    const trunk = await kedge.plainPhone()
    const window = await kedge.windowPhone()
    const { invite, sent } = await kedge.dial(window)
    trunk.read(sent.request.offer)
    const body = trunk.sdp({ address: '192.168.7.7' })
    sent.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'a', body }, sent.dialog)
    await until(() => invite.log.length > 0, 'the window is answered')
    window.read(invite.log.at(-1) ?? '')
    await window.connect()
    if (takesFirstSource) {
      await carries(trunk.peer, window.client)
      await carries(window.client, trunk.peer)
    } else await stops(trunk.peer, window.client)
    kedge.close()
    kedge = undefined
  }
})

test('a hold that meets a move names the new address under a key that was never used at the old one', async () => {
  kedge = await LiveBridge.open()
  const trunk = await kedge.trunkPhone()
  const { window, invite, sent } = await kedge.connected(trunk)
  kedge.bridge.accountMoved('work', '127.0.0.2')
  await until(() => sent.dialog.offers.length === 1, 'the offer to move')
  sent.dialog.offers[0]?.respond({ status: 500, reason: 'Not now' })
  const { clock } = kedge
  await until(() => clock.waits.some(({ taken, delayMs }) => !taken && delayMs === 1000), 'it waits for the next try')
  await ask(invite.dialog, window.offer().replace('a=sendrecv', 'a=sendonly'))
  await until(() => sent.dialog.offers.length === 2, 'the hold is passed on')
  const offer = sent.dialog.offers[1]?.offer ?? ''
  expect(offer).toMatch(/a=(?:sendonly|inactive)/)
  expect(connectionOf(offer)).toBe('127.0.0.2')
  expect(keyOf(offer)).not.toBe(keyOf(sent.request.offer))
})

test('a call of two joined far ends is never talked down, although the account’s policy is off', async () => {
  const live = await LiveBridge.open({ encryption: 'off' })
  kedge = live
  const called = async () => {
    const [phone, window] = [await live.trunkPhone(), await live.windowPhone()]
    const before = live.window.invites.length
    const invite = live.ring(phone.sdp())
    await until(() => live.window.invites.length > before, 'the window rings')
    const rung = live.window.invites.at(-1)
    window.read(rung?.request.offer ?? '')
    rung?.delegate.onAccepted({ status: 200, reason: 'OK', body: window.answer() }, rung.dialog)
    await until(() => invite.log.length > 0, 'answered')
    phone.read(invite.log.at(-1)?.slice(4) ?? '')
    return { phone, dialog: invite.dialog }
  }
  const [one, other] = [await called(), await called()]
  const [a = '', b = ''] = live.bridge.calls().map(({ id }) => id)
  await live.bridge.join(a, b)
  await carries(one.phone.peer, other.phone.peer)
  expect(await ask(one.dialog, one.phone.sdp({ profile: 'RTP/AVP', crypto: [] }))).toBe('488')
  await carries(one.phone.peer, other.phone.peer)
})

test('once encrypted early media was passed on, an answer in clear is not followed by a call in clear', async () => {
  kedge = await LiveBridge.open({ encryption: 'preferred', preset: 'freeswitch', clearAllowed: true })
  const [trunk, plain] = [await kedge.trunkPhone('AEAD_AES_256_GCM'), await kedge.plainPhone()]
  const { invite, sent } = await kedge.dial(await kedge.windowPhone())
  trunk.read(sent.request.offer, 1)
  sent.delegate.onProgress({ status: 183, reason: 'Session Progress', toTag: 'a', body: trunk.sdp() })
  await until(() => invite.log.some((line) => line.startsWith('183 ')), 'early media is passed on')
  plain.read(sent.request.offer)
  sent.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'a', body: plain.sdp() }, sent.dialog)
  await until(() => invite.log.at(-1) === '488', 'the window is told')
  await settle()
  expect(sent.dialog.byes).toBe(1)
  expect(kedge.trunk.invites).toHaveLength(1)
})

describe('without a network', () => {
  const browserOffer = readFileSync(
    join(import.meta.dirname, '../../fixtures/sdp/chromium-156-audio-offer.sdp'),
    'utf8',
  )
  const sdp = (fill: number, profile = 'RTP/SAVP') =>
    `v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 5000 ${profile} 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${Buffer.alloc(30, fill).toString('base64')}\r\n`
  const clear = sdp(7, 'RTP/AVP').replace(/a=crypto.*\r\n/, '')

  function open(change: Partial<AccountSettings>) {
    const settings = { ...workAccount, ...change }
    const [trunk, window] = [new FakeEndpoint('tls'), new FakeEndpoint('local')]
    const bridge = createBridge({
      media: new FakeMedia(),
      clock: { now: systemClock.now, after: () => () => undefined },
      onChange: () => undefined,
      account: () => ({ settings, endpoint: trunk }),
    })
    bridge.setWindow(window)
    const talking = async (answer: string) => {
      const invite = new FakeIncomingInvite(
        'window-1',
        { user: 'bob', host: 'work.accounts.kedge.invalid' },
        browserOffer,
      )
      window.onInvite?.(invite)
      await settle()
      const sent = trunk.invites.at(-1)
      sent?.delegate.onAccepted({ status: 200, reason: 'OK', body: answer }, sent.dialog)
      await settle()
      return { far: sent?.dialog, id: bridge.calls().at(-1)?.id ?? '' }
    }
    return { bridge, trunk, window, settings, talking }
  }

  test.each(['127.0.0.1', '0.0.0.0'])(
    'a call that names %s for its media does not ring: nothing could be sent there',
    async (address) => {
      const { bridge, trunk, window, settings } = open({})
      Object.assign(trunk, { localAddress: '192.0.2.9' })
      const offer = sdp(7).replaceAll('192.0.2.1', address)
      const invite = new FakeIncomingInvite('trunk-1', { user: 'ada', host: 'trunk.example' }, offer)
      bridge.ring(settings, trunk, invite)
      await settle()
      expect(invite.log).toEqual(['488'])
      expect(window.invites).toEqual([])
    },
  )

  test('nor does one that keys by DTLS', async () => {
    const { bridge, trunk, window, settings } = open({})
    Object.assign(trunk, { localAddress: '192.0.2.9' })
    const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':')
    const offer = sdp(7, 'UDP/TLS/RTP/SAVP')
      .replace(/a=crypto.*/, `a=fingerprint:sha-256 ${fingerprint}\r\na=setup:actpass`)
      .replaceAll('192.0.2.1', '127.0.0.1')
    const invite = new FakeIncomingInvite('trunk-1', { user: 'ada', host: 'trunk.example' }, offer)
    bridge.ring(settings, trunk, invite)
    await settle()
    expect(invite.log).toEqual(['488'])
    expect(window.invites).toEqual([])
  })

  test('a callee that answers when another has taken its place is said goodbye to', async () => {
    const { bridge, trunk, window, settings } = open({ forwarding: { busy: { target: 'carol' } } })
    const invite = new FakeIncomingInvite('trunk-1', { user: 'ada', host: 'trunk.example' }, sdp(7))
    bridge.ring(settings, trunk, invite)
    await settle()
    const [rung] = window.invites
    rung?.delegate.onRejected({ status: 486, reason: 'Busy Here' })
    await settle()
    expect(trunk.invites).toHaveLength(1)
    // The 200 of the window has crossed our CANCEL.
    rung?.delegate.onAccepted({ status: 200, reason: 'OK', body: browserOffer }, rung.dialog)
    await settle()
    expect(rung?.dialog.byes).toBe(1)
    expect(invite.log).toEqual([])
  })

  test('events of a call do not fill the memory, however often its keys change', () => {
    const log = new SecurityLog()
    const legs = (theirs: number) =>
      [
        {
          name: 'trunk',
          media: { negotiated: { mode: 'srtp' }, keying: { ours: 1, theirs, peer: 'x', clearRefused: 0 } },
        },
      ] as never
    for (let n = 0; n < 1000; n++) log.note(legs(n), false, n)
    expect(log.events).toHaveLength(50)
    expect(log.events[0]?.at).toBe(1)
  })

  test('an encrypted far end is not traded for one in clear, although the account offers that choice', async () => {
    const suites = ['AES_CM_128_HMAC_SHA1_80'] as const
    const { bridge, trunk, talking } = open({ encryption: 'preferred', preset: 'generic', suites })
    const { far, id } = await talking(sdp(7, 'RTP/AVP'))
    expect(bridge.calls()[0]?.hops[1]?.mode ?? bridge.calls()[0]?.hops[0]?.mode).toBe('srtp')
    const request: ReceivedRefer = {
      target: { uri: 'sip:carol@trunk.example', user: 'carol', host: 'trunk.example' },
      referredBy: '<sip:bob@trunk.example>',
      accept: () => () => undefined,
      reject: () => undefined,
    }
    far?.delegate?.onRefer?.(request)
    void bridge.answerMove(id, true)
    await settle()
    const next = trunk.invites[1]
    // Nobody knows this one: it is offered the choice, and takes it.
    expect(mediaOf(next?.request.offer ?? '')[0]).toMatch(/ RTP\/AVP /)
    next?.delegate.onAccepted({ status: 200, reason: 'OK', body: clear }, next.dialog)
    await settle()
    expect(next?.dialog.byes).toBe(1)
    expect(far?.byes).toBe(0)
    expect(bridge.calls()[0]).toMatchObject({ state: 'connected', remote: { user: 'bob' }, asked: { state: 'failed' } })
  })

  test('what was proven of a far end proves nothing of the one in its place: the padlock opens again', async () => {
    const { bridge, trunk, talking } = open({})
    const { far, id } = await talking(sdp(7))
    const counters = { ...noCounters, received: 9, sent: 9 }
    const legs = ['local', 'trunk'].map((leg) => ({ legId: `${id}/${leg}`, counters }))
    bridge.onMediaEvent({ type: 'counters', legs })
    expect(bridge.calls()[0]?.security).toBe('proven')
    const target = { uri: 'sip:carol@trunk.example', user: 'carol', host: 'trunk.example' }
    far?.delegate?.onRefer?.({ target, accept: () => () => undefined, reject: () => undefined })
    void bridge.answerMove(id, true)
    await settle()
    const next = trunk.invites[1]
    next?.delegate.onAccepted({ status: 200, reason: 'OK', body: sdp(9) }, next.dialog)
    await settle()
    expect(bridge.calls()[0]).toMatchObject({ remote: { user: 'carol' }, security: 'establishing' })
    expect(bridge.calls()[0]?.hops.map(({ counters }) => counters.received)).toEqual([9, 0])
  })

  test('a window that takes a call up again has to prove itself', async () => {
    const { bridge, talking } = open({})
    const { id } = await talking(sdp(7))
    const counters = { ...noCounters, received: 9, sent: 9 }
    bridge.onMediaEvent({
      type: 'counters',
      legs: ['local', 'trunk'].map((leg) => ({ legId: `${id}/${leg}`, counters })),
    })
    expect(bridge.calls()[0]?.security).toBe('proven')
    const returning = new FakeEndpoint('local')
    bridge.setWindow(returning)
    const invite = new FakeIncomingInvite('window-2', { user: id, host: 'rejoin.kedge.invalid' }, browserOffer)
    returning.onInvite?.(invite)
    await settle()
    expect(invite.log[0]).toMatch(/^200 /)
    expect(bridge.calls()[0]).toMatchObject({ state: 'connected', security: 'establishing' })
  })

  test('a transfer of an encrypted call that is carried out here is offered encryption and nothing else', async () => {
    const { bridge, trunk, talking } = open({
      encryption: 'preferred',
      preset: 'generic',
      suites: ['AES_CM_128_HMAC_SHA1_80'],
    })
    const { far, id } = await talking(sdp(7, 'RTP/AVP'))
    bridge.transfer(id, { dialled: 'carol' })
    far?.refers[0]?.delegate.onAnswered({ status: 603, reason: 'Decline' }, false)
    void bridge.transferHere(id)
    await settle()
    const offer = trunk.invites[1]?.request.offer ?? ''
    expect(mediaOf(offer)).toEqual([expect.stringMatching(/ RTP\/SAVP /)])
    expect(cryptoOf(offer)).toHaveLength(1)
    trunk.invites[1]?.delegate.onRejected(refuse)
  })
})
