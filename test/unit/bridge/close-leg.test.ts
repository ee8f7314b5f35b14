import { expect, test } from 'vitest'
import { closeLeg } from '../../../electron/bridge/close-leg.ts'
import { KedgeError } from '../../../shared/errors.ts'
import { FakeMedia } from './support/fake-media.ts'

function failing(error: Error): FakeMedia {
  const media = new FakeMedia()
  media.before = () => {
    throw error
  }
  return media
}

test('a leg of a worker that is lost is closed already', async () => {
  const media = failing(new KedgeError('call/worker-lost', 'gone'))
  await expect(closeLeg(media, 'leg')).resolves.toBeUndefined()
  expect(media.calls).toEqual([{ command: 'closeLeg', input: { legId: 'leg' } }])
})

test('any other failure is one', async () => {
  await expect(closeLeg(failing(new KedgeError('internal', 'no such leg')), 'leg')).rejects.toMatchObject({
    code: 'internal',
  })
})
