import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Baresip } from '../harness/baresip.ts'
import { kedgeHz, type Scene, startScene } from '../harness/browser/scene.ts'

/** What the window's peer connections say of themselves; the script stands before the app's own. */
const watchPeers = () => {
  const peers: RTCPeerConnection[] = []
  const Native = window.RTCPeerConnection
  Object.assign(window, {
    peers,
    RTCPeerConnection: class extends Native {
      constructor(configuration?: RTCConfiguration) {
        super(configuration)
        peers.push(this)
      }
    },
  })
}

let scene: Scene
let bob: Baresip
beforeAll(async () => {
  scene = await startScene({ story: 'call-ringing' })
  bob = await scene.farEnd({ answer: 'manual' })
  await scene.phone.page.addInitScript(watchPeers)
  await scene.phone.page.reload()
  await scene.phone.backToReady()
})
afterAll(() => scene?.[Symbol.asyncDispose]())

/** The newest connection, and how many packets of sound it has sent. */
const peer = () =>
  scene.phone.page.evaluate(async () => {
    const newest = (window as unknown as { peers: RTCPeerConnection[] }).peers.at(-1)
    if (newest === undefined) throw new Error('no peer connection')
    let sent = 0
    for (const stat of (await newest.getStats()).values()) if (stat.type === 'outbound-rtp') sent += stat.packetsSent
    return { signalling: newest.signalingState, connection: newest.connectionState, sent }
  })

test('while it rings Chromium finishes ICE and DTLS and sends no sound; the answer is heard on the same connection', async () => {
  const { phone } = scene
  await phone.call('bob')
  await bob.next('CALL_INCOMING')
  await phone.seesCall('ringing')
  await expect.poll(peer, { timeout: 5_000 }).toMatchObject({ connection: 'connected' })
  expect(await peer()).toEqual({ signalling: 'have-remote-pranswer', connection: 'connected', sent: 0 })

  bob.answer()
  await phone.seesCall('connected')
  await phone.seesSecurity('proven')
  const [heard, heardThere] = await Promise.all([phone.hearsTone(), bob.hearsTone()])
  expect(heard?.hz).toBeCloseTo(bob.toneHz, -1)
  expect(heardThere?.hz).toBeCloseTo(kedgeHz, -1)
  expect(await peer()).toMatchObject({ signalling: 'stable', connection: 'connected' })
  await phone.hangUp()
  await bob.next('CALL_CLOSED')
})
