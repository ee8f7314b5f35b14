import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PeerProcess, startProcess } from '../harness/process.ts'
import { type Scratch, scratchFolder } from '../harness/scratch.ts'

const root = join(import.meta.dirname, '../..')
const built = join(root, 'out')

/** The main process as it is packaged, started by Node with the stand-in in Electron's place. */
describe('the built main process (Electron is a stand-in here)', () => {
  let scratch: Scratch
  let running: PeerProcess

  beforeAll(async () => {
    scratch = await scratchFolder('built')
    running = await startProcess({
      name: 'built main process',
      command: process.execPath,
      args: ['--import', join(root, 'test/fakes/register-electron.mjs'), join(built, 'main', 'main.js')],
      cwd: scratch.path,
      env: { ...process.env, KEDGE_FAKE_USER_DATA: scratch.path },
    })
  })
  afterAll(async () => {
    await running?.stop()
    await scratch?.[Symbol.asyncDispose]()
  })

  it('starts with its workers, opens its window and registers the demo account', async () => {
    await running.waitForOutput(/loaded app:\/\/kedge\//, 20_000)
    await running.waitForOutput(/tray Demo trunk: ready/, 20_000)
    expect(readFileSync(join(scratch.path, 'kedge.log'), 'utf8')).toContain('electron shell')
  })

  it('ends when it is told to, with its accounts signed out', async () => {
    running.write('quit')
    expect(await running.exited).toEqual({ code: 0, signal: null })
  })

  it('has a preload script that needs nothing but Electron, and is small', () => {
    const preload = readFileSync(join(built, 'preload', 'preload.cjs'), 'utf8')
    expect([...preload.matchAll(/require\(["']([^"']+)["']\)/g)].map(([, name]) => name)).toEqual(['electron'])
    expect(preload.length).toBeLessThan(4_000)
    expect(preload).not.toMatch(/\beval\b|new Function|process\./)
  })

  it('loads nothing from elsewhere', () => {
    const page = readFileSync(join(built, 'renderer', 'index.html'), 'utf8')
    expect(page).not.toMatch(/https?:\/\/|<script(?![^>]*\bsrc=)|\son\w+=/)
  })
})
