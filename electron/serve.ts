import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { endOnCrash } from './diagnostics/crash-report.ts'
import { openLog } from './diagnostics/log.ts'
import { startBrowserHost } from './host/browser-host.ts'
import { browserCommand, hasDisplay } from './host/browser-window.ts'
import { type DataFolderLock, lockDataFolder } from './host/data-folder-lock.ts'
import { whyNoStart } from './host/desktop/no-start.ts'
import { say, speakDesktop } from './host/desktop/words.ts'
import { startSoftphone } from './softphone.ts'

/**
 * The browser shell: the same softphone without Electron. Prints one machine-readable line,
 * `KEDGE_READY {"url":…}`, and stays until it is told to stop or its window is closed.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'no-open': { type: 'boolean', default: false },
    'no-demo-trunk': { type: 'boolean', default: false },
  },
})

const root = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? '..' : '../..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const dataDir = process.env.KEDGE_DATA ?? join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'kedge')
mkdirSync(dataDir, { recursive: true, mode: 0o700 })

speakDesktop('system', [Intl.DateTimeFormat().resolvedOptions().locale])
const folder = lockOrEnd()
const log = openLog(dataDir)
endOnCrash({
  dataDir,
  version,
  log: (message) => log.error(message),
  end: () => process.exit(1),
})

const host = await startBrowserHost({
  dataDir,
  windowDir: process.env.KEDGE_WINDOW_DIR ?? join(root, 'out', 'renderer'),
  port: Number(values.port),
})
const softphone = await startSoftphone(host, { version, log, demoTrunk: !values['no-demo-trunk'] }).catch(endStart)

function lockOrEnd(): DataFolderLock {
  try {
    return lockDataFolder(dataDir)
  } catch (error) {
    return endStart(error)
  }
}

function endStart(error: unknown): never {
  console.error(`${say('crash.start')}: ${whyNoStart(error)}`)
  return process.exit(1)
}

let stopping = false
async function stop(status: number): Promise<never> {
  if (!stopping) {
    stopping = true
    await softphone.close()
    folder.release()
  }
  process.exit(status)
}
process.on('SIGINT', () => void stop(0))
process.on('SIGTERM', () => void stop(0))

const url = host.windowUrl()
console.log(`KEDGE_READY ${JSON.stringify({ url })}`)

const command = values['no-open'] ? undefined : browserCommand(process.env, process.platform, dataDir, url)
if (command && hasDisplay(process.env, process.platform)) {
  const browser = spawn(command.program, command.args, { stdio: 'ignore' })
  browser.on('error', (error) => console.log(`The browser did not start (${error.message}). Open ${host.windowUrl()}`))
  browser.on('exit', () => void stop(0))
} else {
  console.log(`Open ${url} in Chromium or Chrome on this machine. Ctrl-C ends Kedge.`)
}
