import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startProcess } from '../../harness/process.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kedge-crash-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const module = join(import.meta.dirname, '../../../electron/diagnostics/crash-report.ts')

it.each([
  ['an exception that nothing catches', "setTimeout(() => { throw new Error('broken password=hunter2') })"],
  ['a rejected promise that nothing catches', "void Promise.reject(new Error('broken password=hunter2'))"],
])('%s is written down, without secrets, and ends the process', async (_name, fault) => {
  const script = `
    const { endOnCrash } = await import(${JSON.stringify(module)})
    const [dataDir] = process.argv.slice(1)
    endOnCrash({ dataDir, version: '0.1.0', log: (line) => console.log(line), end: () => process.exit(1) })
    setInterval(() => undefined, 1_000)
    ${fault}`
  const args = ['--input-type=module', '-e', script, '--', folder]
  const running = await startProcess({ name: 'crash', command: process.execPath, args })
  expect(await running.exited).toEqual({ code: 1, signal: null })
  const [report = ''] = readdirSync(join(folder, 'crashes'))
  const text = readFileSync(join(folder, 'crashes', report), 'utf8')
  expect(text).toContain('Error: broken')
  expect(text).not.toContain('hunter2')
  expect(running.output).toContain(report)
})
