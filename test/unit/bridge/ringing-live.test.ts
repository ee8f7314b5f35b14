import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TrunkPhone } from '../../fakes/trunk-phone.ts'
import type { WindowPhone } from '../../fakes/window-phone.ts'
import { until } from '../media/worker/support/until.ts'
import { carries, LiveBridge, stops } from './support/live-bridge.ts'

/** What happens on real media legs between the 180 and the 200 of a call that the window places. */
let kedge: LiveBridge
let trunk: TrunkPhone
let window: WindowPhone
beforeEach(async () => {
  kedge = await LiveBridge.open()
  trunk = await kedge.trunkPhone()
  window = await kedge.windowPhone()
})
afterEach(() => kedge.close())

const earlyPrefix = '180 early-session '

async function ringing() {
  const { invite, sent } = await kedge.dial(window)
  trunk.read(sent.request.offer, 1)
  sent.delegate.onProgress({ status: 180, reason: 'Ringing', toTag: 'a' })
  const [told = ''] = invite.log
  expect(told.startsWith(earlyPrefix)).toBe(true)
  return { invite, sent, early: told.slice(earlyPrefix.length) }
}

test('ICE and DTLS are done while it rings, and the answer comes to the same transport', async () => {
  const { invite, sent, early } = await ringing()
  const transport = window.read(early)
  await window.connect()

  sent.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'a', body: trunk.sdp({ tag: 1 }) }, sent.dialog)
  await until(() => invite.log.length === 2, 'the window is answered')
  expect(window.read(invite.log[1] ?? '')).toEqual(transport)
  // No handshake in between: the keys of the first one carry the sound.
  await carries(window.client, trunk.peer)
  await carries(trunk.peer, window.client)
})

test('nothing is heard on either side before the answer, and the window is told so', async () => {
  const { early } = await ringing()
  expect(early).toMatch(/^a=sendonly\r$/m)
  window.read(early)
  await window.connect()
  await stops(window.client, trunk.peer)
  await stops(trunk.peer, window.client)
})

test('a window whose transport waits for the answer is answered as ever', async () => {
  const { invite, sent } = await ringing()
  sent.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'a', body: trunk.sdp({ tag: 1 }) }, sent.dialog)
  await until(() => invite.log.length === 2, 'the window is answered')
  window.read(invite.log[1] ?? '')
  await window.connect()
  await carries(window.client, trunk.peer)
})

test('a stranger’s certificate while it rings ends the call: nobody is answered in its name', async () => {
  const stranger = await kedge.windowPhone()
  const { early, invite } = await ringing()
  const { iceUfrag } = stranger.read(early)
  stranger.client.sendRaw(stranger.client.bindingRequest({ username: `${iceUfrag}:${window.client.ufrag}` }))
  await until(() => stranger.client.stunReplies.length > 0, 'an answer to the check')
  await stranger.client.handshake()
  await until(() => invite.log.length === 2, 'a refusal')
  expect(kedge.bridge.calls()[0]?.end?.code).toBe('security/dtls-failed')
})
