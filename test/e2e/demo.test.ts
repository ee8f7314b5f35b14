import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DemoReport } from '../../scripts/demo-report.ts'

const root = join(import.meta.dirname, '../..')

describe('npm run demo', () => {
  it('places the encrypted echo call through a real browser engine and proves it', () => {
    const screenshot = join(root, 'test-output', 'demo.png')
    const done = spawnSync(process.execPath, ['scripts/demo.ts', '--json', '--screenshot', screenshot], {
      cwd: root,
      encoding: 'utf8',
      timeout: 90_000,
    })
    const report = JSON.parse(done.stdout.trim().split('\n').at(-1) ?? '{}') as DemoReport
    expect(report.faults, done.stderr).toEqual([])
    expect(report.ok).toBe(true)
    expect(done.status).toBe(0)
    expect(report.legs).toMatchObject([
      { leg: 'local', mode: 'webrtc', keyExchange: 'dtls', signalling: 'local' },
      { leg: 'trunk', mode: 'srtp', profile: 'RTP/SAVP', suite: 'AES_CM_128_HMAC_SHA1_80', signalling: 'tls' },
    ])
    expect(Math.abs((report.audio.heardHz ?? 0) - report.audio.sentHz)).toBeLessThan(5)
    expect(report.setupMs).toMatchObject({ invited: expect.any(Number), answered: expect.any(Number) })
    expect(statSync(screenshot).size).toBeGreaterThan(5000)
  })
})
