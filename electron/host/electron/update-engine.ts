import { basename } from 'node:path'
import { net } from 'electron'
import type { AppUpdater } from 'electron-updater'
import { signedListName, type UpdateSource } from '../update/update-source.ts'
import type { UpdateEngine } from '../update/updater.ts'

/**
 * electron-updater as the engine: it knows the feed, the packages of each system, and how to replace a program that runs.
 * Nothing is fetched or installed by its own decision.
 */
export async function createUpdateEngine({ url }: UpdateSource, log: (message: string) => void): Promise<UpdateEngine> {
  // Loaded only where there is a source of updates: it reads the package it is in.
  const { default: electronUpdater } = await import('electron-updater')
  const updater: AppUpdater = electronUpdater.autoUpdater
  updater.autoDownload = false
  updater.autoInstallOnAppQuit = false
  updater.allowDowngrade = false
  updater.allowPrerelease = false
  updater.disableWebInstaller = true
  updater.logger = { info: log, warn: log, error: log }
  updater.setFeedURL({ provider: 'generic', url })
  return {
    async check() {
      const found = await updater.checkForUpdates()
      if (!found?.isUpdateAvailable) return undefined
      const { version, files } = found.updateInfo
      return { version, files: files.map(({ url: file, sha512 }) => ({ name: basename(file), sha512 })) }
    },
    async fetchList() {
      const response = await net.fetch(new URL(signedListName, url).href, { cache: 'no-store', redirect: 'error' })
      if (!response.ok) throw new Error(`${signedListName}: ${response.status}`)
      return response.text()
    },
    async download(signal) {
      const token = new electronUpdater.CancellationToken()
      signal.addEventListener('abort', () => token.cancel(), { once: true })
      const [path] = await updater.downloadUpdate(token)
      if (path === undefined) throw new Error('nothing was downloaded')
      return path
    },
    install: () => updater.quitAndInstall(),
  }
}
