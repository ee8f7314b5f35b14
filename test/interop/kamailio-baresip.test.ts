import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Baresip } from '../harness/baresip.ts'
import { domain, farHz, kedgeHz, type Scene, startScene } from '../harness/browser/scene.ts'
import { startCapture } from '../harness/capture.ts'
import { judgeStreams } from '../harness/rtp-judge.ts'

/**
 * The whole way with peers that are not ours: Kedge's window in Chromium, a Kamailio over TLS whose authority the
 * account brings along, and a baresip that takes nothing but RTP/SAVP.
 */
const fourRows = [
  { direction: 'Kedge calls baresip', caller: 'kedge', ender: 'kedge' },
  { direction: 'Kedge calls baresip', caller: 'kedge', ender: 'baresip' },
  { direction: 'baresip calls Kedge', caller: 'baresip', ender: 'baresip' },
  { direction: 'baresip calls Kedge', caller: 'baresip', ender: 'kedge' },
] as const

describe.for(['MD5', 'SHA-256'] as const)('a registered account, digest %s', (digest) => {
  let scene: Scene
  let bob: Baresip
  beforeAll(async () => {
    scene = await startScene({ story: `kamailio-baresip-${digest.toLowerCase()}`, digest })
    // baresip knows MD5 alone: with SHA-256 Kedge can register, and there is nobody else to call.
    if (digest === 'MD5') bob = await scene.farEnd()
  })
  afterAll(() => scene?.[Symbol.asyncDispose]())

  test('registers over TLS with the account’s own authority', async () => {
    await scene.phone.picture('registered')
    const registers = scene.kamailio.requests().filter((request) => request.startsWith('REGISTER'))
    expect(registers.length).toBeGreaterThanOrEqual(2)
    for (const request of registers) expect(request).toMatch(/ via tls$/)
  })

  test.skipIf(digest !== 'MD5').for(fourRows)('$direction, $ender hangs up', async ({ caller, ender }) => {
    const { phone } = scene
    bob.events.clear()
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
      suite: 'AES_CM_128_HMAC_SHA1_80',
      signalling: 'tls',
    })
    await phone.picture(`${caller}-calls-connected`)

    if (ender === 'kedge') await phone.hangUp()
    else bob.hangUp()
    await bob.next('CALL_CLOSED')
    expect(await phone.seesEnd()).toMatchObject({ code: 'call/hung-up' })
    await phone.picture(`${ender}-hung-up`)
    await phone.dismissEnd()

    const streams = judgeStreams(await capture.stop())
    expect(streams.map((stream) => stream.plaintext)).toEqual([false, false])
    for (const stream of streams) expect(stream.packets).toBeGreaterThan(50)
  })
})
