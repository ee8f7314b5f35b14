import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type DemoTrunk, startDemoTrunk, type TrunkEvent } from '../../electron/demo-trunk/demo-trunk.ts'
import { type Baresip, type BaresipOptions, startBaresip } from '../harness/baresip.ts'
import { type Scratch, scratchFolder } from '../harness/scratch.ts'

let scratch: Scratch
let trunk: DemoTrunk
const events: TrunkEvent[] = []

beforeAll(async () => {
  scratch = await scratchFolder('demo-trunk')
  trunk = await startDemoTrunk({
    dataDir: scratch.path,
    // baresip 1.0.0 gives up at the first challenge that is not MD5, whatever else is offered.
    digestAlgorithms: ['MD5'],
    onEvent: (event) => events.push(event),
  })
})
afterAll(async () => {
  await trunk?.close()
  await scratch?.[Symbol.asyncDispose]()
})

function phone(options: Pick<BaresipOptions, 'toneHz'> & Partial<BaresipOptions>): Promise<Baresip> {
  const { username: user, password, domain, port, caPem } = trunk
  const proxy = { port, transport: 'tls' as const }
  const defaults = { mediaEncryption: 'srtp-mand', answer: 'auto' } as const
  return startBaresip({ user, password, domain, proxy, caPem, ...defaults, ...options })
}

const at = (target: string) => `sip:${target}@${trunk.domain}`

/** Counters of the call to this target that ended last. */
async function countersOf(target: string) {
  const isEnd = (event: TrunkEvent) => event.type === 'callEnded' && event.target === target
  await vi.waitFor(() => expect(events.some(isEnd)).toBe(true), 5000)
  const ended = events.findLast(isEnd)
  return ended?.type === 'callEnded' ? ended.counters : undefined
}

test('baresip registers with digest over TLS', async () => {
  await using baresip = await phone({ toneHz: 700 })
  expect(baresip.process.output).toMatch(/200 OK/)
  await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ type: 'registered' }))
  await baresip[Symbol.asyncDispose]()
  await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ type: 'unregistered' }), 5000)
})

test.each(['PCMU', 'PCMA'] as const)('tone: baresip hears 440 Hz in %s before and after the answer', async (codec) => {
  await using baresip = await phone({ toneHz: 700, codecs: [codec] })
  baresip.dial(at('tone'))
  await baresip.next('CALL_PROGRESS')
  await baresip.next('CALL_ESTABLISHED')
  expect((await baresip.hearsTone())?.hz).toBeCloseTo(440, -1)
  baresip.hangUp()
  await baresip.next('CALL_CLOSED')
})

test('echo: baresip hears its own tone, and its SRTCP authenticates', async () => {
  await using baresip = await phone({ toneHz: 1300 })
  baresip.dial(at('echo'))
  await baresip.next('CALL_ESTABLISHED')
  // baresip's first RTCP report is due after five seconds.
  await delay(6500)
  expect((await baresip.hearsTone())?.hz).toBeCloseTo(1300, -1)
  baresip.hangUp()
  const counters = await countersOf('echo')
  expect(counters).toMatchObject({ authFailed: 0, replayed: 0 })
  expect(counters?.received).toBeGreaterThan(250)
  expect(counters?.rtcpReceived).toBeGreaterThan(0)
  expect(counters?.rtcpSent).toBeGreaterThan(0)
})

test('plain: baresip, which needs SRTP, neither plays what comes in clear nor sends anything', async () => {
  await using baresip = await phone({ toneHz: 700 })
  baresip.dial(at('plain'))
  // It takes the answer and stays silent, where Kedge ends the call.
  await baresip.next('CALL_ESTABLISHED')
  expect(await baresip.hearsTone(2000)).toBeUndefined()
  baresip.hangUp()
  const counters = await countersOf('plain')
  expect(counters?.received).toBe(0)
  expect(counters?.sent).toBeGreaterThan(80)
})

test.each(['echo', 'tone'])('%s: an offer without keys is refused with 488', async (target) => {
  await using baresip = await phone({ toneHz: 700, mediaEncryption: 'none' })
  baresip.dial(at(target))
  expect((await baresip.next('CALL_CLOSED')).param).toMatch(/^488 /)
})

test.each([
  { target: 'busy', reason: /^486 / },
  { target: 'reject', reason: /^603 / },
  { target: 'nobody', reason: /^404 / },
])('$target: the call ends with $reason', async ({ target, reason }) => {
  await using baresip = await phone({ toneHz: 700 })
  baresip.dial(at(target))
  expect((await baresip.next('CALL_CLOSED')).param).toMatch(reason)
})

test('noanswer: baresip rings until it gives up', async () => {
  await using baresip = await phone({ toneHz: 700 })
  baresip.dial(at('noanswer'))
  await baresip.next('CALL_RINGING')
  baresip.hangUp()
  await baresip.next('CALL_CLOSED')
})

test('hangup: the trunk ends the call', async () => {
  await using baresip = await phone({ toneHz: 700 })
  baresip.dial(at('hangup'))
  await baresip.next('CALL_ESTABLISHED')
  await baresip.next('CALL_CLOSED', 5000)
  expect((await countersOf('hangup'))?.sent).toBeGreaterThan(80)
})

test('the trunk calls baresip, which hears 440 Hz', async () => {
  await using baresip = await phone({ toneHz: 700 })
  await trunk.call('tone')
  expect((await baresip.next('CALL_ESTABLISHED')).peeruri).toBe(at('tone'))
  expect((await baresip.hearsTone())?.hz).toBeCloseTo(440, -1)
  baresip.hangUp()
  expect((await countersOf('tone'))?.received).toBeGreaterThan(20)
})

test('a call of the trunk that offers RTP/AVP is refused by baresip', async () => {
  await using _baresip = await phone({ toneHz: 700 })
  await trunk.call('plain')
  await vi.waitFor(() => expect(events.at(-1)).toEqual({ type: 'callRefused', target: 'plain', status: 488 }), 5000)
})

test('close hangs up: baresip sees its call end', async () => {
  await using baresip = await phone({ toneHz: 700 })
  baresip.dial(at('echo'))
  await baresip.next('CALL_ESTABLISHED')
  await trunk.close()
  await baresip.next('CALL_CLOSED', 5000)
})
