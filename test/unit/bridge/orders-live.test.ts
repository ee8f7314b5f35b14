import { afterEach, describe, expect, test } from 'vitest'
import { FakeEndpoint } from '../../fakes/sip.ts'
import { mediaOf, type TrunkPhone } from '../../fakes/trunk-phone.ts'
import { until } from '../media/worker/support/until.ts'
import { ask, carries, LiveBridge } from './support/live-bridge.ts'

let kedge: LiveBridge
let phone: TrunkPhone
afterEach(() => kedge.close())
const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}
const browserKeys = [
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
  'a=setup:actpass',
  'a=ice-ufrag:abcd',
  `a=ice-pwd:${'x'.repeat(24)}`,
]

describe('a secure caller that offers ICE and DTLS beside its crypto line, and is forwarded', () => {
  test.each([
    ['off', 'tls', 'twilio'],
    ['preferred', 'tls', 'generic'],
    ['preferred', 'udp', 'generic'],
  ] as const)('is encrypted or nothing under %s over %s', async (encryption, transport, preset) => {
    for (const lines of [browserKeys, []]) {
      kedge?.close()
      kedge = await LiveBridge.open({ encryption, preset })
      phone = await kedge.trunkPhone()
      const out = new FakeEndpoint(transport)
      kedge.accounts.out = { settings: { ...kedge.settings, id: 'out' }, endpoint: out }
      Object.assign(kedge.settings, { forwarding: { always: { target: 'bob', accountId: 'out' } } })
      // Both keys in one section, or a section for each.
      const offer = lines.length > 0 ? phone.sdp({ lines }) : twoSections(phone.sdp())
      const invite = kedge.ring(offer)
      await until(() => out.invites.length > 0 || invite.log.length > 0, 'the target is invited, or the call refused')
      const [sent] = out.invites
      if (sent === undefined) continue
      const plain = await kedge.plainPhone()
      sent.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'b', body: plain.sdp() }, sent.dialog)
      await settle()
      const hops = kedge.bridge.forwarded()[0]?.hops.map(({ leg, mode }) => `${leg} ${mode}`)
      expect([mediaOf(sent.request.offer)[0], hops]).toEqual([expect.stringContaining('RTP/SAVP'), []])
    }
  })
  const twoSections = (sdp: string) =>
    sdp.replace(/^m=audio/m, ['m=audio 9 UDP/TLS/RTP/SAVPF 0', ...browserKeys, 'm=audio'].join('\r\n'))
})

test('what an UPDATE has settled in the early dialog is not undone by the 200 (RFC 3261 §13.2.1)', async () => {
  kedge = await LiveBridge.open()
  phone = await kedge.trunkPhone()
  const agent = await kedge.trunkPhone('AEAD_AES_128_GCM')
  const window = await kedge.windowPhone()
  const { invite, sent } = await kedge.dial(window)
  sent.delegate.onProgress({ status: 183, reason: 'Session Progress', toTag: 'a', body: phone.sdp() })
  await until(() => invite.log.length > 0, '183')
  const { promise, resolve } = Promise.withResolvers<string>()
  const offer = agent.sdp()
  sent.delegate.onEarlyOffer?.(
    { offer, accept: (sdp) => resolve(`200 ${sdp}`), reject: (status) => resolve(`${status}`) },
    'a',
  )
  const answer = await promise
  expect(answer).toMatch(/^200 /)
  agent.read(answer.slice(4))
  // The 200 says what is in force there, as servers do that put their description into each response.
  sent.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'a', body: offer }, sent.dialog)
  await until(() => kedge.bridge.calls()[0]?.state !== 'early', 'the answer is read')
  expect(kedge.bridge.calls()[0]?.end).toBeUndefined()
  window.read(invite.log.at(-1) ?? '')
  await window.connect()
  await carries(agent.peer, window.client)
})

test('an exchange of the window’s before the ACK of a caller without an offer is not that ACK', async () => {
  kedge = await LiveBridge.open()
  phone = await kedge.trunkPhone()
  const window = await kedge.windowPhone()
  const invite = kedge.ring(undefined)
  await until(() => kedge.window.invites.length > 0, 'rings')
  const [rung] = kedge.window.invites
  if (rung === undefined) throw new Error('not rung')
  window.read(rung.request.offer)
  rung.delegate.onAccepted({ status: 200, reason: 'OK', body: window.answer('111 9 0 8 126') }, rung.dialog)
  await until(() => invite.log.length > 0, 'answered')
  expect(await ask(rung.dialog, window.offer())).toMatch(/^200 /)
  phone.read(invite.log[0]?.slice(4) ?? '', 1)
  invite.dialog.delegate?.onAck?.(phone.sdp())
  await settle()
  // It leads with Opus, and the ACK chose G.711 (docs/negotiation.md, "In a running call").
  expect(rung.dialog.offers).toHaveLength(1)
})

test('a transfer that is carried out here goes on with the far end that the call has when the target answers', async () => {
  kedge = await LiveBridge.open()
  phone = await kedge.trunkPhone()
  const [x, target] = [await kedge.trunkPhone(), await kedge.trunkPhone()]
  const { sent } = await kedge.connected(phone)
  const id = kedge.bridge.calls()[0]?.id ?? ''
  kedge.bridge.transfer(id, { dialled: 'carol' })
  sent.dialog.refers[0]?.delegate.onAnswered({ status: 405, reason: '' }, false)
  void kedge.bridge.transferHere(id)
  await until(() => kedge.trunk.invites.length === 2, 'carol is called')
  const { callId, localTag, remoteTag } = sent.dialog
  const replacing = kedge.ring(x.sdp(), { replaces: [`${callId};to-tag=${localTag};from-tag=${remoteTag}`] })
  await until(() => replacing.log.length > 0, 'replaced')
  x.read(replacing.log[0]?.slice(4) ?? '')
  const carol = kedge.trunk.invites[1]
  if (carol === undefined) throw new Error('not invited')
  target.read(carol.request.offer, 1)
  carol.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'c', body: target.sdp() }, carol.dialog)
  await settle()
  expect([carol.dialog.byes, kedge.bridge.calls()[0]?.transfer?.code]).toEqual([0, undefined])
  await carries(x.peer, target.peer)
  await carries(target.peer, x.peer)
})
