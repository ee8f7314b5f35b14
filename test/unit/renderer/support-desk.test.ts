import { expect, test } from 'vitest'
import { SupportDesk } from '../../../renderer/src/state/support-desk.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import type { Door } from '../../../shared/ipc/contract.ts'

function desk(answer: object) {
  const problems: ErrorCode[] = []
  const door = { call: () => Promise.resolve(answer) } as unknown as Door
  return { support: new SupportDesk(door, (code) => problems.push(code)), problems }
}
const failing = (code: ErrorCode) => desk({ ok: false, error: { code, message: '' } })

test('a message whose place newer ones took is said to be forgotten, which is no problem', async () => {
  const { support, problems } = failing('trace/forgotten')
  expect(await support.message(1)).toEqual({ kind: 'forgotten' })
  expect(problems).toEqual([])
})

test('a message that cannot be read for another reason is not called forgotten', async () => {
  const { support, problems } = failing('ipc/disconnected')
  expect(await support.message(1)).toBeUndefined()
  expect(problems).toEqual(['ipc/disconnected'])
})

test('a file that cannot be made says why', async () => {
  const { support, problems } = failing('internal')
  expect([await support.exportTrace({ accountId: 'work' }, 'text'), await support.supportFile()]).toEqual([
    undefined,
    undefined,
  ])
  expect(problems).toEqual(['internal', 'internal'])
})

test('the trace, which is read every second, says once that it cannot be read', async () => {
  const { support, problems } = failing('internal')
  await support.trace({}, false)
  await support.trace({}, true)
  expect(problems).toEqual(['internal'])
})

test('what is there is handed on', async () => {
  const { support, problems } = desk({ ok: true, value: { text: 'INVITE' } })
  expect(await support.message(1)).toEqual({ kind: 'text', text: 'INVITE' })
  expect(problems).toEqual([])
})
