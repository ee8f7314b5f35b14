import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { LegCodec } from '../../../../electron/media/protocol.ts'
import { ConvertedDirection } from '../../../../electron/media/worker/converted-direction.ts'
import { StreamRewriter } from '../../../../electron/media/worker/stream-rewriter.ts'
import { type Rtp, readRtp, writeRtp } from './support/rtp.ts'
import { until } from './support/until.ts'

const g711: LegCodec = { payloadType: 0, name: 'PCMU', clockRateHz: 8000, channels: 1 }
const aLaw: LegCodec = { payloadType: 8, name: 'PCMA', clockRateHz: 8000, channels: 1 }
const opus: LegCodec = { payloadType: 111, name: 'opus', clockRateHz: 48_000, channels: 2 }
const voice = (at: number) => writeRtp({ seq: at, timestamp: at * 160, payload: Buffer.alloc(160, 0xd5) })
const convert = (direction: ConvertedDirection, at: number) => {
  const packet = voice(at)
  return direction.convert(packet, 12, packet.length)
}

test('a direction whose codec changes early in a call is heard on from its first packet', async () => {
  const sent: Rtp[] = []
  const direction = new ConvertedDirection((packet, length) =>
    sent.push(readRtp(Buffer.from(packet.subarray(0, length)))),
  )
  const stream = new StreamRewriter({ ssrc: 1, seq: 100, timestamp: 0 })
  let at = 0
  for (const to of [opus, aLaw, opus]) {
    expect(direction.plan([g711], [to])).toBe(true)
    await until(() => convert(direction, at++), 'the codec is open')
    for (let more = 0; more < 30; more++) convert(direction, at++)
  }
  const placed = sent.map(({ ssrc, seq, timestamp, payloadType }, now) =>
    stream.place(ssrc, seq, timestamp, payloadType === 8 ? 8000 : 48_000, false, now * 20),
  )
  expect(sent.length).toBe(93)
  expect(placed.filter((isPlaced) => !isPlaced)).toEqual([])
  expect(stream.seq).toBe(100 + 92)
  direction.plan([], [])
})

test('a codec that cannot be opened leaves the direction silent, and nothing else', async () => {
  const rejections: unknown[] = []
  const note = (reason: unknown) => rejections.push(reason)
  process.on('unhandledRejection', note)
  const direction = new ConvertedDirection(
    () => expect.unreachable('nothing was converted'),
    () => Promise.reject(new Error('no memory')),
  )
  expect(direction.plan([g711], [opus])).toBe(true)
  await turn()
  expect(convert(direction, 0)).toBe(false)
  await turn()
  process.off('unhandledRejection', note)
  expect(rejections).toEqual([])
})
