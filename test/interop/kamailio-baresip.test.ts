import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Baresip } from '../harness/baresip.ts'
import { domain, farHz, kedgeHz, type Scene, startScene } from '../harness/browser/scene.ts'
import { startCapture } from '../harness/capture.ts'
import { judgeStreams } from '../harness/rtp-judge.ts'

/**
 * The whole way with peers that are not ours: Kedge's window in Chromium, a Kamailio over TLS whose authority the
 * account brings along, and a baresip that takes nothing but RTP/SAVP.
 */
/** What baresip 1.0.0 picks of our offer, and the first of the two that it offers itself. */
const fourRows = [
  { direction: 'Kedge calls baresip', caller: 'kedge', ender: 'kedge', suite: 'AEAD_AES_256_GCM' },
  { direction: 'Kedge calls baresip', caller: 'kedge', ender: 'baresip', suite: 'AEAD_AES_256_GCM' },
  { direction: 'baresip calls Kedge', caller: 'baresip', ender: 'baresip', suite: 'AES_CM_128_HMAC_SHA1_80' },
  { direction: 'baresip calls Kedge', caller: 'baresip', ender: 'kedge', suite: 'AES_CM_128_HMAC_SHA1_80' },
] as const

describe('Kedge and baresip at one Kamailio', () => {
  let scene: Scene
  let bob: Baresip
  beforeAll(async () => {
    scene = await startScene({ story: 'kamailio-baresip' })
    bob = await scene.farEnd()
  })
  afterAll(() => scene?.[Symbol.asyncDispose]())
  afterEach(() => scene.phone.backToReady())

  test('the account registers over TLS, answering an MD5 challenge', () => {
    const uri = `sip:${domain}`
    expect(registers(scene).slice(0, 2)).toEqual([
      { method: 'REGISTER', uri, transport: 'tls', digest: undefined },
      { method: 'REGISTER', uri, transport: 'tls', digest: 'MD5' },
    ])
  })

  test.for(fourRows)('$direction, $ender hangs up', async ({ caller, ender, suite }) => {
    const { phone } = scene
    await bob.reset()
    await using capture = await startCapture([bob.rtpPorts])
    if (caller === 'kedge') {
      await phone.call('bob')
    } else {
      bob.dial(`sip:kedge@${domain}`)
      await phone.seesCall('incoming')
      await phone.picture('incoming')
      await phone.answer()
    }
    await bob.next('CALL_ESTABLISHED')
    expect((await bob.next('CALL_MENC')).param).toContain(suite)
    await phone.seesCall('connected')
    await phone.seesSecurity('proven')

    const [heardByKedge, heardByBob] = await Promise.all([phone.hearsTone(), bob.hearsTone()])
    expect(heardByKedge?.hz).toBeCloseTo(farHz, -1)
    expect(heardByBob?.hz).toBeCloseTo(kedgeHz, -1)
    expect(await phone.hop('local')).toMatchObject({ security: 'proven', mode: 'webrtc', signalling: 'local' })
    expect(await phone.hop('trunk')).toEqual({
      security: 'proven',
      mode: 'srtp',
      profile: 'RTP/SAVP',
      suite,
      signalling: 'tls',
    })
    await phone.picture(`${caller}-calls-connected`)

    if (ender === 'kedge') await phone.hangUp()
    else bob.hangUp()
    await bob.next('CALL_CLOSED')
    expect(await phone.seesEnd()).toMatchObject({ code: 'call/hung-up' })
    await phone.picture(`${ender}-hung-up`)

    const streams = judgeStreams(await capture.stop())
    expect(streams.map((stream) => stream.plaintext)).toEqual([false, false])
    for (const stream of streams) expect(stream.packets).toBeGreaterThan(50)
  })
})

// baresip knows MD5 alone, so at this server there is nobody to call.
test('registers at a server that asks for a SHA-256 digest (RFC 8760)', async () => {
  await using scene = await startScene({ story: 'register-sha-256', digest: 'SHA-256' })
  await scene.phone.picture('registered')
  expect(registers(scene)).toEqual([
    { method: 'REGISTER', uri: `sip:${domain}`, transport: 'tls', digest: undefined },
    { method: 'REGISTER', uri: `sip:${domain}`, transport: 'tls', digest: 'SHA-256' },
  ])
})

test.for(['udp', 'tcp'] as const)(
  'an account over %s with encryption off: sound both ways, shown as not encrypted',
  async (transport) => {
    await using scene = await startScene({ story: `plain-${transport}`, transport, encryption: 'off' })
    const { phone } = scene
    const bob = await scene.farEnd({ mediaEncryption: 'none' })
    await phone.call('bob')
    await bob.next('CALL_ESTABLISHED')
    await phone.seesCall('connected')
    const [heardByKedge, heardByBob] = await Promise.all([phone.hearsTone(), bob.hearsTone()])
    expect(heardByKedge?.hz).toBeCloseTo(farHz, -1)
    expect(heardByBob?.hz).toBeCloseTo(kedgeHz, -1)
    await phone.seesSecurity('clear')
    expect(await phone.hop('trunk')).toMatchObject({ mode: 'rtp', profile: 'RTP/AVP', signalling: transport })
    await phone.picture('connected')
    bob.hangUp()
    expect(await phone.seesEnd()).toMatchObject({ code: 'call/hung-up' })
  },
)

test('an account over tcp that requires encryption places no call: its keys would be readable on the way', async () => {
  await using scene = await startScene({ story: 'keys-exposed', transport: 'tcp' })
  await scene.phone.call('bob')
  expect(await scene.phone.seesEnd()).toMatchObject({ code: 'security/keys-would-be-exposed' })
  await scene.phone.picture('refused')
  expect(scene.kamailio.requests().filter(({ method }) => method === 'INVITE')).toEqual([])
})

const registers = ({ kamailio }: Scene) => kamailio.requests().filter(({ method }) => method === 'REGISTER')
