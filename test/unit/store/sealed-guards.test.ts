import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

/** What `writeFileSync` and `createCipheriv` of the product are seen and made to do. */
const seen = vi.hoisted(() => ({ isFull: false, keys: [] as Uint8Array[], flushed: 0 }))
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  return {
    ...fs,
    writeFileSync(...args: Parameters<typeof fs.writeFileSync>) {
      if (seen.isFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
      fs.writeFileSync(...args)
    },
    fdatasyncSync(fd: number) {
      seen.flushed++
      fs.fdatasyncSync(fd)
    },
  }
})
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>()
  return {
    ...crypto,
    createCipheriv(...args: Parameters<typeof crypto.createCipheriv>) {
      seen.keys.push(args[1] as Uint8Array)
      return crypto.createCipheriv(...args)
    },
  }
})
const { readSealed, SealedWriter } = await import('../../../electron/store/recordings/sealed-file.ts')
const { openStore } = await import('../../../electron/store/store.ts')
const { openKeyFile } = await import('../../../electron/host/key-file.ts')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kedge-rev3-'))
  Object.assign(seen, { isFull: false, keys: [], flushed: 0 })
})
afterEach(() => rmSync(folder, { recursive: true }))

const masterKey = randomBytes(32)

test('an empty part in the middle is not taken for the end', () => {
  const path = join(folder, 'a')
  const writer = new SealedWriter(path, masterKey)
  for (const part of ['one', '', 'two']) writer.append(Buffer.from(part))
  writer.finish()
  expect(() => readSealed(path, masterKey, undefined, 1e9)).toThrow(
    expect.objectContaining({ code: 'recording/unreadable' }),
  )
})

test('the key of the file is wiped when it is finished or given up, and a finished one is on the disk', () => {
  for (const end of ['finish', 'abandon'] as const) {
    seen.keys.length = 0
    const writer = new SealedWriter(join(folder, end), masterKey)
    writer.append(Buffer.from('sound'))
    expect(seen.keys[0]?.some((byte) => byte !== 0)).toBe(true)
    writer[end]()
    expect(seen.keys.every((key) => key.every((byte) => byte === 0))).toBe(true)
  }
  expect(seen.flushed).toBe(1)
})

test('a file that is there already is not written over', () => {
  const path = join(folder, 'a')
  writeFileSync(path, 'somebody’s')
  expect(() => new SealedWriter(path, masterKey)).toThrow(expect.objectContaining({ code: 'EEXIST' }))
  expect(readFileSync(path, 'utf8')).toBe('somebody’s')
})

test('the folder is the user’s own; a piece without sound changes nothing; after a full disk nothing more is taken', async () => {
  const store = openStore(folder)
  const recordings = store.recordings(await openKeyFile(folder))
  const of = { callId: 'c', remote: { user: 'bob', domain: 'x.test' }, accountLabel: 'Work', startedAt: 1 }
  const id = await recordings.start(of)
  expect(statSync(join(folder, 'recordings')).mode & 0o077).toBe(0)
  recordings.append(id, Buffer.from('one'))
  recordings.append(id, new Uint8Array(0))
  recordings.append(id, Buffer.from('two'))
  seen.isFull = true
  expect(() => recordings.append(id, Buffer.from('three'))).toThrow(
    expect.objectContaining({ code: 'recording/failed' }),
  )
  seen.isFull = false
  expect(() => recordings.append(id, Buffer.from('four'))).toThrow('this recording is over')
  expect(seen.keys.at(-1)?.every((byte) => byte === 0)).toBe(true)
  const { data, complete } = await recordings.read(id, undefined)
  expect([data.toString(), complete]).toEqual(['onetwo', false])
  store.close()
})
