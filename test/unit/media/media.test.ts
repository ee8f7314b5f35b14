import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { type Media, type MediaEvent, type MediaOptions, startMedia } from '../../../electron/media/media.ts'
import { until } from './worker/support/until.ts'

let media: Media | undefined
let folder: string | undefined
afterEach(async () => {
  await media?.close()
  if (folder !== undefined) await rm(folder, { recursive: true })
  folder = undefined
})

async function start(options: Partial<MediaOptions> = {}): Promise<{ media: Media; events: MediaEvent[] }> {
  const events: MediaEvent[] = []
  media = await startMedia({ onEvent: (event) => events.push(event), ...options })
  return { media, events }
}

const lost = (events: readonly MediaEvent[]) => events.filter(({ type }) => type === 'workerLost')

test('a command is answered with what the worker opened', async () => {
  const { media } = await start()
  const local = await media.call('openWebRtcLeg', { legId: 'a' })
  expect(local).toMatchObject({ address: '127.0.0.1', fingerprint: { algorithm: 'sha-256' } })
  expect(await media.call('openSipLeg', { legId: 'b', address: '127.0.0.1' })).toMatchObject({ address: '127.0.0.1' })
  expect(await media.call('join', { a: 'a', b: 'b' })).toBeNull()
})

test('what the worker refuses comes back as an error with its code', async () => {
  const { media } = await start()
  await expect(media.call('openSipLeg', { legId: 'a', address: 'localhost' })).rejects.toMatchObject({
    name: 'KedgeError',
    code: 'ipc/invalid',
  })
})

test('a killed worker is announced, calls under way fail, and the next leg works', async () => {
  const { media, events } = await start()
  await media.call('openWebRtcLeg', { legId: 'a' })
  const underWay = media.call('openSipLeg', { legId: 'b', address: '127.0.0.1' })
  const refused = expect(underWay).rejects.toMatchObject({ code: 'call/worker-lost' })
  await media.terminateForTest()
  await refused
  expect(lost(events)).toEqual([{ type: 'workerLost', restarting: true }])
  await expect(media.call('openWebRtcLeg', { legId: 'a' })).resolves.toMatchObject({ address: '127.0.0.1' })
})

test('the third death within a minute is the last, and says so', async () => {
  const { media, events } = await start()
  for (let death = 0; death < 3; death++) {
    await media.terminateForTest()
    await until(() => lost(events).length === death + 1, `death ${death + 1}`)
  }
  expect(lost(events).map((event) => event.type === 'workerLost' && event.restarting)).toEqual([true, true, false])
  await expect(media.call('closeLeg', { legId: 'a' })).rejects.toMatchObject({ code: 'call/worker-lost' })
})

test('closing ends calls under way and announces no loss', async () => {
  const { media, events } = await start()
  const refused = expect(media.call('openWebRtcLeg', { legId: 'a' })).rejects.toMatchObject({
    code: 'call/worker-lost',
  })
  await media.close()
  await refused
  await media.close()
  expect(events).toEqual([])
})

test('a worker that throws while it starts is given up after three tries, with a reason in the log', async () => {
  folder = await mkdtemp(join(tmpdir(), 'kedge-media-'))
  const path = join(folder, 'broken.mjs')
  await writeFile(path, 'throw new Error("no engine")')
  const logged: string[] = []
  const log = { warn: (message: string) => void logged.push(message) }
  await expect(start({ workerUrl: pathToFileURL(path), log })).rejects.toMatchObject({ code: 'call/worker-lost' })
  expect(logged.filter((message) => message.includes('no engine'))).toHaveLength(3)
})
