import { join } from 'node:path'
import { Menu, type MenuItemConstructorOptions, nativeImage, Tray } from 'electron'
import type { AppState } from '../../../shared/ipc/contract.ts'
import { type TrayAction, type TrayItem, trayMenu, trayTip } from '../desktop/tray-menu.ts'

/** The icon in the tray or menu bar, with its menu; made anew only when it says something else. */
export class KedgeTray {
  readonly #tray: Tray
  readonly #act: (action: TrayAction) => void
  #shown = ''

  constructor(assets: string, platform: NodeJS.Platform, act: (action: TrayAction) => void) {
    // macOS colours a template image itself, as its menu bar needs it.
    const file = platform === 'darwin' ? 'trayTemplate.png' : 'tray.png'
    this.#tray = new Tray(nativeImage.createFromPath(join(assets, file)))
    this.#act = act
    this.#tray.on('click', () => act({ kind: 'show' }))
  }

  show(state: AppState): void {
    const items = trayMenu(state)
    const tip = trayTip(state)
    const text = JSON.stringify([items, tip])
    if (text === this.#shown) return
    this.#shown = text
    this.#tray.setToolTip(tip)
    this.#tray.setContextMenu(Menu.buildFromTemplate(items.map((item) => this.#menuItem(item))))
  }

  close(): void {
    this.#tray.destroy()
  }

  #menuItem(item: TrayItem): MenuItemConstructorOptions {
    switch (item.kind) {
      case 'separator':
        return { type: 'separator' }
      case 'text':
        return { label: item.label, enabled: false }
      case 'action': {
        const { label, action, checked } = item
        const click = () => this.#act(action)
        return checked === undefined ? { label, click } : { label, click, type: 'checkbox', checked }
      }
    }
  }
}
