import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'

vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  writeFileSync() {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  },
}))
const { SealedWriter } = await import('../../../electron/store/recordings/sealed-file.ts')

it('a file whose first bytes find no room is not left behind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kedge-sealed-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  expect(() => new SealedWriter(join(folder, 'recording'), new Uint8Array(32))).toThrow('no space left')
  expect(readdirSync(folder)).toEqual([])
})
