import { expect, test } from 'vitest'
import { Recordings } from '../../../renderer/src/state/recordings.ts'
import type { Door } from '../../../shared/ipc/contract.ts'

test('a recording that has just ended is in the list that somebody looks at, and is read by nobody else', async () => {
  let kept: readonly { id: string }[] = []
  let asked = 0
  const call = () => {
    asked += 1
    return Promise.resolve({ ok: true, value: { recordings: kept } })
  }
  const recordings = new Recordings({ call } as unknown as Door, (code) => expect.unreachable(code))
  await recordings.refresh()
  expect(asked).toBe(0)
  await recordings.read()
  kept = [{ id: 'r1' }]
  await recordings.refresh()
  expect(recordings.store.getState().list).toEqual(kept)
})
