import { describe, expect, test } from 'vitest'
import { Checkup, checkMs } from '../../../renderer/src/state/checkup.ts'
import { initialState, type WindowState } from '../../../renderer/src/state/window-state.ts'
import type { CallView } from '../../../shared/model/call.ts'
import { appState, callView, flowing, localHop, trunkHop } from './calls.ts'

const output = { hasSound: true, paused: false, silenced: false, sinkId: '' }
const grown = { ...flowing, received: flowing.received + 150, sent: flowing.sent + 150 }

const call = (counters = flowing, over: Partial<CallView> = {}) =>
  callView({ state: 'connected', hops: [localHop(counters), trunkHop({ counters })], ...over })

/** A call that is looked at, of which the main process says something else by the second look. */
function rig(before: CallView, after: CallView | undefined, state: Partial<WindowState> = {}) {
  let calls: readonly CallView[] = [before]
  const waited: number[] = []
  let turnedOn = 0
  let looks = 0
  const stats = async () => {
    const times = looks++
    const entry = {
      type: 'inbound-rtp',
      kind: 'audio',
      packetsReceived: 150 * times,
      totalSamplesReceived: 144_000 * times,
      totalAudioEnergy: times,
      totalSamplesDuration: 3 * times,
    }
    return new Map([['a', entry]]) as never as RTCStatsReport
  }
  const checkup = new Checkup(
    {
      output: { read: () => output, turnOn: () => void turnedOn++ },
      now: () => 0,
      later: (task, delayMs) => {
        waited.push(delayMs)
        calls = after ? [after] : []
        task()
      },
    },
    { mediaOf: () => ({ stats, connection: 'connected', microphone: undefined }) },
    { store: { getState: () => ({ chosen: {}, missing: {} }) } as never },
    () => ({ ...initialState, connected: true, ...state, app: appState(calls) }),
  )
  return { checkup, waited, turnedOn: () => turnedOn }
}

describe('a look at a call', () => {
  test('compares two readings, three seconds apart', async () => {
    const { checkup, waited } = rig(call(), call(grown))
    expect((await checkup.run('sip-1'))?.hearing.cause).toBe('fine')
    expect(waited).toEqual([checkMs])
  })

  test('of which nothing moved says that the sound has stopped', async () => {
    const { checkup } = rig(call(), call())
    expect((await checkup.run('sip-1'))?.hearing.cause).toBe('stopped')
  })

  test('knows a hold from before the window was loaded anew', async () => {
    const { checkup } = rig(call(), call(flowing, { held: true }))
    const result = await checkup.run('sip-1')
    expect([result?.hearing.cause, result?.speaking.cause]).toEqual(['held-here', 'held-here'])
  })

  test('says nothing of a call that ended meanwhile, or is not known', async () => {
    expect(await rig(call(), undefined).checkup.run('sip-1')).toBeUndefined()
    expect(await rig(call(), call()).checkup.run('other')).toBeUndefined()
  })

  test('a microphone that is not open is found', async () => {
    const { checkup } = rig(call(), call(grown))
    expect((await checkup.run('sip-1'))?.speaking.cause).toBe('no-microphone')
  })
})

test('turning the sound on is left to what plays it', () => {
  const { checkup, turnedOn } = rig(call(), call())
  checkup.turnOn()
  expect(turnedOn()).toBe(1)
})
