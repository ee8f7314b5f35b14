import { globalShortcut } from 'electron'
import { type DesktopSettings, type ShortcutAction, shortcutActions } from '../../../shared/model/desktop.ts'

/** Keys that work in every program. The system refuses those that another program has. */
export class ShortcutKeys {
  readonly #press: (action: ShortcutAction) => void
  #set = '{}'
  #taken: readonly ShortcutAction[] = []

  constructor(press: (action: ShortcutAction) => void) {
    this.#press = press
  }

  get taken(): readonly ShortcutAction[] {
    return this.#taken
  }

  set(shortcuts: DesktopSettings['shortcuts']): void {
    const wanted = JSON.stringify(shortcuts)
    if (wanted === this.#set) return
    this.#set = wanted
    globalShortcut.unregisterAll()
    this.#taken = shortcutActions.filter((action) => {
      const keys = shortcuts[action]
      return keys !== undefined && !globalShortcut.register(keys, () => this.#press(action))
    })
  }

  close(): void {
    globalShortcut.unregisterAll()
  }
}
