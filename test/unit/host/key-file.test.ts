import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openKeyFile } from '../../../electron/host/key-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kedge-key-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the key file', () => {
  it('is readable by its user alone and opens what it sealed, also after a restart', async () => {
    const sealed = await (await openKeyFile(folder)).seal('päss word')
    expect(statSync(join(folder, 'key')).mode & 0o777).toBe(0o600)
    expect(Buffer.from(sealed).includes('päss')).toBe(false)
    expect(await (await openKeyFile(folder)).open(sealed)).toBe('päss word')
  })

  it('refuses a secret that was changed or sealed under another key', async () => {
    const box = await openKeyFile(folder)
    const sealed = Buffer.from(await box.seal('secret'))
    sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1
    await expect(box.open(sealed)).rejects.toMatchObject({ code: 'internal' })
  })

  it('refuses a damaged key file instead of making a new one over it', async () => {
    writeFileSync(join(folder, 'key'), 'short')
    await expect(openKeyFile(folder)).rejects.toMatchObject({ code: 'internal' })
  })
})
