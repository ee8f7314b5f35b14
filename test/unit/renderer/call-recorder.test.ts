import { describe, expect, test } from 'vitest'
import { CallRecorder } from '../../../renderer/src/state/call-recorder.ts'
import type { CallResult } from '../../../shared/ipc/contract.ts'

function rig(answers: Partial<Record<string, () => Promise<CallResult<never>>>> = {}) {
  const asked: string[] = []
  const problems: string[] = []
  const changes: string[][] = []
  const tones: string[] = []
  let hand: ((data: Blob) => void) | undefined
  let stopped = 0
  const recorder = new CallRecorder({
    door: {
      call: ((channel: string, input: { data?: string }) => {
        asked.push(input.data === undefined ? channel : `${channel} ${atob(input.data)}`)
        return (
          answers[channel]?.() ?? Promise.resolve({ ok: true, value: channel === 'startRecording' ? { id: 'r1' } : {} })
        )
      }) as never,
    },
    record: (onData) => {
      hand = onData
      return {
        use: () => undefined,
        stop: () => {
          stopped++
          onData(new Blob(['last']))
          return Promise.resolve()
        },
      }
    },
    sidesOf: () => ({ microphone: undefined, remote: undefined }),
    setTone: (callId, on) => tones.push(`${callId} ${on}`),
    onChange: (recorded) => changes.push([...recorded]),
    onKept: () => asked.push('kept'),
    onProblem: (code) => problems.push(code),
  })
  const call = { id: 'c1', localCallId: 'leg' }
  return {
    recorder,
    call,
    asked,
    problems,
    changes,
    tones,
    hand: (text: string) => hand?.(new Blob([text])),
    stopped: () => stopped,
  }
}

const failing = (code: string) => () => Promise.resolve({ ok: false, error: { code, message: '' } }) as never

describe('recording a call', () => {
  test('sends what is recorded in order, the last piece too, and then says that it is over', async () => {
    const { recorder, call, asked, changes, tones, hand } = rig()
    await recorder.start(call)
    hand('one')
    hand('two')
    await recorder.stop('leg')
    expect(asked).toEqual([
      'startRecording',
      'appendRecording one',
      'appendRecording two',
      'appendRecording last',
      'finishRecording',
      'kept',
    ])
    expect(changes).toEqual([['leg'], []])
    expect(tones).toEqual(['leg true', 'leg false'])
  })

  test('a call that ends while the recording begins leaves none running', async () => {
    let answer: (() => void) | undefined
    const { recorder, call, asked, changes } = rig({
      startRecording: () =>
        new Promise((resolve) => (answer = () => resolve({ ok: true, value: { id: 'r1' } } as never))),
    })
    const starting = recorder.start(call)
    await recorder.stop('leg')
    answer?.()
    await starting
    expect(asked).toEqual(['startRecording', 'finishRecording', 'kept'])
    expect(changes).toEqual([])
  })

  test('pressed twice it is one recording', async () => {
    const { recorder, call, asked } = rig()
    await Promise.all([recorder.start(call), recorder.start(call)])
    await recorder.start(call)
    expect(asked).toEqual(['startRecording'])
  })

  test('a full disk ends it and is said; it does not go on looking like a recording', async () => {
    const { recorder, call, problems, changes, hand, stopped } = rig({ appendRecording: failing('recording/failed') })
    await recorder.start(call)
    hand('one')
    await expect.poll(stopped).toBe(1)
    expect(problems).toEqual(['recording/failed'])
    expect(changes.at(-1)).toEqual([])
  })

  test('one that cannot be finished is said, and is not called kept', async () => {
    const { recorder, call, problems, asked } = rig({ finishRecording: failing('recording/failed') })
    await recorder.start(call)
    await recorder.stop('leg')
    expect(problems).toEqual(['recording/failed'])
    expect(asked).not.toContain('kept')
  })

  test('one that cannot begin is said', async () => {
    const { recorder, call, problems, changes } = rig({ startRecording: failing('recording/failed') })
    await recorder.start(call)
    expect([problems, changes]).toEqual([['recording/failed'], []])
  })
})
