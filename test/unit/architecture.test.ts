import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/** The arrows of docs/architecture.md: which part may import which. A part may always import itself. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  'electron/main.ts': [
    'electron/softphone.ts',
    'electron/diagnostics',
    'electron/host',
    'electron/host/desktop',
    'electron/host/electron',
    'electron',
  ],
  'electron/serve.ts': ['electron/softphone.ts', 'electron/diagnostics', 'electron/host', 'electron/host/desktop'],
  'electron/preload.ts': ['shared', 'electron'],
  'electron/softphone.ts': [
    'electron/accounts',
    'electron/bridge',
    'electron/demo-trunk',
    'electron/diagnostics',
    'electron/doctor',
    'electron/host',
    'electron/host/desktop',
    'electron/ipc',
    'electron/media',
    'electron/sip',
    'electron/store',
    'shared',
  ],
  'electron/host': ['electron/host/desktop', 'shared'],
  'electron/host/update': ['shared'],
  'electron/host/desktop': ['electron/host', 'shared'],
  'electron/host/electron': ['electron/host', 'electron/host/desktop', 'electron/host/update', 'shared', 'electron'],
  'electron/ipc': ['shared'],
  'electron/accounts': ['electron/sip', 'electron/diagnostics', 'shared'],
  'electron/doctor': [
    'electron/media/audio',
    'electron/accounts',
    'electron/bridge',
    'electron/demo-trunk',
    'electron/media/rtp',
    'electron/media/srtp',
    'electron/sdp',
    'electron/sip',
    'shared',
  ],
  'electron/bridge': ['electron/sip', 'electron/sdp', 'electron/media', 'shared'],
  'electron/sip': ['electron/stun', 'shared'],
  'electron/stun': [],
  'electron/sdp': ['shared'],
  'electron/media': ['electron/media/srtp', 'shared'],
  'electron/media/audio': ['electron/media', 'electron/media/rtp', 'shared'],
  'electron/media/worker': [
    'electron/media',
    'electron/media/audio',
    'electron/media/rtp',
    'electron/media/srtp',
    'electron/stun',
    'shared',
  ],
  'electron/media/rtp': [],
  'electron/media/srtp': ['shared', 'electron/media/rtp'],
  'electron/store': ['shared'],
  'electron/diagnostics': ['shared'],
  'electron/demo-trunk': [
    'electron/media',
    'electron/media/audio',
    'electron/sip',
    'electron/sdp',
    'electron/media/rtp',
    'electron/media/srtp',
    'electron/diagnostics',
    'shared',
  ],
  shared: [],
  renderer: ['shared'],
}

/** Modules of Node that these parts may not touch: they decide, they do not act. */
const pure = ['electron/sdp', 'electron/media/rtp', 'shared', 'renderer']

const root = resolve(import.meta.dirname, '../..')
const sources = ['electron', 'renderer', 'shared'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes('/kernel/assembly/')),
)

const partOf = (path: string) =>
  Object.keys(arrows)
    .filter((part) => path === part || path.startsWith(`${part}/`))
    .sort((a, b) => b.length - a.length)[0]

function importsOf(path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8')
  return [
    ...text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s+['"]([^'"]+)['"]|import\(['"]([^'"]+)['"]\)/g),
  ].map((match) => match[1] ?? match[2] ?? '')
}

describe('the direction of imports', () => {
  it('finds the sources', () => {
    expect(sources.length).toBeGreaterThan(40)
  })

  it.each(sources)('%s keeps to its arrows', (path) => {
    const part = partOf(path)
    expect(part, `${path} belongs to no part`).toBeDefined()
    const allowed = [part, ...(arrows[part ?? ''] ?? [])]
    for (const imported of importsOf(path)) {
      if (!imported.startsWith('.')) {
        if (imported === 'electron') expect(allowed, `${path} imports electron`).toContain('electron')
        if (imported.startsWith('node:')) {
          expect(pure.some((folder) => path.startsWith(folder)) && imported, `${path} imports ${imported}`).toBe(false)
        }
        continue
      }
      const target = relative(root, resolve(root, dirname(path), imported))
      const targetPart = partOf(target)
      expect(allowed, `${path} imports ${target}`).toContain(targetPart)
    }
  })
})
