import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { contentSecurityPolicy } from '../../../electron/host/window-files.ts'
import { windowFolder } from '../window-build.ts'

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

/** Serves the window as the app has it, with no main process behind it. */
export async function hostWindow(): Promise<WindowHost> {
  const folder = await windowFolder()
  // As both shells send it; a test that meets a violation fails.
  const csp = contentSecurityPolicy(undefined)
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const path = join(folder, normalize(pathname === '/' ? '/index.html' : pathname))
    readFile(path).then(
      (body) => {
        response.writeHead(200, {
          'content-type': contentTypes[extname(path)] ?? 'application/octet-stream',
          'content-security-policy': csp,
          // Compiled once for all pages of a context.
          'cache-control': 'max-age=3600',
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
    },
  }
}
