import { join } from 'node:path'
import { build, loadConfigFromFile, type UserConfig } from 'vite'

/**
 * Builds the window alone, as `electron-vite build` does, into the folder given. In a process of its own, because the
 * test runner's NODE_ENV would put React's development build into it.
 */
process.env.NODE_ENV = 'production'
const root = join(import.meta.dirname, '../..')
const outDir = process.argv[2]
if (outDir === undefined) throw new Error('the folder to build into is missing')
const loaded = await loadConfigFromFile({ command: 'build', mode: 'production' }, join(root, 'electron.vite.config.ts'))
const { renderer } = (loaded?.config ?? {}) as { renderer?: UserConfig }
if (renderer === undefined) throw new Error('electron.vite.config.ts does not say how the window is built')
await build({ ...renderer, configFile: false, logLevel: 'warn', build: { ...renderer.build, outDir } })
