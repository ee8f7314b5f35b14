import { createSocket } from 'node:dgram'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mapped, StunServer } from '../../../fakes/stun-server.ts'
import { Bench } from './support/bench.ts'
import { until } from './support/until.ts'

let bench: Bench
beforeEach(async () => {
  bench = await Bench.open()
})
afterEach(() => bench.close())

const seen = { address: '203.0.113.9', portOf: (port: number) => (port + 1000) & 0xffff }
const open = () => bench.call('openSipLeg', { legId: 'a', address: '127.0.0.1' })
const discover = (port: number) => bench.call('discoverLeg', { legId: 'a', server: { address: '127.0.0.1', port } })

test('a leg learns how a server sees its two ports, although the first requests are lost', async () => {
  using server = await StunServer.open(seen, 3)
  const { rtpPort, rtcpPort } = await open()
  expect(await discover(server.port)).toEqual({
    rtp: { address: '203.0.113.9', port: rtpPort + 1000 },
    rtcp: { address: '203.0.113.9', port: rtcpPort + 1000 },
  })
  expect(server.asked.length).toBeGreaterThan(3)
  expect(bench.table.counters('a')).toMatchObject({ malformed: 0, foreign: 0 })
})

test('an answer of somebody else is not taken, and neither is one to no request', async () => {
  using server = await StunServer.open(seen, 2)
  const stranger = createSocket('udp4')
  const { rtpPort } = await open()
  const asked = discover(server.port)
  await until(() => server.asked.length > 0, 'a request')
  // The stranger does not know the transaction, and would not be the server if it did.
  stranger.send(mapped(Buffer.alloc(20, 0x21), '198.51.100.66', 6666), rtpPort, '127.0.0.1')
  expect((await asked).rtp).toEqual({ address: '203.0.113.9', port: rtpPort + 1000 })
  await until(() => bench.table.counters('a').malformed === 1, 'the stranger is counted')
  stranger.close()
})

test('without a server the answer is that nothing is known, and a closed leg waits for none', async () => {
  await open()
  const asked = discover(9)
  await bench.call('closeLeg', { legId: 'a' })
  expect(await asked).toEqual({})
})
