import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openKeyFile } from '../../../electron/host/key-file.ts'
import { recordingHandlers } from '../../../electron/store/recordings/handlers.ts'
import { MAX_PART_BYTES, readSealed, SealedWriter } from '../../../electron/store/recordings/sealed-file.ts'
import { openStore } from '../../../electron/store/store.ts'
import type { CallView } from '../../../shared/model/call.ts'
import { runTool } from '../../harness/process.ts'
import { type Scratch, scratchFolder } from '../../harness/scratch.ts'

let scratch: Scratch
beforeEach(async () => {
  scratch = await scratchFolder('recordings')
})
afterEach(() => scratch[Symbol.asyncDispose]())

const masterKey = randomBytes(32)

const unexpected = (error: unknown) => {
  throw error
}

describe('a sealed file', () => {
  const parts = [randomBytes(5000), randomBytes(1), randomBytes(MAX_PART_BYTES), randomBytes(300)]
  const write = (name: string, finish = true) => {
    const path = join(scratch.path, name)
    const writer = new SealedWriter(path, masterKey)
    for (const part of parts) writer.append(part)
    if (finish) writer.finish()
    else writer.abandon()
    return path
  }
  const readAll = (path: string, atLeast: number, key: Uint8Array = masterKey) => {
    const read: Buffer[] = []
    for (let piece = readSealed(path, key, undefined, atLeast); ; piece = readSealed(path, key, piece.next, atLeast)) {
      read.push(piece.data)
      if (!piece.next) return { data: Buffer.concat(read), complete: piece.complete }
    }
  }

  test.each([1, 4000, 10_000_000])('gives back what was written, %i bytes at a time', (atLeast) => {
    const path = write('a')
    expect(readAll(path, atLeast)).toEqual({ data: Buffer.concat(parts), complete: true })
    expect(statSync(path).mode & 0o077).toBe(0)
  })

  test('holds nothing that can be read without the key, and no two files are under one key', () => {
    const [a, b] = [readFileSync(write('a')), readFileSync(write('b'))]
    for (const part of parts.filter(({ length }) => length > 16)) expect(a.includes(part.subarray(0, 16))).toBe(false)
    expect(a.subarray(0, 8)).toEqual(b.subarray(0, 8))
    expect(a.subarray(40, 5000)).not.toEqual(b.subarray(40, 5000))
    expect(() => readAll(join(scratch.path, 'a'), 1, randomBytes(32))).toThrow(
      expect.objectContaining({ code: 'recording/unreadable' }),
    )
  })

  test('one that was cut off by a crash is read as far as it goes, and says that it is not complete', () => {
    expect(readAll(write('a', false), 1e9)).toEqual({ data: Buffer.concat(parts), complete: false })
    const half = write('b')
    truncateSync(half, statSync(half).size - 100)
    expect(readAll(half, 1e9)).toEqual({ data: Buffer.concat(parts.slice(0, 3)), complete: false })
  })

  test.runIf(process.platform === 'linux')('a part that the disk takes only half of is an error', async () => {
    const program = `
      const { SealedWriter } = await import(process.argv[1])
      const writer = new SealedWriter(process.argv[2], Buffer.alloc(32))
      try { writer.append(Buffer.alloc(10_000)); console.log('taken') } catch (error) { console.log(error.code) }
    `
    const module = new URL('../../../electron/store/recordings/sealed-file.ts', import.meta.url).href
    // A file may grow to four blocks of a kilobyte: the write that crosses the limit is cut short, without an error.
    const limited = 'ulimit -f 4 && exec "$0" --input-type=module -e "$1" -- "$2" "$3"'
    const args = ['-c', limited, process.execPath, program, module, join(scratch.path, 'half')]
    expect((await runTool('bash', args)).trim()).toBe('EFBIG')
  })

  test('any changed octet is noticed', () => {
    const path = write('a')
    const bytes = readFileSync(path)
    for (let at = 0; at < bytes.length; at += at < 100 ? 1 : 4999) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 0x01
      writeFileSync(path, changed)
      let found: unknown
      try {
        found = readAll(path, 1e9)
      } catch (error) {
        found = error
      }
      // A changed length can only look like a cut.
      expect(found).not.toMatchObject({ complete: true })
    }
  })

  test('parts that are swapped, or left out, are noticed', () => {
    const path = write('a')
    const bytes = readFileSync(path)
    const first = bytes.subarray(40, 40 + 4 + 5000 + 16)
    const second = bytes.subarray(40 + first.length, 40 + first.length + 4 + 1 + 16)
    const rest = bytes.subarray(40 + first.length + second.length)
    for (const forged of [
      [second, first, rest],
      [first, rest],
      [first, first, rest],
    ]) {
      writeFileSync(path, Buffer.concat([bytes.subarray(0, 40), ...forged]))
      expect(() => readAll(path, 1e9)).toThrow(expect.objectContaining({ code: 'recording/unreadable' }))
    }
  })
})

describe('recordings', () => {
  const call = {
    id: 'c1',
    accountId: 'work',
    remote: { user: '+442079460018', domain: 'pbx.test' },
    state: 'connected',
  } as CallView

  async function rig(calls: readonly CallView[] = [call]) {
    const store = openStore(scratch.path)
    const box = await openKeyFile(scratch.path)
    const recordings = store.recordings(box)
    const handlers = recordingHandlers({
      recordings,
      callOf: (id) => calls.find((candidate) => candidate.id === id),
      labelOf: () => 'Work',
      now: () => 1000,
    })
    return { store, recordings, handlers }
  }

  test('one that cannot be noted leaves no file behind', async () => {
    const { store, handlers } = await rig()
    const db = new DatabaseSync(join(scratch.path, 'kedge.db'))
    db.exec("CREATE TRIGGER full BEFORE INSERT ON recording BEGIN SELECT RAISE(ABORT, 'no room'); END")
    db.close()
    await expect(handlers.startRecording({ callId: 'c1' })).rejects.toMatchObject({ code: 'recording/failed' })
    expect(readdirSync(join(scratch.path, 'recordings'))).toEqual([])
    store.close()
  })

  test('are kept encrypted, outlive a restart, and are played piece by piece', async () => {
    const first = await rig()
    const { id } = await first.handlers.startRecording({ callId: 'c1' })
    const sound = Array.from({ length: 40 }, () => randomBytes(8000))
    for (const data of sound) first.handlers.appendRecording({ id, data: data.toString('base64') })
    first.handlers.finishRecording({ id })
    first.store.close()

    const { handlers, store } = await rig()
    expect(handlers.recordings().recordings).toEqual([
      { id, callId: 'c1', remote: call.remote, accountLabel: 'Work', startedAt: 1000, endedAt: 1000, bytes: 320_000 },
    ])
    const one = await handlers.readRecording({ id })
    expect(one.complete).toBe(false)
    const two = await handlers.readRecording({ id, ...(one.next && { from: one.next }) })
    expect(two).toMatchObject({ complete: true })
    expect(Buffer.concat([one.data, two.data].map((data) => Buffer.from(data, 'base64')))).toEqual(Buffer.concat(sound))
    for (const name of readdirSync(scratch.path, { recursive: true, encoding: 'utf8' })) {
      const path = join(scratch.path, name)
      if (statSync(path).isFile()) expect(readFileSync(path).includes(sound[0]?.subarray(0, 32) ?? '')).toBe(false)
    }
    handlers.removeRecording({ id })
    expect(handlers.recordings().recordings).toEqual([])
    expect(readdirSync(join(scratch.path, 'recordings'))).toEqual([])
    store.close()
  })

  test('one that still runs is not listed: it would look as if it had been cut off', async () => {
    const { handlers, store } = await rig()
    const { id } = await handlers.startRecording({ callId: 'c1' })
    handlers.appendRecording({ id, data: 'AAAA' })
    expect(handlers.recordings().recordings).toEqual([])
    handlers.finishRecording({ id })
    expect(handlers.recordings().recordings).toMatchObject([{ id, endedAt: 1000 }])
    store.close()
  })

  test('only a running call is recorded', async () => {
    const { handlers, store } = await rig([{ ...call, state: 'ringing' }])
    for (const callId of ['c1', 'c2']) {
      await expect(handlers.startRecording({ callId })).rejects.toMatchObject({ code: 'call/not-connected' })
    }
    store.close()
  })

  test('what runs when the window goes is finished, and nothing more is taken', async () => {
    const { handlers, recordings, store } = await rig()
    const { id } = await handlers.startRecording({ callId: 'c1' })
    handlers.appendRecording({ id, data: Buffer.from('sound').toString('base64') })
    recordings.close(2000, unexpected)
    expect(handlers.recordings().recordings).toMatchObject([{ endedAt: 2000, bytes: 5 }])
    expect(() => handlers.appendRecording({ id, data: 'AAAA' })).toThrow(
      expect.objectContaining({ code: 'recording/failed' }),
    )
    expect(await handlers.readRecording({ id })).toMatchObject({ complete: true })
    handlers.finishRecording({ id })
    store.close()
  })

  test('one that cannot be finished keeps neither the next nor the phone from ending', async () => {
    const { handlers, recordings, store } = await rig()
    for (const _ of [1, 2]) await handlers.startRecording({ callId: 'c1' })
    store.close()
    const failures: unknown[] = []
    expect(() => recordings.close(2000, (error) => failures.push(error))).not.toThrow()
    expect(failures).toHaveLength(2)
  })

  test('an unknown recording is said to be one', async () => {
    const { handlers, store } = await rig()
    await expect(handlers.readRecording({ id: 'x' })).rejects.toMatchObject({ code: 'recording/unreadable' })
    expect(() => handlers.removeRecording({ id: '../kedge' })).toThrow(
      expect.objectContaining({ code: 'recording/unreadable' }),
    )
    store.close()
  })

  test('a folder that cannot be written is the user’s to mend, and leaves no entry', async () => {
    const { handlers, store } = await rig()
    writeFileSync(join(scratch.path, 'recordings'), 'in the way')
    await expect(handlers.startRecording({ callId: 'c1' })).rejects.toMatchObject({ code: 'recording/failed' })
    expect(handlers.recordings().recordings).toEqual([])
    store.close()
  })
})
