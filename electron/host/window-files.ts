import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'

/** A file of the built window, held in memory: nothing outside the folder can ever be asked for. */
export interface WindowFile {
  readonly body: Uint8Array
  readonly contentType: string
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/**
 * The window may load its own files and open its own socket, and nothing else. `ws` is the shell's own address; in
 * Electron there is none. With Trusted Types and no policy for them, text never becomes markup or code.
 */
export function contentSecurityPolicy(ws: string | undefined): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "media-src 'self' blob:",
    `connect-src 'self'${ws === undefined ? '' : ` ${ws}`}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

/** Reads every file of a built window, keyed by its URL path; `/` is index.html. Files of unknown kind are left out. */
export function readWindowFiles(folder: string): ReadonlyMap<string, WindowFile> {
  const files = new Map<string, WindowFile>()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const contentType = contentTypes[extname(entry.name)]
    if (!entry.isFile() || contentType === undefined) continue
    const path = join(entry.parentPath, entry.name)
    const urlPath = `/${relative(folder, path).split(sep).join('/')}`
    files.set(urlPath, { body: readFileSync(path), contentType })
  }
  const index = files.get('/index.html')
  if (index) files.set('/', index)
  return files
}
