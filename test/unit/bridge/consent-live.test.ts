import { afterEach, describe, expect, test } from 'vitest'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { cryptoOf, mediaOf } from '../../fakes/trunk-phone.ts'
import { until } from '../media/worker/support/until.ts'
import { carries, LiveBridge } from './support/live-bridge.ts'

/** What an account may be made to allow, by its user and by nobody else: calls in clear, and keys that others can read. */
let kedge: LiveBridge
afterEach(() => kedge.close())

const newest = () => kedge.bridge.calls().at(-1)
const refuse = { status: 488, reason: 'Not Acceptable Here' }
/** A trunk that asks for SAVP first. */
const savpFirst: Partial<AccountSettings> = { encryption: 'preferred', preset: 'freeswitch' }

describe('a trunk that refuses encryption under preferred', () => {
  test('ends the call with the reason, and the user is asked: nothing goes out in clear', async () => {
    kedge = await LiveBridge.open(savpFirst)
    const { invite, sent } = await kedge.dial(await kedge.windowPhone())
    sent.delegate.onRejected(refuse)
    expect(invite.log).toEqual(['488'])
    expect(kedge.trunk.invites).toHaveLength(1)
    expect(newest()).toMatchObject({ asksForClear: 'account', end: { code: 'security/trunk-refuses-encryption' } })
  })

  test('is called again in clear once the user has agreed, and the call says what it is', async () => {
    kedge = await LiveBridge.open({ ...savpFirst, clearAllowed: true })
    const [trunk, window] = [await kedge.plainPhone(), await kedge.windowPhone()]
    const { invite, sent } = await kedge.dial(window)
    expect(mediaOf(sent.request.offer)[0]).toContain('RTP/SAVP')
    sent.delegate.onRejected(refuse)
    await until(() => kedge.trunk.invites.length === 2, 'the second attempt')
    const again = kedge.trunk.invites[1]
    const offer = again?.request.offer ?? ''
    expect(mediaOf(offer)[0]).toMatch(/ RTP\/AVP /)
    expect(cryptoOf(offer)).toEqual([])
    trunk.read(offer)
    again?.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'a', body: trunk.sdp() }, again.dialog)
    await until(() => invite.log.length > 0, 'the window is answered')
    window.read(invite.log.at(-1) ?? '')
    await window.connect()
    await carries(trunk.peer, window.client)
    await carries(window.client, trunk.peer)
    expect(newest()).toMatchObject({ state: 'connected', security: 'clear' })
    expect(newest()?.asksForClear).toBeUndefined()
  })

  test('by an answer in clear is said goodbye to and called again in clear, when the user has agreed', async () => {
    kedge = await LiveBridge.open({ ...savpFirst, clearAllowed: true })
    const trunk = await kedge.plainPhone()
    const { invite, sent } = await kedge.dial(await kedge.windowPhone())
    sent.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'a', body: trunk.sdp() }, sent.dialog)
    await until(() => kedge.trunk.invites.length === 2, 'the second attempt')
    expect(sent.dialog.byes).toBe(1)
    expect(mediaOf(kedge.trunk.invites[1]?.request.offer ?? '')[0]).toMatch(/ RTP\/AVP /)
    kedge.trunk.invites[1]?.delegate.onRejected(refuse)
    expect(invite.log).toEqual(['488'])
    expect(kedge.trunk.invites).toHaveLength(2)
  })

  test('that is busy is not called again', async () => {
    kedge = await LiveBridge.open({ ...savpFirst, clearAllowed: true })
    const { invite, sent } = await kedge.dial(await kedge.windowPhone())
    sent.delegate.onRejected({ status: 486, reason: 'Busy Here' })
    expect(invite.log).toEqual(['486'])
    expect(kedge.trunk.invites).toHaveLength(1)
  })

  test('case 8: whoever has spoken SRTP once is offered that alone from then on, and asked about when it refuses', async () => {
    kedge = await LiveBridge.open({ encryption: 'preferred', preset: 'generic' })
    const trunk = await kedge.trunkPhone('AEAD_AES_256_GCM')
    const { invite, sent } = await kedge.connected(trunk, { profile: 'RTP/AVP' })
    expect(mediaOf(sent.request.offer)[0]).toMatch(/ RTP\/AVP /)
    expect(newest()?.hops[1]?.mode).toBe('srtp')
    invite.dialog.delegate?.onBye()
    const again = await kedge.dial(await kedge.windowPhone())
    expect(mediaOf(again.sent.request.offer)[0]).toMatch(/ RTP\/SAVP /)
    again.sent.delegate.onRejected(refuse)
    expect(newest()).toMatchObject({ asksForClear: 'peer' })
    expect(kedge.trunk.invites).toHaveLength(2)
  })

  describe('case 8: an earlier consent does not cover who has spoken SRTP since', () => {
    const spokeSecurely = async (preset: 'generic' | 'freeswitch') => {
      kedge = await LiveBridge.open({ encryption: 'preferred', preset, clearAllowed: true })
      const trunk = await kedge.trunkPhone('AEAD_AES_256_GCM')
      const profile = preset === 'generic' ? 'RTP/AVP' : 'RTP/SAVP'
      const { invite } = await kedge.connected(trunk, { profile })
      invite.dialog.delegate?.onBye()
    }
    const clearAnswer = async () => (await kedge.plainPhone()).sdp()

    test.each(['generic', 'freeswitch'] as const)(
      '%s: a refusal ends the call for what it is, and the user is asked',
      async (preset) => {
        await spokeSecurely(preset)
        const { invite, sent } = await kedge.dial(await kedge.windowPhone())
        expect(mediaOf(sent.request.offer)[0]).toMatch(/ RTP\/SAVP /)
        sent.delegate.onRejected(refuse)
        expect(invite.log).toEqual(['488'])
        expect(kedge.trunk.invites).toHaveLength(2)
        expect(newest()).toMatchObject({ asksForClear: 'peer', end: { code: 'security/trunk-refuses-encryption' } })
      },
    )

    test.each(['echo@TRUNK.example', 'sip:echo@trunk.example', 'echo@trunk.example:5060'])(
      '%s is the same callee',
      async (dialled) => {
        await spokeSecurely('generic')
        const { sent } = await kedge.dial(await kedge.windowPhone(), dialled)
        expect(mediaOf(sent.request.offer)[0]).toMatch(/ RTP\/SAVP /)
      },
    )

    test('an answer in clear does so too', async () => {
      await spokeSecurely('freeswitch')
      const { invite, sent } = await kedge.dial(await kedge.windowPhone())
      const body = await clearAnswer()
      sent.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'b', body }, sent.dialog)
      await until(() => invite.log.length > 0, 'the window is told')
      expect(sent.dialog.byes).toBe(1)
      expect(kedge.trunk.invites).toHaveLength(2)
      expect(newest()).toMatchObject({ asksForClear: 'peer', end: { code: 'security/answer-not-encrypted' } })
    })

    test('agreeing makes it a callee like any other: the next refusal is followed by the call in clear', async () => {
      await spokeSecurely('freeswitch')
      kedge.bridge.allowClear(kedge.settings, 'echo')
      const { invite, sent } = await kedge.dial(await kedge.windowPhone())
      sent.delegate.onRejected(refuse)
      await until(() => kedge.trunk.invites.length === 3, 'the attempt in clear')
      expect(mediaOf(kedge.trunk.invites[2]?.request.offer ?? '')[0]).toMatch(/ RTP\/AVP /)
      kedge.trunk.invites[2]?.delegate.onRejected(refuse)
      expect(invite.log).toEqual(['488'])
      expect(newest()?.asksForClear).toBeUndefined()
    })

    test('agreeing for one callee says nothing of another', async () => {
      await spokeSecurely('freeswitch')
      kedge.bridge.allowClear(kedge.settings, 'somebody')
      const { sent } = await kedge.dial(await kedge.windowPhone())
      sent.delegate.onRejected(refuse)
      expect(kedge.trunk.invites).toHaveLength(2)
      expect(newest()).toMatchObject({ asksForClear: 'peer' })
    })
  })

  test('that is offered both at once (OSRTP, the default) is not asked about: it has had its choice', async () => {
    kedge = await LiveBridge.open({ encryption: 'preferred', preset: 'generic' })
    const { sent } = await kedge.dial(await kedge.windowPhone())
    expect(mediaOf(sent.request.offer)[0]).toMatch(/ RTP\/AVP /)
    expect(cryptoOf(sent.request.offer)).not.toEqual([])
    sent.delegate.onRejected(refuse)
    expect(newest()?.asksForClear).toBeUndefined()
  })
})

test.each([
  ['required', {}],
  ['a forwarded secure call', { forwarding: { always: { target: 'bob' } } }],
] as const)('%s: the consent changes nothing, there is one attempt', async (name, change) => {
  kedge = await LiveBridge.open({
    ...savpFirst,
    clearAllowed: true,
    ...change,
    ...(name === 'required' && { encryption: 'required' }),
  })
  if (name === 'required') await kedge.dial(await kedge.windowPhone())
  else kedge.ring((await kedge.trunkPhone()).sdp())
  await until(() => kedge.trunk.invites.length > 0, 'the trunk is invited')
  kedge.trunk.invites[0]?.delegate.onRejected(refuse)
  expect(kedge.trunk.invites).toHaveLength(1)
  expect([...kedge.bridge.calls(), ...kedge.bridge.forwarded()].map(({ asksForClear }) => asksForClear)).toEqual([
    undefined,
  ])
})

describe.each(['udp', 'tcp'] as const)('case 39: over %s', (transport) => {
  test('with the account’s switch a call is keyed both ways and marked exposed', async () => {
    kedge = await LiveBridge.open({ transport, allowExposedKeys: true })
    const trunk = await kedge.trunkPhone()
    const { window, sent } = await kedge.connected(trunk)
    expect(mediaOf(sent.request.offer)[0]).toContain('RTP/SAVP')
    await carries(trunk.peer, window.client)
    await carries(window.client, trunk.peer)
    expect(newest()).toMatchObject({ security: 'exposed', hops: [{}, { keyExchange: 'sdes' }] })
  })

  test('with it a call of the trunk is answered with a key, without it with 488', async () => {
    kedge = await LiveBridge.open({ transport, allowExposedKeys: true })
    const offer = (await kedge.trunkPhone()).sdp()
    kedge.ring(offer)
    await until(() => kedge.window.invites.length === 1, 'the window rings')
    kedge.close()
    kedge = await LiveBridge.open({ transport })
    expect(kedge.ring(offer).log).toEqual(['488'])
    expect(kedge.window.invites).toEqual([])
  })
})
