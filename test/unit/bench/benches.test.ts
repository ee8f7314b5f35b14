import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { loadEngine } from '../../../electron/media/srtp/engine.ts'
import { SetupBench } from '../../bench/support/call-setup.ts'
import { callsAtOnce, callsInARow } from '../../bench/support/calls-campaign.ts'
import { summary } from '../../bench/support/figures.ts'
import { type ContenderName, measureRelay } from '../../bench/support/relay-run.ts'
import { bdecode, bencode } from '../../harness/bencode.ts'

/** The benchmarks' machinery in its short form, so that it works on the day it is needed. No time decides anything. */
const has = (program: string): boolean => spawnSync('which', [program]).status === 0
const noCompiler = !has('gcc')
const contenders: ContenderName[] = has('rtpengine') ? ['kedge', 'rtpengine'] : ['kedge']
if (noCompiler) console.warn('skipped: the relay benchmark needs gcc')
else if (contenders.length === 1) console.warn('rtpengine is not installed: the relay benchmark is tried without it')

test.skipIf(noCompiler)(
  `the relay benchmark proves and counts every packet of ${contenders.join(' and ')}`,
  async () => {
    const calls = 2
    const { figures, proven } = await measureRelay(await loadEngine(), contenders, calls, 1, 20, 100)
    expect(proven).toBe(contenders.length * calls * 2 * 25)
    for (const figure of figures) {
      expect(figure.lost, figure.name).toBe(0)
      expect(figure.duplicates, figure.name).toBe(0)
      expect(figure.sent).toBe(calls * 2 * (25 + 25 + 20))
      expect(figure.cpuUs.median).toBeGreaterThan(0)
      expect(figure.p50Ms.median).toBeGreaterThan(0)
    }
  },
)

test('the setup benchmark carries audio both ways', async () => {
  const bench = await SetupBench.open(await loadEngine())
  try {
    const times = await bench.call()
    expect(times.inviteMs).toBeGreaterThan(0)
    expect(times.firstPacketsMs).toBeGreaterThan(0)
  } finally {
    await bench.close()
  }
})

/** `npm run soak -- calls` places 10,000 and 400. The last transactions' timers outlive this short form. */
test('calls in a row and at once leave no socket open', async () => {
  const engine = await loadEngine()
  for (const { before, after } of [await callsInARow(engine, 10, 2, 0), await callsAtOnce(engine, 8, 0)]) {
    expect(before.sockets).toBeGreaterThan(0)
    expect(after.sockets).toBe(before.sockets)
    expect(after.rssMb).toBeGreaterThan(0)
  }
})

test('what is bencoded comes back, keys in order', () => {
  const value = { sdp: 'v=0\r\n', flags: ['a', 'bc'], count: -3, none: {} }
  expect(bencode(value)).toBe('d5:counti-3e5:flagsl1:a2:bce4:nonede3:sdp5:v=0\r\ne')
  expect(bdecode(bencode(value))).toEqual(value)
  expect(() => bdecode('9:short')).toThrow()
})

test('a summary is the middle value with its ends', () => {
  expect(summary([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5 })
})
