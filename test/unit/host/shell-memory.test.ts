import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openShellMemory } from '../../../electron/host/shell-memory.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kedge-shell-memory-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const fail = (message: string) => expect.fail(message)

describe('what the shell remembers', () => {
  it('holds the same name of the installation at each start, from the first one on', () => {
    const { installId } = openShellMemory(folder, fail).read()
    expect(openShellMemory(folder, fail).read().installId).toBe(installId)
  })

  it('keeps the name beside what is remembered later', () => {
    const memory = openShellMemory(folder, fail)
    memory.write({ toldAboutTray: true })
    expect(JSON.parse(readFileSync(join(folder, 'shell.json'), 'utf8'))).toEqual(memory.read())
  })

  it('goes without a lasting name where it cannot be written, and says so', () => {
    mkdirSync(join(folder, 'shell.json.new'))
    const said: string[] = []
    expect(openShellMemory(folder, (message) => said.push(message)).read().installId).toMatch(/^[0-9a-f-]{36}$/)
    expect(said).toEqual([expect.stringContaining('EISDIR')])
  })
})
