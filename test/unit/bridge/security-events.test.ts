import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type LegSecurity, securityChanges } from '../../../electron/bridge/security-log.ts'
import type { TrunkPhone } from '../../fakes/trunk-phone.ts'
import { until } from '../media/worker/support/until.ts'
import { ask, carries, LiveBridge } from './support/live-bridge.ts'

const leg: LegSecurity = {
  mode: 'srtp',
  suite: 'AES_CM_128_HMAC_SHA1_80',
  localAddress: '192.0.2.1',
  peer: '198.51.100.1 4000',
  ours: 1,
  theirs: 1,
  clearRefused: 0,
}

describe('what is announced of a leg', () => {
  test.each([
    ['nothing', {}, []],
    ['their new key', { theirs: 2 }, ['rekeyed-there']],
    ['our new key', { ours: 2 }, ['rekeyed-here']],
    ['new keys of both', { ours: 2, theirs: 2 }, ['rekeyed-both']],
    ['another suite', { suite: 'AEAD_AES_256_GCM', ours: 2, theirs: 2 }, ['suite-changed', 'rekeyed-both']],
    ['our move', { localAddress: '192.0.2.9', ours: 2 }, ['moved-here', 'rekeyed-here']],
    ['their move', { peer: '198.51.100.2 4000' }, ['moved-there']],
    ['a refused offer in clear', { clearRefused: 1 }, ['clear-refused']],
    ['the end of encryption', { mode: 'rtp' }, ['now-clear']],
  ] as const)('%s', (_, change, kinds) => {
    expect(securityChanges(leg, { ...leg, ...change })).toEqual(kinds)
  })

  test('the first keys of a leg that was in clear are no re-key', () => {
    expect(securityChanges({ ...leg, mode: 'rtp' }, { ...leg, ours: 2, theirs: 2 })).toEqual(['now-encrypted'])
  })
})

describe('in a running call', () => {
  let kedge: LiveBridge
  let trunk: TrunkPhone
  beforeEach(async () => {
    kedge = await LiveBridge.open()
    trunk = await kedge.trunkPhone()
  })
  afterEach(() => kedge.close())

  const kinds = () => kedge.bridge.calls()[0]?.securityEvents?.map(({ kind, leg: on }) => (on ? `${kind} ${on}` : kind))

  test('a hold and a session refresh are no event, a new key of the trunk is one', async () => {
    const { sent } = await kedge.connected(trunk)
    for (const change of [{ direction: 'sendonly' }, {}, {}]) await ask(sent.dialog, trunk.sdp(change))
    expect(kinds()).toBeUndefined()
    trunk.newKey()
    await ask(sent.dialog, trunk.sdp())
    expect(kinds()).toEqual(['rekeyed-there trunk'])
  })

  test('a new suite is one, with its name', async () => {
    const { sent } = await kedge.connected(trunk)
    trunk.newKey('AEAD_AES_128_GCM')
    await ask(sent.dialog, trunk.sdp({ tag: 2 }))
    expect(kedge.bridge.calls()[0]?.securityEvents).toEqual([
      { at: expect.any(Number), kind: 'suite-changed', leg: 'trunk', suite: 'AEAD_AES_128_GCM' },
      { at: expect.any(Number), kind: 'rekeyed-both', leg: 'trunk', suite: 'AEAD_AES_128_GCM' },
    ])
  })

  test('media that moves is one', async () => {
    const { sent } = await kedge.connected(trunk)
    const elsewhere = await kedge.trunkPhone()
    await ask(sent.dialog, trunk.sdp({ port: elsewhere.peer.rtp.address().port }))
    expect(kinds()).toEqual(['moved-there trunk'])
  })

  test('an offer to go on in clear is refused, and told with the next report of the worker', async () => {
    const { window, sent } = await kedge.connected(trunk)
    await ask(sent.dialog, trunk.sdp({ profile: 'RTP/AVP', crypto: [] }))
    await carries(trunk.peer, window.client)
    await until(() => kinds()?.includes('clear-refused trunk') === true, 'the refusal is told', 3000)
  })

  test('the moment when both hops are proven is kept', async () => {
    const { window } = await kedge.connected(trunk)
    await carries(trunk.peer, window.client)
    await carries(window.client, trunk.peer)
    await until(() => kinds()?.includes('proven') === true, 'the call is proven', 3000)
    expect(kinds()?.filter((kind) => kind === 'proven')).toHaveLength(1)
  })

  test('no event carries anything of a key', async () => {
    const { sent } = await kedge.connected(trunk)
    trunk.newKey()
    await ask(sent.dialog, trunk.sdp())
    const text = JSON.stringify(kedge.bridge.calls())
    const keys = [...trunk.sdp().matchAll(/inline:(\S{20,})/gu)].map(([, key = '']) => key)
    expect(keys.length).toBeGreaterThan(0)
    expect(keys.filter((key) => text.includes(key))).toEqual([])
  })
})
