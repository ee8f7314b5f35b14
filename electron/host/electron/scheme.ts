import { protocol } from 'electron'
import { windowPath } from '../electron-policy.ts'
import { contentSecurityPolicy, readWindowFiles } from '../window-files.ts'

/** Must run before Electron's `ready`: the window's own scheme is a secure origin, as getUserMedia demands. */
export function registerWindowScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ])
}

/** Serves the built window from memory under `app://kedge`; any other address of the scheme is not found. */
export function serveWindow(windowDir: string): void {
  const files = readWindowFiles(windowDir)
  const csp = contentSecurityPolicy(undefined)
  protocol.handle('app', (request) => {
    const path = windowPath(request.method, request.url)
    const file = path === undefined ? undefined : files.get(path)
    if (file === undefined) return new Response('No such file.', { status: 404 })
    return new Response(Buffer.from(file.body), {
      headers: {
        'content-type': file.contentType,
        'content-security-policy': csp,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      },
    })
  })
}
