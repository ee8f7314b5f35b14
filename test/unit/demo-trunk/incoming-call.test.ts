import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, expect, test, vi } from 'vitest'
import type { CallContext } from '../../../electron/demo-trunk/call-context.ts'
import { openCallMedia } from '../../../electron/demo-trunk/call-media.ts'
import { receiveCall } from '../../../electron/demo-trunk/incoming-call.ts'
import { spokenCodecs } from '../../../electron/demo-trunk/negotiation.ts'
import { type Target, targets } from '../../../electron/demo-trunk/targets.ts'
import type { TrunkEvent } from '../../../electron/demo-trunk/trunk-event.ts'
import { createReferenceEngine } from '../../../electron/media/srtp/reference/engine.ts'
import { FakeIncomingInvite } from '../../fakes/sip.ts'
import { fakeClock } from './fake-clock.ts'

const engine = createReferenceEngine()
let clock: ReturnType<typeof fakeClock>
let events: TrunkEvent[]
let warnings: string[]

beforeEach(() => {
  clock = fakeClock()
  events = []
  warnings = []
})

function context(address = '127.0.0.1'): CallContext {
  const log = { debug: () => undefined, warn: (message: string) => void warnings.push(message) }
  return { engine, clock, address, log, emit: (event) => void events.push(event), cutConnection: () => undefined }
}

async function offer(): Promise<string> {
  const media = await openCallMedia({ engine, clock, address: '127.0.0.1', codecs: spokenCodecs, protection: 'sdes' })
  const sdp = media.offer()
  await media.close()
  return sdp
}

function invite(user: string, sdp?: string): FakeIncomingInvite {
  return new FakeIncomingInvite('call', { user, host: 'demo.kedge.invalid' }, sdp)
}

const target = (user: string): Target => targets.get(user) ?? expect.fail(`no target ${user}`)

test('a caller who gives up while the media is being opened gets no answer, and nothing is left', async () => {
  const incoming = invite('tone', await offer())
  const call = receiveCall(incoming, target('tone'), context())
  incoming.onCancelled?.()
  await call.life.end()
  await vi.waitFor(() => expect(clock.pending).toBe(0))
  await turn()
  expect(incoming.log).toEqual([])
  expect(events).toEqual([])
})

test('media that cannot be opened is a 500 and a line in the log', async () => {
  const incoming = invite('tone', await offer())
  receiveCall(incoming, target('tone'), context('192.0.2.1'))
  await vi.waitFor(() => expect(incoming.log).toEqual(['500']))
  expect(warnings).toEqual([expect.stringContaining('no pair of UDP ports')])
})

test('an INVITE without an offer is refused where there is media', async () => {
  const incoming = invite('echo')
  receiveCall(incoming, target('echo'), context())
  await vi.waitFor(() => expect(incoming.log).toEqual(['488']))
})

test.each([
  { name: 'before the answer with 480', user: 'noanswer', expected: ['180', '480'], byes: 0 },
  { name: 'after it with BYE', user: 'echo', expected: [expect.stringMatching(/^200 v=0/)], byes: 1 },
])('shutting the trunk down ends a call $name', async ({ user, expected, byes }) => {
  const incoming = invite(user, await offer())
  const call = receiveCall(incoming, target(user), context())
  await vi.waitFor(() => expect(incoming.log).not.toEqual([]))
  await call.end()
  expect(incoming.log).toEqual(expected)
  expect(incoming.dialog.byes).toBe(byes)
  expect(clock.pending).toBe(0)
})
