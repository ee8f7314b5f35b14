import { app, crashReporter, dialog } from 'electron'
import { crashFolder, endOnCrash, pruneCrashReports } from './diagnostics/crash-report.ts'
import { type Log, openLog } from './diagnostics/log.ts'
import { hiddenSwitch } from './host/desktop/autostart.ts'
import { whyNoStart } from './host/desktop/no-start.ts'
import { say } from './host/desktop/words.ts'
import { bundledPaths, prepareElectron, startElectronHost } from './host/electron/electron-host.ts'
import { type Softphone, startSoftphone } from './softphone.ts'

/** A process that crashes sooner than this after its start is not started again: it would crash again. */
const shortestRunMs = 60_000

prepareElectron()
if (app.requestSingleInstanceLock()) await run()
else app.quit()

async function run(): Promise<void> {
  const dataDir = app.getPath('userData')
  app.setPath('crashDumps', crashFolder(dataDir))
  crashReporter.start({ uploadToServer: false })
  await app.whenReady()
  pruneCrashReports(dataDir)
  const log = openLog(dataDir)
  const version = app.getVersion()
  endOnCrash({ dataDir, version, log: (message) => log.error(message), end: endProcess(Date.now()) })

  let goodbye = async () => {}
  const host = await startElectronHost({
    ...bundledPaths(import.meta.dirname),
    platform: process.platform,
    env: process.env,
    clock: { after: afterDelay },
    log: (message) => log.child('shell').info(message),
    async goodbye() {
      await goodbye()
      // The update starts while this process still ends.
      app.releaseSingleInstanceLock()
    },
  })
  try {
    goodbye = closeOnce(await startSoftphone(host, { version, demoTrunk: true, log }))
  } catch (error) {
    failStart(log, error)
    return
  }
  quitInOrder(goodbye, log)
  host.desktop.window.open({ hidden: process.argv.includes(hiddenSwitch) })
  host.desktop.takeStartLink(process.argv)
}

/** Calls end and accounts sign out before the process does. */
function quitInOrder(goodbye: () => Promise<void>, log: Log): void {
  let closed = false
  app.on('window-all-closed', () => app.quit())
  app.on('before-quit', (event) => {
    if (closed) return
    event.preventDefault()
    void goodbye()
      .catch((error: unknown) => log.error(`not everything was closed: ${String(error)}`))
      .finally(() => {
        closed = true
        app.quit()
      })
  })
}

/** Whoever asks, and how often: the softphone is closed once. */
function closeOnce(softphone: Softphone): () => Promise<void> {
  let closing: Promise<void> | undefined
  return () => {
    closing ??= softphone.close()
    return closing
  }
}

function failStart(log: Log, error: unknown): void {
  log.error(`no start: ${String(error)}`)
  dialog.showErrorBox(say('crash.start'), whyNoStart(error))
  app.exit(1)
}

function endProcess(startedAt: number): () => void {
  return () => {
    if (Date.now() - startedAt >= shortestRunMs) app.relaunch()
    app.exit(1)
  }
}

function afterDelay(delayMs: number, action: () => void): () => void {
  const timer = setTimeout(action, delayMs)
  return () => clearTimeout(timer)
}
