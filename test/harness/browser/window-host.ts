import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { build, loadConfigFromFile } from 'vite'

const root = join(import.meta.dirname, '../../..')

/** As both shells send it; a test that meets a violation fails. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

export interface WindowHost {
  readonly url: string
  close(): Promise<void>
}

/** Builds the window as the app does and serves it, with no main process behind it. */
export async function hostWindow(): Promise<WindowHost> {
  const outDir = await mkdtemp(join(tmpdir(), 'kedge-window-'))
  const loaded = await loadConfigFromFile(
    { command: 'build', mode: 'production' },
    join(root, 'electron.vite.config.ts'),
  )
  if (!loaded) throw new Error('electron.vite.config.ts was not found')
  const { renderer } = loaded.config as unknown as { renderer: { build: object } }
  await build({ ...renderer, configFile: false, logLevel: 'warn', build: { ...renderer.build, outDir } })

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const path = join(outDir, normalize(pathname === '/' ? '/index.html' : pathname))
    readFile(path).then(
      (body) => {
        response.writeHead(200, {
          'content-type': contentTypes[extname(path)] ?? 'application/octet-stream',
          'content-security-policy': contentSecurityPolicy,
        })
        response.end(body)
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(outDir, { recursive: true, force: true })
    },
  }
}
