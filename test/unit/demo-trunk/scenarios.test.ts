import { beforeEach, expect, test } from 'vitest'
import { createCallLife } from '../../../electron/demo-trunk/call-life.ts'
import type { MediaSession } from '../../../electron/demo-trunk/media/media-session.ts'
import { createRtpStream } from '../../../electron/demo-trunk/media/rtp-stream.ts'
import type { MediaCall } from '../../../electron/demo-trunk/scenarios/call.ts'
import { targets } from '../../../electron/demo-trunk/targets.ts'
import { noCounters } from '../../../shared/model/call.ts'
import { practiceCalls } from '../../../shared/model/practice.ts'
import { fakeClock } from './fake-clock.ts'

const codecs = [{ payloadType: 0, name: 'PCMU', clockRateHz: 8000, channels: 1 }]
const address = { address: '127.0.0.1', port: 9 }
let clock: ReturnType<typeof fakeClock>
let steps: string[]
let sent: number
let sending: boolean

beforeEach(() => {
  clock = fakeClock()
  steps = []
  sent = 0
  sending = true
})

/** Runs a target's scenario on a call that writes down what is done to it, with the second it was done in. */
function run(name: string) {
  const began = clock.now()
  const note = (step: string) => steps.push(`${(clock.now() - began) / 1000} s ${step}`)
  const life = createCallLife(clock)
  const session: MediaSession = {
    rtpPort: 40_000,
    rtcpPort: 40_001,
    stream: createRtpStream({ ssrc: 1, seq: 1, timestamp: 0 }),
    remote: { rtp: address, rtcp: address, rtcpMux: true, codecs, sendAudio: true },
    get sending() {
      return sending
    },
    counters: noCounters,
    onAudio: undefined,
    onDigit: undefined,
    connect: () => undefined,
    transmit: () => void sent++,
    close: () => Promise.resolve(),
  }
  const call: MediaCall = {
    session,
    clock,
    ring: () => void note('180'),
    earlyMedia: () => void note('183'),
    answer: () => void note('200'),
    reject: (status) => void note(String(status)),
    accept: (body) => void note(`200 ${body.trim()}`),
    changeKey: () => void note('re-INVITE with a new key'),
    cutConnection() {
      note('connection cut')
      void life.end()
    },
    hangUp() {
      note('BYE')
      void life.end()
    },
    after: life.after,
    onEnd: life.onEnd,
  }
  targets.get(name)?.run(call)
  return life
}

test.each([
  { target: 'busy', expected: ['0 s 486'] },
  { target: 'reject', expected: ['0 s 603'] },
  { target: 'noanswer', expected: ['0 s 180', '60 s 480'] },
  { target: 'echo', expected: ['0 s 200'] },
  { target: 'tone', expected: ['0 s 183', '1 s 200'] },
  { target: 'plain', expected: ['0 s 200'] },
  { target: 'hangup', expected: ['0 s 200', '2 s BYE'] },
  { target: 'nosrtp', expected: ['0 s 488'] },
  { target: 'wrongkey', expected: ['0 s 200'] },
  { target: 'oneway', expected: ['0 s 200'] },
  { target: 'keychange', expected: ['0 s 200', '2 s re-INVITE with a new key'] },
  { target: 'drop', expected: ['0 s 200', '2 s connection cut'] },
  { target: 'codec', expected: ['0 s 200'] },
  { target: 'garbled', expected: ['0 s 200 this is no description of a call'] },
])('$target: $expected', ({ target, expected }) => {
  run(target)
  clock.advance(120_000)
  expect(steps).toEqual(expected)
})

test('every call of practice mode is there except the unknown one, and nothing else', () => {
  expect([...targets.keys()]).toEqual(practiceCalls.filter((name) => name !== 'unknown'))
})

test('one-way sound: answered, and never a packet', () => {
  run('oneway')
  clock.advance(10_000)
  expect(sent).toBe(0)
})

test('a tone is one packet every 20 ms from the start, and stops with the call', async () => {
  const life = run('tone')
  expect(sent).toBe(1)
  clock.advance(1000)
  expect(sent).toBe(51)
  await life.end()
  clock.advance(1000)
  expect(sent).toBe(51)
  expect(clock.pending).toBe(0)
})

test('a tone on hold sends nothing and goes on afterwards', () => {
  run('tone')
  clock.advance(100)
  sending = false
  clock.advance(1000)
  expect(sent).toBe(6)
  sending = true
  clock.advance(100)
  expect(sent).toBe(11)
})

test('a call that ends early leaves no timer behind', async () => {
  const life = run('noanswer')
  clock.advance(10_000)
  await life.end()
  expect(clock.pending).toBe(0)
  clock.advance(60_000)
  expect(steps).toEqual(['0 s 180'])
})
