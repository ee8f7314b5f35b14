import { describe, expect, test } from 'vitest'
import { seqDelta } from '../../../../electron/media/rtp/seq.ts'
import { StreamRewriter } from '../../../../electron/media/worker/stream-rewriter.ts'
import { seededRandom } from '../srtp/random.ts'

const start = { ssrc: 0xabcd, seq: 100, timestamp: 5000 }

interface Placed {
  readonly seq: number
  readonly timestamp: number
  readonly restarted: boolean
}

/** Feeds packets 20 ms apart unless told otherwise; what is dropped comes back as undefined. */
function feeder(stream = new StreamRewriter(start), clockRateHz = 8000) {
  let nowMs = 0
  return {
    stream,
    wait(ms: number) {
      nowMs += ms
    },
    feed(
      seq: number,
      timestamp: number,
      options: { ssrc?: number; event?: number; clock?: number } = {},
    ): Placed | undefined {
      nowMs += 20
      const clock = options.event ?? options.clock ?? clockRateHz
      const placed = stream.place(options.ssrc ?? 1, seq, timestamp >>> 0, clock, options.event !== undefined, nowMs)
      return placed ? { seq: stream.seq, timestamp: stream.timestamp, restarted: stream.restarted } : undefined
    },
  }
}

describe('numbers of one source', () => {
  test('begin where we begin, and keep their distances', () => {
    const { feed } = feeder()
    expect(feed(7000, 90_000)).toEqual({ seq: 100, timestamp: 5000, restarted: true })
    expect(feed(7001, 90_160)).toEqual({ seq: 101, timestamp: 5160, restarted: false })
    expect(feed(7005, 90_800)).toEqual({ seq: 105, timestamp: 5800, restarted: false })
  })

  test('wrap on either side without a seam', () => {
    const stream = new StreamRewriter({ ssrc: 1, seq: 32_767, timestamp: 0xffff_ff00 })
    const { feed } = feeder(stream)
    for (let n = 0; n < 140_000; n++) {
      const placed = feed((65_500 + n) & 0xffff, 0xffff_f000 + 160 * n)
      const expected = { seq: (32_767 + n) & 0xffff, timestamp: (0xffff_ff00 + 160 * n) >>> 0 }
      // An assertion for each of the packets would take longer than all of them.
      if (placed?.seq !== expected.seq || placed.timestamp !== expected.timestamp)
        expect(placed).toMatchObject(expected)
    }
    expect(stream.seq).toBe((32_767 + 139_999) & 0xffff)
  })

  test('arriving out of order over the wrap leave in their own places', () => {
    const { feed } = feeder()
    feed(65_534, 0)
    expect(feed(0, 320)?.seq).toBe(102)
    expect(feed(65_535, 160)).toMatchObject({ seq: 101, timestamp: 5160 })
    expect(feed(1, 480)?.seq).toBe(103)
  })

  test('never leave twice: not repeated, not before the first, not after 256 others', () => {
    const { feed } = feeder(new StreamRewriter({ ...start, seq: 0 }))
    feed(500, 0)
    expect(feed(500, 0)).toBeUndefined()
    expect(feed(499, 0)).toBeUndefined()
    for (let n = 1; n <= 300; n++) feed(500 + n, 160 * n)
    expect(feed(520, 3200)).toBeUndefined()
    expect(feed(700, 32_000)).toBeUndefined()
  })
})

describe('a source that starts anew', () => {
  test('under another SSRC goes on with the next number and a timestamp moved by the clock', () => {
    const { feed, wait } = feeder()
    feed(10, 1000)
    feed(11, 1160)
    wait(980)
    expect(feed(60_000, 77, { ssrc: 2 })).toEqual({ seq: 102, timestamp: 5160 + 8000, restarted: true })
    expect(feed(60_001, 237, { ssrc: 2 })).toEqual({ seq: 103, timestamp: 5160 + 8160, restarted: false })
  })

  test('at once still moves the timestamp by a packet', () => {
    const stream = new StreamRewriter(start)
    stream.place(1, 10, 1000, 8000, false, 50)
    stream.place(2, 900, 9, 8000, false, 50)
    expect(stream.timestamp).toBe(5160)
  })

  test('with lower numbers is believed at its second packet, a stray late one never (RFC 3550 A.1)', () => {
    const { feed } = feeder()
    for (let n = 0; n < 400; n++) feed(40_000 + n, 160 * n)
    expect(feed(39_000, 1)).toBeUndefined()
    expect(feed(40_400, 64_000)?.seq).toBe(500)
    expect(feed(30_000, 500)).toBeUndefined()
    expect(feed(30_001, 660)).toMatchObject({ seq: 501, restarted: true })
    expect(feed(30_002, 820)).toMatchObject({ seq: 502, restarted: false })
  })

  test('with a leap ahead loses no packet and leaves no gap', () => {
    const { feed } = feeder()
    feed(10, 1000)
    expect(feed(20_000, 9_000_000)).toEqual({ seq: 101, timestamp: 5160, restarted: true })
  })

  test('with only its timestamp reset moves with the clock', () => {
    const { feed } = feeder()
    feed(10, 4_000_000)
    feed(11, 4_000_160)
    expect(feed(12, 3)).toEqual({ seq: 102, timestamp: 5320, restarted: true })
    expect(feed(13, 163)).toEqual({ seq: 103, timestamp: 5480, restarted: false })
  })

  test('with only its timestamp reset moves with the clock also when that lies less than ten seconds back', () => {
    const { feed } = feeder()
    for (let n = 0; n < 400; n++) feed(n, 160 * n)
    expect(feed(400, 0)).toEqual({ seq: 500, timestamp: 5000 + 160 * 400, restarted: true })
    expect(feed(401, 160)).toEqual({ seq: 501, timestamp: 5000 + 160 * 401, restarted: false })
  })

  test('with lower numbers that have left before is heard from its second packet on', () => {
    const { feed } = feeder()
    for (let n = 0; n < 250; n++) feed(n, 160 * n)
    const again = Array.from({ length: 400 }, (_, n) => feed(n, 160 * n))
    expect(again.slice(0, 2)).toEqual([undefined, { seq: 350, timestamp: 5000 + 160 * 251, restarted: true }])
    expect(again.slice(2)).toEqual(
      Array.from({ length: 398 }, (_, n) => ({ seq: 351 + n, timestamp: 5000 + 160 * (252 + n), restarted: false })),
    )
  })

  test('is not what the network doubles: packets that come again up to a hundred places late', () => {
    const { feed } = feeder()
    for (let n = 0; n < 250; n++) feed(n, 160 * n)
    for (let n = 150; n < 250; n++) expect(feed(n, 160 * n)).toBeUndefined()
    expect(feed(250, 160 * 250)).toEqual({ seq: 350, timestamp: 5000 + 160 * 250, restarted: false })
  })

  test('with another clock rate moves with that clock (RFC 7160)', () => {
    const { feed } = feeder()
    feed(10, 1000)
    expect(feed(11, 999_999, { clock: 48_000 })).toMatchObject({ seq: 101, timestamp: 5960 })
    expect(feed(12, 1_000_959, { clock: 48_000 })).toMatchObject({ seq: 102, timestamp: 6920 })
  })
})

describe('pauses', () => {
  test('silence suppression keeps the source’s own timestamps', () => {
    const { feed, wait } = feeder()
    feed(10, 1000)
    wait(3000)
    expect(feed(11, 1000 + 24_160)).toEqual({ seq: 101, timestamp: 5000 + 24_160, restarted: false })
  })

  test('a burst after a stall keeps them too', () => {
    const stream = new StreamRewriter(start)
    stream.place(1, 10, 1000, 8000, false, 0)
    for (let n = 1; n <= 250; n++) {
      stream.place(1, 10 + n, 1000 + 160 * n, 8000, false, 5000)
      expect(stream.timestamp).toBe(5000 + 160 * n)
    }
  })

  test('audio held back leaves no gap in the numbers, and the time shows in the timestamp (case 32)', () => {
    const { feed, wait, stream } = feeder()
    feed(10, 1000)
    stream.interrupt()
    wait(59_980)
    expect(feed(3010, 481_000)).toEqual({ seq: 101, timestamp: 5000 + 480_000, restarted: true })
  })
})

describe('telephone-events (case 47)', () => {
  test('keep one timestamp through all packets of an event, and the audio after it is where it was', () => {
    const { feed } = feeder()
    feed(10, 1000)
    const event = Array.from({ length: 6 }, (_, n) => feed(11 + n, 1160, { event: 8000 }))
    expect(event.map((placed) => placed?.timestamp)).toEqual(Array(6).fill(5160))
    expect(event.map((placed) => placed?.seq)).toEqual([101, 102, 103, 104, 105, 106])
    expect(feed(17, 2120)).toEqual({ seq: 107, timestamp: 6120, restarted: false })
  })

  test('counted in another clock begin now and still keep one timestamp', () => {
    const { feed } = feeder(new StreamRewriter(start), 48_000)
    feed(10, 1_000_000)
    const event = Array.from({ length: 3 }, (_, n) => feed(11 + n, 77, { event: 8000 }))
    expect(event.map((placed) => placed?.timestamp)).toEqual([5960, 5960, 5960])
    expect(feed(14, 1_003_840)).toEqual({ seq: 104, timestamp: 5000 + 3840, restarted: false })
  })

  test('sent between audio that goes on do not set the clock back: for a report, or for a source that follows', () => {
    const { feed, stream } = feeder()
    for (let n = 0; n < 10; n++) feed(10 + n, 160 * n)
    for (let n = 0; n < 50; n++) {
      feed(20 + 2 * n, 1600 + 160 * n)
      stream.place(1, 21 + 2 * n, 1600, 8000, true, 20 * (11 + n))
    }
    // 60 packets of audio have left, the last of them 20 * 60 ms after the start.
    expect(stream.timestampAt(20 * 60)).toBe(5000 + 59 * 160)
    stream.place(2, 700, 9, 8000, false, 20 * 61)
    expect(stream.timestamp).toBe(5000 + 60 * 160)
  })

  test('under an SSRC of their own keep one timestamp each, and the audio that goes on beside them keeps its own', () => {
    const { feed } = feeder()
    for (let n = 0; n < 10; n++) feed(10 + n, 160 * n)
    const [events, audio]: [(Placed | undefined)[], (Placed | undefined)[]] = [[], []]
    for (let n = 0; n < 12; n++) {
      // Two keys, six packets each, between the packets of audio.
      events.push(feed(1000 + n, n < 6 ? 50_000 : 51_000, { ssrc: 9, event: 8000 }))
      audio.push(feed(20 + n, 160 * (10 + n)))
    }
    const [first, second] = [events[0]?.timestamp ?? 0, events[6]?.timestamp ?? 0]
    expect(second).toBeGreaterThan(first)
    expect(events.map((placed) => placed?.timestamp)).toEqual([...Array(6).fill(first), ...Array(6).fill(second)])
    expect(audio.map((placed) => placed?.timestamp)).toEqual(audio.map((_, n) => 5000 + 160 * (10 + n)))
    const both = events.flatMap((event, n) => [event, audio[n]])
    expect(both.map((placed) => placed?.seq)).toEqual(both.map((_, n) => 110 + n))
    expect(both.some((placed) => placed?.restarted)).toBe(false)
  })

  test('under an SSRC of their own leave once, and audio that is late beside them leaves in its place', () => {
    const { feed } = feeder()
    feed(10, 0)
    feed(12, 320)
    const event = [50, 51, 51, 50, 52].map((seq) => feed(seq, 7000, { ssrc: 9, event: 8000 })?.seq)
    expect(event).toEqual([103, 104, undefined, undefined, 105])
    feed(14, 640)
    expect([feed(11, 160), feed(13, 480), feed(11, 160)].map((placed) => placed?.seq)).toEqual([101, 106, undefined])
    // Numbered anew, they are heard at once.
    expect(feed(40_000, 9000, { ssrc: 9, event: 8000 })?.seq).toBe(108)
  })

  test('beside the audio keep none of it from being known again', () => {
    const { feed } = feeder()
    for (let n = 0; n < 200; n++) {
      feed(10 + n, 160 * n)
      feed(5000 + n, 7000, { ssrc: 9, event: 8000 })
    }
    expect(feed(11, 160)).toBeUndefined()
    expect(feed(150, 160 * 140)).toBeUndefined()
  })

  test('keep their timestamp when the audio changes its source, whichever of the two they belong to', () => {
    const { feed } = feeder()
    feed(10, 1000)
    const before = feed(11, 1160, { event: 8000 })?.timestamp
    feed(700, 5, { ssrc: 2 })
    expect(feed(12, 1160, { event: 8000 })?.timestamp).toBe(before)
    const beside = feed(70, 9, { ssrc: 3, event: 8000 })?.timestamp
    feed(71, 9, { ssrc: 3 })
    expect(feed(72, 9, { ssrc: 3, event: 8000 })?.timestamp).toBe(beside)
  })
})

test('a sender report’s timestamp is the newest one carried on by the clock', () => {
  const stream = new StreamRewriter(start)
  stream.place(1, 10, 1000, 8000, false, 1000)
  expect(stream.timestampAt(3000)).toBe(5000 + 16_000)
})

test('whatever three sources send, in whatever order, no number leaves twice and none is far from the one before', () => {
  const random = seededRandom()
  let placed = 0
  for (let run = 0; run < 20; run++) {
    const seq = random.integer(2 ** 15)
    const stream = new StreamRewriter({ ssrc: 1, seq, timestamp: random.integer(2 ** 32) })
    const left = new Set<number>()
    let newest = seq
    const at = [0, 1, 2].map(() => random.integer(2 ** 16))
    for (let n = 0; n < 5000; n++) {
      const ssrc = random.integer(10) < 8 ? 0 : random.integer(3)
      const step = [1, 1, 1, 1, 2, 5, -1, -3, 0, 300, -300, 4000][random.integer(12)] ?? 1
      const theirs = ((at[ssrc] ?? 0) + step) & 0xffff
      if (step > 0 || random.integer(4) === 0) at[ssrc] = theirs
      if (random.integer(50) === 0) stream.interrupt()
      const timestamp = random.integer(4) === 0 ? random.integer(2 ** 32) : n * 160
      if (random.integer(6) === 0) stream.skip(ssrc, theirs)
      else if (stream.place(ssrc, theirs, timestamp, 8000, random.integer(5) === 0, n * 20)) {
        // As a receiver works the index out (RFC 3711 §3.3.1).
        const index = newest + seqDelta(stream.seq, newest & 0xffff)
        if (left.has(index) || Math.abs(index - newest) > 3600)
          expect({ run, n, index, newest }).toBe('a free place near')
        left.add(index)
        newest = Math.max(newest, index)
        placed++
      }
    }
  }
  expect(placed).toBeGreaterThan(30_000)
})
