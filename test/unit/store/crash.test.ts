import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStore } from '../../../electron/store/store.ts'
import { entry } from './entries.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kedge-crash-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const root = join(import.meta.dirname, '../../..')

/** Runs the real log and the real store in a process of its own, and kills it as a crash would once it says so. */
async function crash(script: string): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-e', script],
    { cwd: root, env: { ...process.env, KEDGE_DATA: folder }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  const [, signal] = await once(child, 'exit')
  expect(signal).toBe('SIGKILL')
}

const { accountLabel: _label, end: _end, endedAt: _endedAt, ...kept } = entry({ id: 'a', startedAt: 1_000 })
const running = { ...kept, localCallId: 'w', state: 'connected', answeredAt: 2_000 }

const prelude = `
  import { CallLog } from './electron/store/call-log.ts'
  import { openStore } from './electron/store/store.ts'
  const store = openStore(process.env.KEDGE_DATA)
  let now = 3_000
  const log = new CallLog(store.history, () => 'Work', (error) => { throw error }, () => now)
  const running = ${JSON.stringify(running)}
`

test('a call that runs when Kedge is killed is in the history afterwards, with what was known of it', async () => {
  await crash(`${prelude}
    log.note([running])
    now = 15_000
    log.note([{ ...running, security: 'proven' }])
    console.log('written')
    setInterval(() => undefined, 1_000)`)
  const store = openStore(folder)
  expect(store.history.find({ limit: 10 }).entries).toEqual([
    {
      ...kept,
      answeredAt: 2_000,
      security: 'proven',
      accountLabel: 'Work',
      endedAt: 15_000,
      end: { by: 'kedge', code: 'call/interrupted' },
    },
  ])
  store.close()
  // Only once: the next start finds nothing to finish.
  const again = openStore(folder)
  expect(again.history.find({ limit: 10 }).entries).toHaveLength(1)
  again.close()
})

test('a call that was over before the crash stays as it ended', async () => {
  await crash(`${prelude}
    log.note([running])
    log.note([{ ...running, state: 'ended', endedAt: 9_000, end: { by: 'remote', code: 'call/hung-up' } }])
    console.log('written')
    setInterval(() => undefined, 1_000)`)
  const store = openStore(folder)
  expect(store.history.find({ limit: 10 }).entries).toMatchObject([
    { id: 'a', endedAt: 9_000, end: { by: 'remote', code: 'call/hung-up' } },
  ])
  store.close()
})
