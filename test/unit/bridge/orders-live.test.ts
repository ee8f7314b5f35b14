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
