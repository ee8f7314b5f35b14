import { afterEach, expect, test } from 'vitest'
import { until } from '../media/worker/support/until.ts'
import { ask, LiveBridge } from './support/live-bridge.ts'

/** A call longer than the sequence numbers, sped up: 66,000 packets each way with a session refresh at the wrap. */
let kedge: LiveBridge | undefined
afterEach(() => kedge?.close())

const packets = 66_000
/** As many as the sockets' buffers hold without loss. */
const batch = 60

test('cases 24, 30: no packet of 66,000 each way is lost, refused or changed across the wrap and a session refresh', async () => {
  kedge = await LiveBridge.open()
  const trunk = await kedge.trunkPhone()
  const { window, sent } = await kedge.connected(trunk)
  const refreshAt = packets - (packets % batch) - batch * 8
  for (let from = 0; from < packets; from += batch) {
    for (let at = from; at < from + batch; at++) {
      const payload = Buffer.alloc(20)
      payload.writeUInt32BE(at)
      // The sequence number wraps before the refresh, so the ROC has moved when the refresh comes.
      const packet = { seq: (at + 1000) & 0xffff, timestamp: (at * 160) >>> 0, payload }
      trunk.peer.send({ ...packet, ssrc: 5 })
      window.client.send({ ...packet, ssrc: 6 })
    }
    const due = from + batch
    await until(
      () => window.client.received.length >= due && trunk.peer.received.length >= due,
      `all of the first ${due}`,
    )
    if (from === refreshAt) expect(await ask(sent.dialog, trunk.sdp({ version: 1 }))).toMatch(/^200 /)
  }
  for (const received of [window.client.received, trunk.peer.received]) {
    const numbers = received.map(({ payload }) => payload.readUInt32BE())
    expect(numbers.length).toBeGreaterThan(2 ** 16)
    expect(numbers.every((number, at) => number === at)).toBe(true)
    expect(new Set(received.map(({ ssrc }) => ssrc)).size).toBe(1)
  }
  expect(trunk.peer.refused).toBe(0)
  const { hops } = kedge.bridge.calls()[0] ?? { hops: [] }
  for (const { counters } of hops) expect(counters).toMatchObject({ authFailed: 0, replayed: 0, malformed: 0 })
}, 60_000)
