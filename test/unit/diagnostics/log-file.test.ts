import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pruneCrashReports, writeCrashReport } from '../../../electron/diagnostics/crash-report.ts'
import { LogFile } from '../../../electron/diagnostics/log-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kedge-logs-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const sizes = () =>
  readdirSync(folder)
    .sort()
    .map((name) => [name, statSync(join(folder, name)).size])

describe('the log file', () => {
  it('is put away when it is full, and only so many are kept', () => {
    const file = new LogFile(join(folder, 'kedge.log'), { maxBytes: 100, kept: 2 })
    for (let line = 0; line < 40; line++) file.write(`line ${String(line).padStart(3, '0')}\n`)
    expect(sizes()).toEqual([
      ['kedge.log', 63],
      ['kedge.log.1', 99],
      ['kedge.log.2', 99],
    ])
    expect(readFileSync(join(folder, 'kedge.log'), 'utf8')).toContain('line 039\n')
    expect(readFileSync(join(folder, 'kedge.log.1'), 'utf8')).toContain('line 032\n')
    file.close()
  })

  it('goes on where it was after a restart, readable by its user alone', () => {
    writeFileSync(join(folder, 'kedge.log'), 'before\n', { mode: 0o644 })
    const file = new LogFile(join(folder, 'kedge.log'))
    file.write('after\n')
    expect(readFileSync(join(folder, 'kedge.log'), 'utf8')).toBe('before\nafter\n')
    expect(statSync(join(folder, 'kedge.log')).mode & 0o777).toBe(0o600)
    file.close()
  })

  it('a line larger than a whole file still stands in one', () => {
    const file = new LogFile(join(folder, 'kedge.log'), { maxBytes: 10, kept: 1 })
    file.write('a line that is longer\n')
    file.write('x\n')
    expect(readFileSync(join(folder, 'kedge.log.1'), 'utf8')).toBe('a line that is longer\n')
    file.close()
  })

  it('what cannot be written is left out and counted, and does not stop the phone', () => {
    const logs = join(folder, 'logs')
    mkdirSync(logs)
    const file = new LogFile(join(logs, 'kedge.log'), { maxBytes: 20, kept: 1 })
    file.write('first line is here\n')
    rmSync(logs, { recursive: true })
    file.write('second\n')
    file.write('third\n')
    mkdirSync(logs)
    file.write('fourth\n')
    expect(readFileSync(join(logs, 'kedge.log'), 'utf8')).toBe('{"level":40,"lost":2,"msg":"lines lost"}\nfourth\n')
    file.close()
  })
})

describe('crash reports', () => {
  it('lie on this machine, without secrets, readable by their user alone', () => {
    const error = new Error(
      'answer "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewky" password=hunter2',
    )
    const path = writeCrashReport(folder, '0.1.0', error, new Date('2026-01-02T03:04:05Z'))
    const report = readFileSync(path, 'utf8')
    expect(path).toBe(join(folder, 'crashes', 'main-2026-01-02T03-04-05-000Z.txt'))
    expect(report).toContain('Kedge 0.1.0')
    expect(report).toContain('log-file.test.ts')
    expect(report).not.toMatch(/WVNfX19|hunter2/)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'crashes')).mode & 0o777).toBe(0o700)
  })

  it('ten are kept, the newest, those of the shell’s own handler among them', () => {
    mkdirSync(join(folder, 'crashes', 'completed'), { recursive: true })
    for (let day = 1; day <= 14; day++) {
      const path = join(folder, 'crashes', day % 2 ? `completed/${day}.dmp` : `main-${day}.txt`)
      writeFileSync(path, '')
      utimesSync(path, day, day)
    }
    pruneCrashReports(folder)
    const left = readdirSync(join(folder, 'crashes'), { recursive: true }).map(String)
    expect(left.filter((name) => /\d\.(?:txt|dmp)$/.test(name))).toHaveLength(10)
    expect(left).not.toContain('main-4.txt')
    expect(left).toContain('main-14.txt')
  })
})
