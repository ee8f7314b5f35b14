import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { lockDataFolder } from '../../../electron/host/data-folder-lock.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kedge-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const inUse = expect.objectContaining({ code: 'store/in-use' })

it('a data folder is of one Kedge at a time', () => {
  const lock = lockDataFolder(folder)
  expect(() => lockDataFolder(folder)).toThrow(inUse)
  lock.release()
  lockDataFolder(folder).release()
})

it('a Kedge that was killed leaves its data folder free', async () => {
  const source = join(import.meta.dirname, '../../../electron/host/data-folder-lock.ts')
  const code = `const { lockDataFolder } = await import(process.argv[1])
    const lock = lockDataFolder(process.argv[2])
    console.log('locked')
    setInterval(() => lock, 1000)`
  const other = spawn(process.execPath, ['--input-type=module', '-e', code, source, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void other.kill('SIGKILL'))
  await once(other.stdout, 'data')
  expect(() => lockDataFolder(folder)).toThrow(inUse)
  other.kill('SIGKILL')
  await once(other, 'exit')
  lockDataFolder(folder).release()
})

it('the browser shell does not start with the data of one that runs, and says so in the language of the system', async () => {
  const lock = lockDataFolder(folder)
  const serve = join(import.meta.dirname, '../../../electron/serve.ts')
  const second = spawn(process.execPath, [serve, '--no-open', '--no-demo-trunk'], {
    env: { ...process.env, KEDGE_DATA: folder, LC_ALL: 'de_DE.UTF-8' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => void second.kill('SIGKILL'))
  let said = ''
  second.stderr.on('data', (part: Buffer) => {
    said += part.toString()
  })
  const [status] = await once(second, 'close')
  lock.release()
  expect([status, said]).toEqual([1, expect.stringContaining('Kedge läuft mit diesen Daten bereits.')])
})
