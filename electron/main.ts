import { mkdirSync } from 'node:fs'
import { app } from 'electron'
import { bundledPaths, prepareElectron, startElectronHost } from './host/electron-host.ts'
import { startSoftphone } from './softphone.ts'

prepareElectron()
if (app.requestSingleInstanceLock()) {
  await app.whenReady()
  mkdirSync(app.getPath('userData'), { recursive: true, mode: 0o700 })
  const host = startElectronHost(bundledPaths(import.meta.dirname))
  const softphone = await startSoftphone(host, { version: app.getVersion(), demoTrunk: true })
  host.openWindow()
  app.on('window-all-closed', () => app.quit())
  let closed = false
  app.on('before-quit', (event) => {
    if (closed) return
    event.preventDefault()
    void softphone.close().finally(() => {
      closed = true
      app.quit()
    })
  })
} else {
  app.quit()
}
