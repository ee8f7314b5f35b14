import { afterAll, beforeAll, expect, test } from 'vitest'
import { kedgeHz, type Scene, startScene } from '../harness/browser/scene.ts'
import { startCapture } from '../harness/capture.ts'
import { judgeStreams } from '../harness/rtp-judge.ts'
import { type Rtpengine, startRtpengine } from '../harness/rtpengine.ts'
import { type Sipp, sippHz, startSipp } from '../harness/sipp.ts'

/** A trunk as providers build them: Kamailio for TLS, rtpengine for SRTP, and behind both a gateway of plain RTP. */
const peers = new AsyncDisposableStack()
let gateway: Sipp
let relay: Rtpengine
let scene: Scene
beforeAll(async () => {
  gateway = peers.use(await startSipp('early-media'))
  relay = peers.use(await startRtpengine())
  scene = peers.use(
    await startScene({
      story: 'call-early-media',
      routes: { announcement: gateway.uri },
      mediaRelayPort: relay.controlPort,
    }),
  )
})
afterAll(() => peers.disposeAsync())

test('sound that comes with a 183 is heard before the answer, encrypted, and goes on after it', async () => {
  const { phone } = scene
  await using capture = await startCapture([gateway.media])
  await phone.call('announcement')
  await phone.seesCall('early')
  const early = await phone.hearsTone()
  await phone.seesCall('early')
  await phone.picture('early-media')
  expect(early?.hz).toBeCloseTo(sippHz, -1)

  await phone.seesCall('connected')
  await phone.seesSecurity('proven')
  expect((await phone.hearsTone())?.hz).toBeCloseTo(sippHz, -1)
  expect(await phone.hop('trunk')).toMatchObject({ mode: 'srtp', profile: 'RTP/SAVP', signalling: 'tls' })
  await phone.picture('answered')
  await phone.hangUp()
  await gateway.finished()

  // Behind rtpengine all is plain: what the gateway receives shows that our voice came through, too.
  const toGateway = judgeStreams(await capture.stop()).filter(
    (stream) => stream.destinationPort === gateway.media.first,
  )
  expect(toGateway.map((stream) => Math.round((stream.tone?.hz ?? 0) / 10) * 10)).toEqual([kedgeHz])
})
