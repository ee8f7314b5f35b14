import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { app } from 'electron'
import { autostartEntry, hiddenSwitch } from '../desktop/autostart.ts'

/** Makes the system start Kedge at login, or not. Linux desktops read a file; Electron knows the other systems. */
export function setStartAtLogin(wanted: boolean, platform: NodeJS.Platform, env: NodeJS.ProcessEnv): void {
  if (platform !== 'linux') {
    app.setLoginItemSettings({ openAtLogin: wanted, args: [hiddenSwitch] })
    return
  }
  const folder = join(app.getPath('appData'), 'autostart')
  const file = join(folder, 'kedge.desktop')
  if (!wanted) {
    rmSync(file, { force: true })
    return
  }
  mkdirSync(folder, { recursive: true })
  // An AppImage runs from a mount that is gone after the session; the file itself is what must be started.
  writeFileSync(file, autostartEntry(env.APPIMAGE ?? process.execPath))
}
