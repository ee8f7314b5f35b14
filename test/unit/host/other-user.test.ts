import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLog } from '../../../electron/diagnostics/log.ts'
import { type BrowserHost, startBrowserHost } from '../../../electron/host/browser-host.ts'
import { openShellMemory } from '../../../electron/host/shell-memory.ts'
import { openStore, type Store } from '../../../electron/store/store.ts'
import { runTool } from '../../harness/process.ts'

/**
 * Another user of the same machine. The data folder is left open here, which the product never does, so that each file
 * has to hold by itself.
 */
let folder: string
let data: string
let host: BrowserHost
let store: Store

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kedge-users-'))
  data = join(folder, 'data')
  mkdirSync(data)
  for (const open of [folder, data]) chmodSync(open, 0o755)
  mkdirSync(join(folder, 'window'))
  writeFileSync(join(folder, 'window', 'index.html'), '<!doctype html>')
  host = await startBrowserHost({ dataDir: data, windowDir: join(folder, 'window'), port: 0 })
  store = openStore(data)
  store.settings.save({ doNotDisturb: true })
  openLog(data).info('a call')
  openShellMemory(data, (message) => expect.fail(message)).write({ toldAboutTray: true })
})
afterAll(async () => {
  store?.close()
  await host?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs as the other user and writes what it got as JSON. It is root only until it has started. */
const intruder = `
  const [uid, data, origin, ticketOfOwner] = process.argv.slice(1)
  if (uid !== '') { process.setgid(Number(uid)); process.setuid(Number(uid)) }
  const { readdirSync, readFileSync } = await import('node:fs')
  const read = readdirSync(data).filter((name) => { try { readFileSync(data + '/' + name); return true } catch { return false } })
  const { host } = new URL(origin)
  const ask = async (path, headers) => (await fetch(origin + path, { headers, redirect: 'manual' })).status
  const door = await new Promise((resolve) => {
    const socket = new WebSocket('ws://' + host + '/door', 'kedge')
    socket.onopen = () => resolve('open')
    socket.onerror = () => resolve('refused')
  })
  const guesses = [await ask('/', {}), await ask('/?ticket=guess', {}), await ask('/', { cookie: 'kedge=guess' })]
  const pages = ticketOfOwner ? [...guesses, await ask('/' + ticketOfOwner, {})] : guesses
  console.log(JSON.stringify({ read, door, pages }))
`

async function intrude(uid: string, ticketOfOwner = '') {
  const { origin } = new URL(host.windowUrl())
  const args = ['--input-type=module', '-e', intruder, '--', uid, data, origin, ticketOfOwner]
  return JSON.parse(await runTool(process.execPath, args)) as { read: string[]; door: string; pages: number[] }
}

const isRoot = process.getuid?.() === 0
const nobody = '65534'

describe('another user of this machine', () => {
  it('finds no file that is open to others', () => {
    const files = readdirSync(data)
    expect(files).toEqual(expect.arrayContaining(['kedge.db', 'kedge.log', 'key', 'shell.json']))
    expect(files.filter((name) => (statSync(join(data, name)).mode & 0o077) !== 0)).toEqual([])
  })

  it(isRoot ? 'reads no file and opens no door' : 'opens no door without the owner’s ticket', async () => {
    const { read, door, pages } = await intrude(isRoot ? nobody : '')
    if (isRoot) expect(read).toEqual([])
    expect(door).toBe('refused')
    expect(pages).toEqual([403, 403, 403])
  })

  it.runIf(isRoot && process.platform === 'linux')(
    'gets nothing for a ticket that was read off the browser’s command line; its owner still does',
    async () => {
      const { origin, search } = new URL(host.windowUrl())
      expect((await intrude(nobody, search)).pages.at(-1)).toBe(403)
      expect((await fetch(origin + search, { redirect: 'manual' })).status).toBe(303)
    },
  )

  it('would read a file that is open (canary)', async () => {
    writeFileSync(join(data, 'open.txt'), 'x', { mode: 0o644 })
    expect((await intrude(isRoot ? nobody : '')).read).toContain('open.txt')
    rmSync(join(data, 'open.txt'))
  })
})
