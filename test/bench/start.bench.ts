/**
 * `npm run bench -- start [--quick]`: from starting the built product (what `npm start` runs once everything is built)
 * to its window's address and to its account being registered at the demo trunk, and the memory of the Node side. The
 * last line is one JSON object.
 */
import { existsSync, readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { WebSocket } from 'ws'
import { startProcess } from '../harness/process.ts'
import { scratchFolder } from '../harness/scratch.ts'
import { cell, rounded, summary } from './support/figures.ts'

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
const starts = values.quick ? 2 : 9
const root = join(import.meta.dirname, '../..')
const program = join(root, 'out', 'main', 'serve.js')
if (!existsSync(program)) throw new Error('build first: npm run build')

interface Start {
  readonly readyMs: number
  readonly registeredMs: number
  readonly rssMb: number
}

async function start(): Promise<Start> {
  const scratch = await scratchFolder('start')
  const startMs = performance.now()
  const running = await startProcess({
    name: 'Kedge',
    command: process.execPath,
    // As scripts/run.mjs starts it.
    args: ['--optimize-for-size', program, '--no-open'],
    cwd: root,
    env: { MALLOC_ARENA_MAX: '2', ...process.env, KEDGE_DATA: scratch.path },
  })
  try {
    const [, ready = ''] = await running.waitForOutput(/^KEDGE_READY (\{.*\})$/m, 20_000)
    const readyMs = performance.now() - startMs
    await registered((JSON.parse(ready) as { url: string }).url)
    const registeredMs = performance.now() - startMs
    const rssKb = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${running.pid}/status`, 'utf8'))?.[1])
    return { readyMs, registeredMs, rssMb: (rssKb * 1024) / 1e6 }
  } finally {
    await running.stop()
    await scratch[Symbol.asyncDispose]()
  }
}

/** Connects as the window does and waits until every account is registered. */
async function registered(windowUrl: string): Promise<void> {
  const { origin, host } = new URL(windowUrl)
  const page = await fetch(windowUrl, { redirect: 'manual' })
  const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? ''
  const socket = new WebSocket(`ws://${host}/door`, 'kedge', { headers: { origin, cookie } })
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as { payload?: { accounts?: { state: { kind: string } }[] } }
      const accounts = frame.payload?.accounts ?? []
      if (accounts.length > 0 && accounts.every(({ state }) => state.kind === 'registered')) resolve()
    })
  })
  socket.terminate()
}

const measured: Start[] = []
// The first start fills the system's file cache.
await start()
while (measured.length < starts) measured.push(await start())
const ready = summary(measured.map(({ readyMs }) => readyMs))
const account = summary(measured.map(({ registeredMs }) => registeredMs))
const rss = summary(measured.map(({ rssMb }) => rssMb))
console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`)
console.log(`${starts} starts: median (min-max)`)
console.log(`  window can be opened    ${cell(ready, 0)} ms`)
console.log(`  account is registered   ${cell(account, 0)} ms`)
console.log(`  resident memory         ${cell(rss, 0)} MB`)
console.log()
console.log(
  JSON.stringify({
    bench: 'start',
    startMs: rounded(account.median, 0),
    readyMs: rounded(ready.median, 0),
    rssMb: rounded(rss.median, 1),
  }),
)
