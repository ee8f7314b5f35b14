import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { app, callsOf, recorded } from '../../fakes/electron.ts'

vi.mock('electron', () => import('../../fakes/electron.ts'))

afterAll(() => rmSync(recorded.dataDir, { recursive: true, force: true }))

it('a start that fails is said in the language of the system, for the setting was never read', async () => {
  recorded.dataDir = mkdtempSync(join(tmpdir(), 'kedge-no-start-'))
  writeFileSync(
    join(recorded.dataDir, 'kedge.db'),
    'this is no database, and long enough to be seen as none'.repeat(20),
  )
  vi.spyOn(app, 'getPreferredSystemLanguages').mockReturnValue(['de-AT', 'en'])
  await import('../../../electron/main.ts')
  await vi.waitUntil(() => callsOf('dialog.showErrorBox').length > 0, { timeout: 5_000 })
  expect(callsOf('dialog.showErrorBox')[0]?.[1]).toBe('Kedge konnte nicht starten')
})
