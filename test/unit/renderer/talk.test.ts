import { describe, expect, test } from 'vitest'
import { Talk } from '../../../renderer/src/state/talk.ts'
import { initialState, type WindowState, withAppState } from '../../../renderer/src/state/window-state.ts'
import { appState, callView } from './calls.ts'

const first = callView({ id: 'a', localCallId: 'sip-a', state: 'connected' })
const second = callView({ id: 'b', localCallId: 'sip-b', state: 'connected' })

/** Two calls; the phone notes what it is told and refuses on request. */
class Rig {
  state: WindowState = withAppState({ ...initialState, front: 'a' }, appState([first, second]))
  readonly told: string[] = []
  readonly played: (MediaStream | undefined)[] = []
  hearing: readonly string[] = []
  refuse = false
  readonly talk = new Talk({
    phone: {
      hold: async (callId, held) => {
        this.told.push(`${held ? 'hold' : 'unhold'} ${callId}`)
        return !this.refuse
      },
      join: (callIds) => {
        this.told.push(`mix ${callIds.join(' ')}`)
        return callIds.length > 1 ? mixed : undefined
      },
      talkTo: (callIds) => {
        this.hearing = callIds
      },
    },
    mute: (callId, muted) => this.told.push(`${muted ? 'mute' : 'unmute'} ${callId}`),
    playRemote: (stream) => this.played.push(stream),
    state: () => this.state,
    set: (change) => {
      this.state = { ...this.state, ...change }
      this.talk.play()
    },
  })
}

const mixed = { name: 'mixed' } as unknown as MediaStream
const stream = (name: string) => ({ name }) as unknown as MediaStream

describe('which call the user talks in', () => {
  test('turning to another call puts the one before on hold and takes that one back', async () => {
    const rig = new Rig()
    await rig.talk.turnTo(second)
    expect(rig.told).toEqual(['hold sip-a'])
    expect(rig.state).toMatchObject({ front: 'b', held: new Set(['sip-a']) })
    await rig.talk.turnTo(first)
    expect(rig.told).toEqual(['hold sip-a', 'hold sip-b', 'unhold sip-a'])
    expect(rig.state).toMatchObject({ front: 'a', held: new Set(['sip-b']) })
  })

  test('only the call in front is heard', async () => {
    const rig = new Rig()
    const [a, b] = [stream('a'), stream('b')]
    rig.talk.heard('sip-b', b)
    rig.talk.heard('sip-a', a)
    expect(rig.played).toEqual([a])
    await rig.talk.turnTo(second)
    expect(rig.played).toEqual([a, b])
    rig.talk.heard('sip-b', undefined)
    expect(rig.played).toEqual([a, b, undefined])
  })

  test('a call that cannot be taken back from hold stays held, and the user is told', async () => {
    const rig = new Rig()
    await rig.talk.hold('sip-a', true)
    rig.refuse = true
    await rig.talk.hold('sip-a', false)
    expect(rig.state).toMatchObject({ held: new Set(['sip-a']), problem: { kind: 'no-hold' } })
  })

  test('all calls but the one to come fall silent when another is placed', () => {
    const rig = new Rig()
    rig.talk.leaveOthers()
    expect(rig.told).toEqual(['hold sip-a', 'hold sip-b'])
    rig.talk.leaveOthers()
    expect(rig.told).toHaveLength(2)
  })

  test('joined calls are all taken back from hold, mixed, and heard as one', async () => {
    const rig = new Rig()
    await rig.talk.turnTo(second)
    rig.told.length = 0
    await rig.talk.join()
    expect(rig.told).toEqual(['unhold sip-a', 'unmute sip-a', 'unmute sip-b', 'mix sip-a sip-b'])
    expect(rig.state).toMatchObject({ held: new Set(), conference: new Set(['sip-a', 'sip-b']) })
    expect(rig.played.at(-1)).toBe(mixed)
  })

  test('hold in a conference holds all of it, and resume brings all of it back', async () => {
    const rig = new Rig()
    await rig.talk.join()
    await rig.talk.hold('sip-a', true)
    expect(rig.state.held).toEqual(new Set(['sip-a', 'sip-b']))
    await rig.talk.hold('sip-b', false)
    expect(rig.state.held).toEqual(new Set())
  })

  test('splitting goes on with one of them; the other waits on hold', async () => {
    const rig = new Rig()
    await rig.talk.join()
    rig.told.length = 0
    await rig.talk.split(second)
    expect(rig.told).toEqual(['mix ', 'hold sip-a'])
    expect(rig.state).toMatchObject({ front: 'b', conference: new Set(), held: new Set(['sip-a']) })
  })

  test('a conference that one party has left is one call', async () => {
    const rig = new Rig()
    await rig.talk.join()
    rig.state = withAppState(rig.state, appState([second]))
    rig.talk.play()
    expect(rig.told.at(-1)).toBe('mix ')
    expect(rig.state.conference).toEqual(new Set())
  })
})
