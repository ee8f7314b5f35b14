import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { type Access, type AccessRequest, createAccess } from './access.ts'
import type { Host } from './host.ts'
import { openKeyFile } from './key-file.ts'
import { ownerOfPeer } from './peer-owner.ts'
import { socketWindow } from './socket-window.ts'
import { contentSecurityPolicy, readWindowFiles, type WindowFile } from './window-files.ts'

export interface BrowserHost extends Host {
  /** A fresh one-time address of the window. */
  windowUrl(): string
}

export interface BrowserHostOptions {
  readonly dataDir: string
  /** Folder of the built window. */
  readonly windowDir: string
  /** 0 for any free port. */
  readonly port: number
}

/** Largest frame the window may send: an SDP offer is about 3 kB, a private CA file may be 64 kB. */
const maxFrameBytes = 128 * 1024
const doorPath = '/door'

/** The browser shell: the window's files and its socket, on 127.0.0.1 only. */
export async function startBrowserHost(options: BrowserHostOptions): Promise<BrowserHost> {
  const files = readWindowFiles(options.windowDir)
  const secrets = await openKeyFile(options.dataDir)
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const access = createAccess(port)
  const csp = contentSecurityPolicy(`ws://127.0.0.1:${port}`)
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameBytes,
    handleProtocols: (offered) => offered.has('kedge') && 'kedge',
  })

  const host: BrowserHost = {
    shell: 'browser',
    dataDir: options.dataDir,
    secrets,
    onWindow: undefined,
    windowUrl: () => access.ticketUrl(),
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }

  server.on('request', (request, response) => answerPage(request, response, access, files, csp))
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = URL.parse(request.url ?? '', 'http://127.0.0.1')?.pathname
    if (path !== doorPath || !access.socket(accessRequest(request))) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (accepted) => host.onWindow?.(socketWindow(accepted)))
  })
  return host
}

const accessRequest = (request: IncomingMessage): AccessRequest => ({
  method: request.method ?? '',
  url: request.url ?? '',
  host: request.headers.host,
  origin: request.headers.origin,
  cookie: request.headers.cookie,
  isOwner: () => isOwn(request.socket),
})

/** Where the system does not tell, ticket and cookie alone decide. */
function isOwn({ remotePort = 0, localPort = 0 }: IncomingMessage['socket']): boolean {
  const owner = ownerOfPeer(remotePort, localPort)
  return owner === undefined || owner === process.getuid?.()
}

function answerPage(
  request: IncomingMessage,
  response: ServerResponse,
  access: Access,
  files: ReadonlyMap<string, WindowFile>,
  csp: string,
): void {
  const decision = access.page(accessRequest(request))
  if (decision.kind === 'admit') {
    response.writeHead(303, { location: '/', 'set-cookie': decision.setCookie, 'cache-control': 'no-store' }).end()
    return
  }
  if (decision.kind === 'deny') {
    response.writeHead(decision.status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
    response.end('This address works only in the window that Kedge opened. Start Kedge again for a new one.\n')
    return
  }
  const file = files.get(decision.path)
  if (file === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('No such file.\n')
    return
  }
  response.writeHead(200, {
    'content-type': file.contentType,
    'content-length': file.body.length,
    'content-security-policy': csp,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'microphone=(self), camera=(), geolocation=()',
    'cache-control': 'no-store',
  })
  response.end(request.method === 'HEAD' ? undefined : file.body)
}
