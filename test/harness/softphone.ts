import { join } from 'node:path'
import { type PeerProcess, startProcess } from './process.ts'
import { scratchFolder } from './scratch.ts'
import { windowFolder } from './window-build.ts'

export interface KedgeOptions {
  /** Runs the demo trunk inside; without it Kedge starts with no account. */
  readonly demoTrunk?: boolean
}

/** The product: the browser shell from its sources, with a data folder of its own and no window yet. */
export interface Kedge extends AsyncDisposable {
  /** One-time address of the window. */
  readonly windowUrl: string
  /** Where it keeps its database and its log. */
  readonly dataDir: string
  readonly process: PeerProcess
}

const root = join(import.meta.dirname, '../..')

export async function startKedge({ demoTrunk = false }: KedgeOptions = {}): Promise<Kedge> {
  const windowDir = await windowFolder()
  const scratch = await scratchFolder('data')
  const running = await startProcess({
    name: 'Kedge',
    command: process.execPath,
    args: ['electron/serve.ts', '--no-open', '--port', '0', ...(demoTrunk ? [] : ['--no-demo-trunk'])],
    cwd: root,
    env: { ...process.env, KEDGE_DATA: scratch.path, KEDGE_WINDOW_DIR: windowDir },
  })
  let wanted = true
  // The window would only show that it has lost its main process: the reason stands in what that one wrote last.
  void running.exited.then(({ code }) => {
    if (wanted) console.error(`Kedge ended by itself with ${code}:\n${running.tail()}`)
  })
  const release = async () => {
    wanted = false
    await running.stop()
    await scratch[Symbol.asyncDispose]()
  }
  try {
    const [, ready = ''] = await running.waitForOutput(/^KEDGE_READY (\{.*\})$/m, 20_000)
    const { url } = JSON.parse(ready) as { url: string }
    return { windowUrl: url, dataDir: scratch.path, process: running, [Symbol.asyncDispose]: release }
  } catch (error) {
    await release()
    throw error
  }
}
