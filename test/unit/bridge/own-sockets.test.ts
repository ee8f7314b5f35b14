import { expect, test } from 'vitest'
import { OwnSockets } from '../../../electron/bridge/own-sockets.ts'
import { KedgeError } from '../../../shared/errors.ts'
import { FakeMedia } from './support/fake-media.ts'

test.each([
  ['call/worker-lost', 'has nothing left to stay at'],
  ['internal', 'fails'],
] as const)('a leg that gives up its move, and the worker says %s, %s', async (code, _what) => {
  const media = new FakeMedia()
  const sockets = new OwnSockets('leg', media)
  await sockets.move('192.0.2.2')
  media.before = () => {
    throw new KedgeError(code, 'gone')
  }
  const staying = sockets.stay()
  if (code === 'internal') await expect(staying).rejects.toMatchObject({ code })
  else await expect(staying).resolves.toBeUndefined()
  expect(sockets.isMoving).toBe(false)
})
