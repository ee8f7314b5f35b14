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
test.for(['MD5', 'SHA-256'] as const)('registers over TLS at a server that asks for a %s digest', async (digest) => {
  await using scene = await startScene({ story: `register-${digest.toLowerCase()}`, digest })
  await scene.phone.picture('registered')
  const uri = `sip:${domain}`
  expect(scene.kamailio.requests()).toEqual([
    { method: 'REGISTER', uri, transport: 'tls', digest: undefined },
    { method: 'REGISTER', uri, transport: 'tls', digest },
  ])
})
