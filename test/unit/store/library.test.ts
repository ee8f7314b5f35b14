import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Library } from '../../../electron/store/library.ts'
import { openStore, type Store } from '../../../electron/store/store.ts'
import { defaultSettings } from '../../../shared/model/settings.ts'
import { entry } from './entries.ts'

let folder: string
let store: Store
let changes: number
let library: Library
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kedge-library-'))
  store = openStore(folder)
  changes = 0
  library = new Library(store, () => {
    changes += 1
  })
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

const ada = { id: 'c1', name: 'Ada', numbers: [{ kind: 'work', value: '+44 20 7946 0018' }], favourite: true } as const

describe('the library', () => {
  it('tells the window to read the history again after each change of it', () => {
    store.history.add(entry())
    library.historyGrew()
    expect(library.state.historyRevision).toBe(1)
    library.handlers.deleteCall({ id: 'call-1' })
    expect(library.handlers.history({ limit: 5 })).toEqual({ entries: [], more: false })
    library.handlers.clearHistory()
    expect([library.state.historyRevision, changes]).toEqual([3, 2])
  })

  it('keeps contacts over a restart, each once by its id', () => {
    library.handlers.saveContacts({ contacts: [ada] })
    library.handlers.saveContacts({ contacts: [{ ...ada, name: 'Ada Lovelace' }] })
    store.close()
    store = openStore(folder)
    library = new Library(store, () => undefined)
    expect(library.handlers.contacts()).toEqual({ contacts: [{ ...ada, name: 'Ada Lovelace' }] })
    library.handlers.removeContact({ id: 'c1' })
    expect(library.handlers.contacts()).toEqual({ contacts: [] })
  })

  it('keeps settings over a restart, and starts with the defaults', () => {
    expect(library.state.settings).toEqual(defaultSettings)
    const settings = { devices: { ...defaultSettings.devices, ringer: [{ id: 'r', label: 'Desk speaker' }] } }
    library.handlers.saveSettings({ settings })
    library.handlers.saveSettings({ settings: {} })
    store.close()
    store = openStore(folder)
    expect(store.settings.read()).toEqual({ ...defaultSettings, ...settings })
  })
})
