import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Bridge, createBridge } from '../../../electron/bridge/bridge.ts'
import { KedgeError } from '../../../shared/errors.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { FakeEndpoint, FakeIncomingInvite } from '../../fakes/sip.ts'
import { workAccount } from '../../fakes/work-account.ts'
import { FakeMedia } from './support/fake-media.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../../fixtures/sdp', name), 'utf8')
const browserOffer = fixture('chromium-156-audio-offer.sdp')

/** A clock that stands still until it is told to move. */
class StillClock {
  #now = 1_000_000
  #timers: { at: number; action: () => void }[] = []
  now = () => this.#now
  after(delayMs: number, action: () => void) {
    const timer = { at: this.#now + delayMs, action }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }
  advance(ms: number) {
    this.#now += ms
    const due = this.#timers.filter(({ at }) => at <= this.#now)
    this.#timers = this.#timers.filter(({ at }) => at > this.#now)
    for (const { action } of due) action()
  }
}

let media: FakeMedia
let clock: StillClock
let trunk: FakeEndpoint
let window: FakeEndpoint
let settings: AccountSettings
let bridge: Bridge
let undisturbed: 'busy' | 'unavailable' | undefined

beforeEach(() => {
  undisturbed = undefined
  media = new FakeMedia()
  clock = new StillClock()
  trunk = new FakeEndpoint('tls')
  window = new FakeEndpoint('local')
  settings = workAccount
  bridge = createBridge({
    media,
    clock,
    onChange: () => undefined,
    undisturbed: () => undisturbed,
    account: (id) => {
      if (id !== 'work') throw new KedgeError('call/account-unknown', 'there is no such account')
      return { settings, endpoint: trunk }
    },
  })
  bridge.setWindow(window)
})

const settle = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

async function dial(user: string, host = 'work.accounts.kedge.invalid') {
  const invite = new FakeIncomingInvite('window-1', { user, host }, browserOffer)
  window.onInvite?.(invite)
  await settle()
  return invite
}

function inlineKey(sdp: string): string | undefined {
  return /inline:(\S+)/.exec(sdp)?.[1]
}

describe('a call from the window', () => {
  it('goes out as RTP/SAVP with a fresh key and nothing of WebRTC in it (cases 12, 37)', async () => {
    await dial('+44 20 7946 0018')
    await dial('echo')
    const [first, second] = trunk.invites.map(({ request }) => request)
    expect(first?.target).toBe('sip:+442079460018@trunk.example')
    expect(first?.offer).toMatch(/^m=audio \d+ RTP\/SAVP /m)
    expect(first?.offer).toMatch(/^a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:/m)
    expect(first?.offer).not.toMatch(/fingerprint|ice-|setup|extmap|rtcp-fb|ssrc|msid|group|a=mid/)
    expect(inlineKey(first?.offer ?? '')).not.toBe(inlineKey(second?.offer ?? ''))
  })

  it('gives the worker the key we offered and the key they answered, each for its direction', async () => {
    const invite = await dial('echo')
    const [sent] = trunk.invites
    if (!sent) throw new Error('not invited')
    const theirKey = Buffer.alloc(30, 7).toString('base64')
    const answer = [
      'v=0',
      'o=- 1 1 IN IP4 192.0.2.1',
      's=-',
      'c=IN IP4 192.0.2.1',
      't=0 0',
      'm=audio 5000 RTP/SAVP 0 126',
      `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${theirKey}`,
      'a=rtpmap:126 telephone-event/8000',
      '',
    ].join('\r\n')
    sent.delegate.onAccepted({ status: 200, reason: 'OK', body: answer }, sent.dialog)
    await settle()
    const remote = media.sipRemote()
    const joined = (key: { masterKey: Uint8Array; masterSalt: Uint8Array } | undefined) =>
      key && Buffer.concat([key.masterKey, key.masterSalt]).toString('base64')
    expect(joined(remote?.srtp?.receive.keys[0])).toBe(theirKey)
    expect(joined(remote?.srtp?.send.keys[0])).toBe(inlineKey(sent.request.offer))
    expect(remote?.rtp).toMatchObject({ address: '192.0.2.1', port: 5000 })
    const windowAnswer = invite.log.at(-1) ?? ''
    expect(windowAnswer).toMatch(/^200 /)
    expect(windowAnswer).toMatch(/m=audio \d+ UDP\/TLS\/RTP\/SAVPF 0 /)
    expect(windowAnswer).not.toContain('crypto')
    expect(bridge.calls()).toMatchObject([{ state: 'connected', security: 'establishing' }])
  })

  it('is refused before any INVITE when its keys would travel in clear (case 39)', async () => {
    trunk = new FakeEndpoint('udp')
    const invite = await dial('echo')
    expect(trunk.invites).toHaveLength(0)
    expect(invite.log).toEqual(['488'])
    expect(bridge.calls()).toMatchObject([{ state: 'ended', end: { code: 'security/keys-would-be-exposed' } }])
  })

  it('goes out in clear, without a key, only when the account’s policy allows it', async () => {
    trunk = new FakeEndpoint('udp')
    settings = { ...workAccount, encryption: 'off' }
    await dial('echo')
    expect(trunk.invites[0]?.request.offer).toMatch(/^m=audio \d+ RTP\/AVP /m)
    expect(trunk.invites[0]?.request.offer).not.toContain('crypto')
  })

  it.each([
    ['echo', 'nobody.accounts.kedge.invalid', 'call/account-unknown', '404'],
    ['echo', 'example.com', 'call/account-unknown', '404'],
    ['a@b c', undefined, 'call/bad-target', '484'],
  ])('to %s at %s ends with %s', async (user, host, code, status) => {
    const invite = await dial(user, host)
    expect(invite.log).toEqual([status])
    expect(bridge.calls()).toMatchObject([{ localCallId: 'window-1', state: 'ended', end: { by: 'kedge', code } }])
  })

  it('is forgotten some time after its end', async () => {
    await dial('echo')
    trunk.invites[0]?.delegate.onRejected({ status: 486, reason: 'Busy Here' })
    expect(bridge.calls()).toMatchObject([{ end: { code: 'call/busy' } }])
    clock.advance(29_000)
    expect(bridge.calls()).toHaveLength(1)
    clock.advance(2000)
    expect(bridge.calls()).toHaveLength(0)
  })
})

describe('a call from a trunk', () => {
  const ring = async (offer: string) => {
    const invite = new FakeIncomingInvite('trunk-1', { user: 'ada', host: 'trunk.example' }, offer)
    bridge.ring(settings, trunk, invite)
    await settle()
    return invite
  }

  it('rings the window with a WebRTC offer that holds nothing of SDES (case 12)', async () => {
    const invite = await ring(fixture('samples/01-twilio-elastic-trunk-savp.sdp'))
    const [sent] = window.invites
    expect(sent?.request.offer).toMatch(/m=audio \d+ UDP\/TLS\/RTP\/SAVPF /)
    expect(sent?.request.offer).toContain('a=setup:actpass')
    expect(sent?.request.offer).not.toContain('crypto')
    sent?.delegate.onProgress({ status: 180, reason: 'Ringing' })
    expect(invite.log).toEqual(['180'])
    expect(bridge.calls()).toMatchObject([{ state: 'incoming', direction: 'incoming', remote: { user: 'ada' } }])
  })

  it('is refused with 488 when it is not encrypted and the policy is required; the window is never rung (case 3)', async () => {
    const invite = await ring(fixture('samples/47-twilio-jambonz-plain.sdp'))
    expect(invite.log).toEqual(['488'])
    expect(window.invites).toHaveLength(0)
    expect(bridge.calls()).toMatchObject([{ end: { code: 'security/offer-not-encrypted' } }])
  })

  it.each([
    ['busy', '486'],
    ['unavailable', '480'],
  ] as const)(
    'does not ring while the user is not to be disturbed (%s: %s), and is kept as missed',
    async (answer, status) => {
      undisturbed = answer
      const invite = await ring(fixture('samples/01-twilio-elastic-trunk-savp.sdp'))
      expect(invite.log).toEqual([status])
      expect(window.invites).toHaveLength(0)
      expect(bridge.calls()).toMatchObject([
        { direction: 'incoming', state: 'ended', remote: { user: 'ada' }, end: { code: 'call/do-not-disturb' } },
      ])
    },
  )

  it('goes on to where busy calls are forwarded while the user is not to be disturbed', async () => {
    undisturbed = 'busy'
    settings = { ...workAccount, forwarding: { busy: { target: 'carol' } } }
    await ring(fixture('samples/01-twilio-elastic-trunk-savp.sdp'))
    expect(trunk.invites[0]?.request.target).toBe('sip:carol@trunk.example')
    expect(window.invites).toHaveLength(0)
  })

  it('is told busy while sixteen others wait for an answer; each that ends makes room', async () => {
    const offer = fixture('samples/01-twilio-elastic-trunk-savp.sdp')
    const rung: FakeIncomingInvite[] = []
    for (let at = 0; at < 20; at += 1) rung.push(await ring(offer))
    expect(rung.map(({ log }) => log.at(-1)).filter((last) => last === '486')).toHaveLength(4)
    expect(bridge.calls().filter(({ state }) => state === 'incoming')).toHaveLength(16)
    rung[0]?.onCancelled?.()
    expect((await ring(offer)).log).not.toContain('486')
    expect((await ring(offer)).log).toEqual(['486'])
  })

  it('is answered 480 when there is no window', async () => {
    bridge.setWindow(undefined)
    expect((await ring(fixture('samples/01-twilio-elastic-trunk-savp.sdp'))).log).toEqual(['480'])
  })
})

describe('a window that is loaded anew', () => {
  const answer = `v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 5000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${Buffer.alloc(30, 7).toString('base64')}\r\n`

  async function talking() {
    const invite = await dial('echo')
    const [sent] = trunk.invites
    sent?.delegate.onAccepted({ status: 200, reason: 'OK', body: answer }, sent.dialog)
    await settle()
    return { invite, far: sent?.dialog }
  }
  const rejoin = async (id: string | undefined, endpoint: FakeEndpoint) => {
    const invite = new FakeIncomingInvite('window-2', { user: id ?? '', host: 'rejoin.kedge.invalid' }, browserOffer)
    endpoint.onInvite?.(invite)
    await settle()
    return invite
  }

  it('takes the call up again on a leg of its own; the far end is told nothing', async () => {
    const { far } = await talking()
    const next = new FakeEndpoint('local')
    bridge.setWindow(next)
    expect(bridge.calls()).toMatchObject([{ state: 'connected', windowless: true, security: 'establishing' }])
    const id = bridge.calls()[0]?.id
    const invite = await rejoin(id, next)
    expect(invite.log[0]).toMatch(/^200 v=0/)
    expect(bridge.calls()[0]).toMatchObject({ state: 'connected', localCallId: 'window-2' })
    expect(bridge.calls()[0]?.windowless).toBeUndefined()
    expect([far?.byes, far?.offers.length, trunk.invites.length]).toEqual([0, 0, 1])
    const legs = media.calls.filter(({ command }) => command === 'join').map(({ input }) => input)
    expect(legs).toEqual([
      { a: `${id}/local`, b: `${id}/trunk` },
      { a: `${id}/local/2`, b: `${id}/trunk` },
    ])
    invite.dialog.delegate?.onBye()
    expect(far?.byes).toBe(1)
    expect(bridge.calls()).toMatchObject([{ state: 'ended', end: { by: 'user', code: 'call/hung-up' } }])
  })

  it('is not deaf because the load before it was given up half way: each has a leg of its own', async () => {
    await talking()
    const [given, next] = [new FakeEndpoint('local'), new FakeEndpoint('local')]
    const id = bridge.calls()[0]?.id ?? ''
    bridge.setWindow(given)
    const first = new FakeIncomingInvite('window-2', { user: id, host: 'rejoin.kedge.invalid' }, browserOffer)
    given.onInvite?.(first)
    bridge.setWindow(next)
    first.onCancelled?.()
    const invite = await rejoin(id, next)
    expect(first.log).toEqual(['487'])
    expect(invite.log[0]).toMatch(/^200 /)
    const opened = media.calls.filter(({ command }) => command === 'openWebRtcLeg').map(({ input }) => input)
    const closed = media.calls.filter(({ command }) => command === 'closeLeg').map(({ input }) => input)
    expect(closed).toContainEqual(opened.at(-2))
    expect(closed).not.toContainEqual(opened.at(-1))
  })

  it('does not get a call that has a window, nor one that is none', async () => {
    await talking()
    expect((await rejoin(bridge.calls()[0]?.id, window)).log).toEqual(['481'])
    expect((await rejoin('nothing', window)).log).toEqual(['481'])
  })

  it('is waited for: then the call ends, and says why', async () => {
    const { far } = await talking()
    bridge.setWindow(undefined)
    clock.advance(19_000)
    expect(far?.byes).toBe(0)
    clock.advance(2_000)
    expect(far?.byes).toBe(1)
    expect(bridge.calls()).toMatchObject([{ state: 'ended', end: { code: 'call/media-lost' } }])
  })

  it('leaves a call on hold that was on hold', async () => {
    const { invite, far } = await talking()
    invite.dialog.delegate?.onReinvite({
      offer: browserOffer.replace('a=sendrecv', 'a=sendonly'),
      accept: () => undefined,
      reject: () => undefined,
    })
    await settle()
    expect(bridge.calls()).toMatchObject([{ held: true }])
    expect(far?.offers).toHaveLength(1)
    const next = new FakeEndpoint('local')
    bridge.setWindow(next)
    const held = new FakeIncomingInvite(
      'window-2',
      { user: bridge.calls()[0]?.id ?? '', host: 'rejoin.kedge.invalid' },
      browserOffer.replace('a=sendrecv', 'a=sendonly'),
    )
    next.onInvite?.(held)
    await settle()
    expect(bridge.calls()).toMatchObject([{ held: true, localCallId: 'window-2' }])
    expect(far?.offers).toHaveLength(1)
  })

  it('ends a call that nobody has answered yet', async () => {
    const invite = await dial('echo')
    bridge.setWindow(undefined)
    expect(invite.log).toEqual(['480'])
    expect(trunk.invites[0]?.cancelled).toBe(1)
  })
})

describe('the bridge', () => {
  it('ends every call when the media worker is lost', async () => {
    const invite = await dial('echo')
    bridge.onMediaEvent({ type: 'workerLost', restarting: true })
    expect(bridge.calls()).toMatchObject([{ state: 'ended', end: { by: 'kedge', code: 'call/worker-lost' } }])
    expect(invite.log).toEqual(['503'])
    expect(trunk.invites[0]?.cancelled).toBe(1)
  })

  it('closes the padlock only on packets counted in both directions on both hops', async () => {
    await dial('echo')
    const [sent] = trunk.invites
    const answer = `v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 5000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${Buffer.alloc(30, 7).toString('base64')}\r\n`
    sent?.delegate.onAccepted({ status: 200, reason: 'OK', body: answer }, sent.dialog)
    await settle()
    const [call] = bridge.calls()
    const count = (leg: 'local' | 'trunk', received: number, packets: number) => {
      const counters = {
        received,
        sent: packets,
        rtcpReceived: 0,
        rtcpSent: 0,
        authFailed: 0,
        tooManyStreams: 0,
        replayed: 0,
        foreign: 0,
        malformed: 0,
        unmapped: 0,
      }
      bridge.onMediaEvent({ type: 'counters', legs: [{ legId: `${call?.id}/${leg}`, counters }] })
      return bridge.calls()[0]?.security
    }
    expect(count('local', 10, 0)).toBe('establishing')
    expect(count('trunk', 0, 10)).toBe('establishing')
    expect(count('trunk', 10, 10)).toBe('establishing')
    expect(count('local', 10, 10)).toBe('proven')
  })
})
