import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, it, vi } from 'vitest'
import { app, callsOf, recorded } from '../../fakes/electron.ts'

vi.mock('electron', () => import('../../fakes/electron.ts'))

afterAll(() => rmSync(recorded.dataDir, { recursive: true, force: true }))

it('a start that fails is said in the language of the system, for the setting was never read', async () => {
  recorded.dataDir = mkdtempSync(join(tmpdir(), 'kedge-no-start-'))
  const newer = new DatabaseSync(join(recorded.dataDir, 'kedge.db'))
  newer.exec('PRAGMA user_version = 99')
  newer.close()
  vi.spyOn(app, 'getPreferredSystemLanguages').mockReturnValue(['de-AT', 'en'])
  await import('../../../electron/main.ts')
  await vi.waitUntil(() => callsOf('dialog.showErrorBox').length > 0, { timeout: 5_000 })
  expect(callsOf('dialog.showErrorBox')[0]?.slice(1)).toEqual([
    'Kedge konnte nicht starten',
    expect.stringMatching(/^Eine neuere Version von Kedge /),
  ])
})
