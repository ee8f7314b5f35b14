import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SrtpEngine } from '../../../electron/media/srtp/types.ts'
import { cryptoOf, type TrunkPhone } from '../../fakes/trunk-phone.ts'
import { until } from '../media/worker/support/until.ts'
import { ask, carries, LiveBridge, stops } from './support/live-bridge.ts'

/** Offers of our own in a running call: this machine's address changes (case 27), a key nears its end (cases 26, 38). */
let kedge: LiveBridge
let trunk: TrunkPhone
afterEach(() => kedge.close())

const view = () => kedge.bridge.calls()[0]
const elsewhere = '127.0.0.2'
const connectionOf = (sdp: string) => /^c=IN IP4 (.*)\r$/m.exec(sdp)?.[1]
const portOf = (sdp: string) => Number(/^m=audio (\d+) /m.exec(sdp)?.[1])
const keyOf = (sdp: string) => /inline:(\S+)/.exec(cryptoOf(sdp)[0] ?? '')?.[1]
const ok = (body: string) => ({ status: 200, reason: 'OK', body })

type Sent = Awaited<ReturnType<LiveBridge['connected']>>['sent']
const offered = async (sent: Sent, count: number) => {
  await until(() => sent.dialog.offers.length >= count, `offer ${count} of ours`)
  const offer = sent.dialog.offers[count - 1]
  if (offer === undefined) throw new Error('no offer')
  return offer
}

describe('case 27: the account is reached from another address', () => {
  beforeEach(async () => {
    kedge = await LiveBridge.open()
    trunk = await kedge.trunkPhone()
  })

  test('the trunk is offered the new address under a fresh key and SSRC; the old one listens until the new one is heard', async () => {
    const { window, invite, sent } = await kedge.connected(trunk)
    await carries(trunk.peer, window.client)
    await carries(window.client, trunk.peer)
    const before = trunk.peer.received.at(-1)
    kedge.bridge.accountMoved('work', elsewhere)
    const { offer, respond } = await offered(sent, 1)
    expect(view()?.moving).toBe(true)
    expect(connectionOf(offer)).toBe(elsewhere)
    expect(keyOf(offer)).not.toBe(keyOf(sent.request.offer))
    expect(cryptoOf(offer)).toHaveLength(1)
    // Until the answer, media goes on as it was, both ways (RFC 4568 §7.1.4).
    await carries(window.client, trunk.peer)
    await carries(trunk.peer, window.client)
    expect(trunk.peer.received.at(-1)?.ssrc).toBe(before?.ssrc)
    respond(ok(trunk.sdp()))
    await until(() => view()?.moving === undefined, 'moved')
    // The trunk has not heard of the new socket yet: what it sends to the old one still arrives.
    await carries(trunk.peer, window.client)
    trunk.read(offer)
    await carries(window.client, trunk.peer)
    const after = trunk.peer.received.at(-1)
    expect(after?.ssrc).not.toBe(before?.ssrc)
    expect(after?.seq).toBeLessThan(2 ** 15)
    await carries(trunk.peer, window.client)
    // Now it has: the old socket is closed.
    trunk.peer.meet({
      address: '127.0.0.1',
      rtpPort: portOf(sent.request.offer),
      rtcpPort: portOf(sent.request.offer) + 1,
    })
    await stops(trunk.peer, window.client)
    // The window heard nothing of it but sound.
    expect(invite.dialog.offers).toEqual([])
    expect(trunk.peer.refused).toBe(0)
  })

  test('a refusal changes nothing; it is tried again a few times and then given up', async () => {
    const { window, sent } = await kedge.connected(trunk)
    kedge.bridge.accountMoved('work', elsewhere)
    const keys = new Set<string | undefined>()
    for (let tries = 1; tries <= 4; tries++) {
      const { offer, respond } = await offered(sent, tries)
      keys.add(keyOf(offer))
      respond({ status: 500, reason: 'Not now' })
      await carries(trunk.peer, window.client)
      await carries(window.client, trunk.peer)
      if (tries === 4) break
      await until(() => kedge.clock.waits.some(({ taken, delayMs }) => !taken && delayMs <= 4000), 'a wait')
      kedge.clock.skip((delayMs) => delayMs <= 4000)
    }
    await until(() => view()?.moving === undefined, 'given up')
    expect(keys.size).toBe(4)
    expect(view()?.state).toBe('connected')
    // What comes later says the old address again, under the key in force.
    const answer = await ask(sent.dialog, trunk.sdp())
    expect(connectionOf(answer)).toBe('127.0.0.1')
    expect(keyOf(answer)).toBe(keyOf(sent.request.offer))
  })

  test('a re-INVITE of the trunk that comes first is answered with the new address and a fresh key', async () => {
    const { window, sent } = await kedge.connected(trunk)
    kedge.bridge.accountMoved('work', elsewhere)
    const { respond } = await offered(sent, 1)
    respond({ status: 491, reason: 'Request Pending' })
    await until(() => kedge.clock.waits.some(({ delayMs }) => delayMs === 3050), 'waiting after glare')
    const answer = (await ask(sent.dialog, trunk.sdp())).slice(4)
    expect(connectionOf(answer)).toBe(elsewhere)
    expect(keyOf(answer)).not.toBe(keyOf(sent.request.offer))
    trunk.read(answer)
    await carries(trunk.peer, window.client)
    await carries(window.client, trunk.peer)
  })

  test('where only the connection is new, the trunk is told our Contact by a refresh, word for word as before', async () => {
    const { sent } = await kedge.connected(trunk)
    kedge.bridge.accountMoved('work', '127.0.0.1')
    const first = await offered(sent, 1)
    expect(keyOf(first.offer)).toBe(keyOf(sent.request.offer))
    expect(connectionOf(first.offer)).toBe('127.0.0.1')
    expect(view()?.moving).toBeUndefined()
    // Another flow while the first answer is awaited: the trunk has to be told again.
    kedge.bridge.accountMoved('work', '127.0.0.1')
    first.respond(ok(trunk.sdp()))
    expect((await offered(sent, 2)).offer).toBe(first.offer)
  })

  test('another move on the way is followed to its end', async () => {
    const { window, sent } = await kedge.connected(trunk)
    kedge.bridge.accountMoved('work', elsewhere)
    const first = await offered(sent, 1)
    kedge.bridge.accountMoved('work', '127.0.0.3')
    first.respond(ok(trunk.sdp()))
    const second = await offered(sent, 2)
    expect(connectionOf(second.offer)).toBe('127.0.0.3')
    expect(keyOf(second.offer)).not.toBe(keyOf(first.offer))
    second.respond(ok(trunk.sdp()))
    await until(() => view()?.moving === undefined, 'moved')
    trunk.read(second.offer)
    await carries(trunk.peer, window.client)
    await carries(window.client, trunk.peer)
  })

  test('an address that cannot be bound leaves the call where it is', async () => {
    const { window, sent } = await kedge.connected(trunk)
    kedge.bridge.accountMoved('work', '192.0.2.1')
    await until(() => kedge.clock.waits.some(({ taken, delayMs }) => !taken && delayMs <= 4000), 'a wait')
    expect(sent.dialog.offers).toEqual([])
    await carries(trunk.peer, window.client)
    await carries(window.client, trunk.peer)
  })

  test('a call that is answered after the change goes after it', async () => {
    const window = await kedge.windowPhone()
    const { invite, sent } = await kedge.dial(window)
    trunk.read(sent.request.offer, 1)
    Object.assign(kedge.trunk, { localAddress: elsewhere })
    kedge.bridge.accountMoved('work', elsewhere)
    sent.delegate.onAccepted({ ...ok(trunk.sdp()), toTag: 'a' }, sent.dialog)
    await until(() => invite.log.length > 0, 'the window is answered')
    expect(connectionOf((await offered(sent, 1)).offer)).toBe(elsewhere)
  })

  test('a call in clear moves too, without a key', async () => {
    Object.assign(kedge.settings, { encryption: 'off' })
    const plain = await kedge.plainPhone()
    const { window, sent } = await kedge.connected(plain)
    kedge.bridge.accountMoved('work', elsewhere)
    const { offer, respond } = await offered(sent, 1)
    expect([connectionOf(offer), cryptoOf(offer)]).toEqual([elsewhere, []])
    respond(ok(plain.sdp()))
    await until(() => view()?.moving === undefined, 'moved')
    plain.read(offer)
    await carries(plain.peer, window.client)
    await carries(window.client, plain.peer)
  })

  test('both legs of a forwarded call move, each with a key of its own', async () => {
    const [caller, callee] = [trunk, await kedge.trunkPhone()]
    Object.assign(kedge.settings, { forwarding: { always: { target: 'bob' } } })
    const invite = kedge.ring(caller.sdp())
    await until(() => kedge.trunk.invites.length === 1, 'the target is invited')
    const [sent] = kedge.trunk.invites
    if (sent === undefined) throw new Error('not invited')
    callee.read(sent.request.offer, 1)
    sent.delegate.onAccepted({ ...ok(callee.sdp()), toTag: 'b' }, sent.dialog)
    await until(() => invite.log.length > 0, 'the caller is answered')
    kedge.bridge.accountMoved('work', elsewhere)
    await until(() => invite.dialog.offers.length === 1 && sent.dialog.offers.length === 1, 'both are offered')
    const [toCaller, toCallee] = [invite.dialog.offers[0], sent.dialog.offers[0]]
    expect(keyOf(toCaller?.offer ?? '')).not.toBe(keyOf(toCallee?.offer ?? ''))
    toCaller?.respond(ok(caller.sdp()))
    toCallee?.respond(ok(callee.sdp()))
    await until(() => kedge.bridge.forwarded()[0]?.moving === undefined, 'moved')
    caller.read(toCaller?.offer ?? '')
    callee.read(toCallee?.offer ?? '')
    await carries(caller.peer, callee.peer)
    await carries(callee.peer, caller.peer)
  })
})

describe('a key of ours that nears its packet limit', () => {
  const limit = 80
  /** Keys that we send with last this long; the trunk's own are the suite's. */
  const shortLived = (engine: SrtpEngine): SrtpEngine => ({
    name: engine.name,
    createSender: (suite, key, resume) => engine.createSender(suite, { ...key, lifetimePackets: limit }, resume),
    createReceiver: (suite, keys, resume) => engine.createReceiver(suite, keys, resume),
  })

  test('cases 26, 38: is replaced before its end: fresh key, fresh SSRC, SEQ below 2^15, and sending switches after the answer', async () => {
    kedge = await LiveBridge.open({}, shortLived)
    trunk = await kedge.trunkPhone()
    const { window, sent } = await kedge.connected(trunk)
    await carries(window.client, trunk.peer)
    const before = trunk.peer.received.at(-1)
    for (let count = 0; count < limit - 8; count++) await carries(window.client, trunk.peer)
    const { offer, respond } = await offered(sent, 1)
    expect(keyOf(offer)).not.toBe(keyOf(sent.request.offer))
    expect(offer).not.toMatch(/inline:[^|]*\|/)
    expect(connectionOf(offer)).toBe('127.0.0.1')
    expect(portOf(offer)).toBe(portOf(sent.request.offer))
    await carries(window.client, trunk.peer)
    expect(trunk.peer.received.at(-1)?.ssrc).toBe(before?.ssrc)
    respond(ok(trunk.sdp()))
    await until(() => sent.dialog.offers.length === 1 && kedge.bridge.calls()[0]?.state === 'connected', 'answered')
    trunk.read(offer)
    for (let count = 0; count < limit - 20; count++) await carries(window.client, trunk.peer)
    const after = trunk.peer.received.at(-1)
    expect(after?.ssrc).not.toBe(before?.ssrc)
    expect(after?.seq).toBeLessThan(2 ** 15)
    // More packets than one key may protect, none of them lost, and the trunk's own key untouched.
    await carries(trunk.peer, window.client)
    expect(trunk.peer.refused).toBe(0)
  })
})
