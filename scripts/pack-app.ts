import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Packs the app without an Electron binary: electron-builder runs as it does for a release, with a stand-in for the
 * binary that has nothing but the fuse wire. What comes out has the real archive, the real resources and the real fuses.
 */
const root = join(import.meta.dirname, '..')

/** How @electron/fuses finds the wire in a binary; behind it stand its version, its length and one character a fuse. */
const fuseSentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const fuseNames = [
  'runAsNode',
  'enableCookieEncryption',
  'enableNodeOptionsEnvironmentVariable',
  'enableNodeCliInspectArguments',
  'enableEmbeddedAsarIntegrityValidation',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
] as const
type FuseName = (typeof fuseNames)[number]

export interface PackedApp {
  readonly folder: string
  readonly asar: string
  readonly executable: string
}

export interface PackOptions {
  /** Options of electron-builder's command line, as `-c.key=value`. */
  readonly overrides?: readonly string[]
  /** Kinds of packages; the unpacked folder alone when absent. */
  readonly targets?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/**
 * @param output - folder for what is packed
 * @throws Error with electron-builder's own words
 */
export function packApp(output: string, { overrides = [], targets = ['dir'], env = {} }: PackOptions = {}): PackedApp {
  const stub = mkdtempSync(join(tmpdir(), 'kedge-no-electron-'))
  try {
    makeStub(stub)
    const done = spawnSync(
      process.execPath,
      [
        join(root, 'node_modules/electron-builder/cli.js'),
        '--linux',
        ...targets,
        '--x64',
        '--publish',
        'never',
        `-c.electronDist=${stub}`,
        `-c.directories.output=${output}`,
        ...overrides,
      ],
      { cwd: root, encoding: 'utf8', timeout: 120_000, env: { ...process.env, CI: '1', ...env } },
    )
    if (done.status !== 0) throw new Error(`electron-builder ended with ${done.status}:\n${done.stdout}${done.stderr}`)
  } finally {
    rmSync(stub, { recursive: true, force: true })
  }
  const folder = join(output, 'linux-unpacked')
  return { folder, asar: join(folder, 'resources', 'app.asar'), executable: join(folder, 'kedge') }
}

function makeStub(folder: string): void {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8')) as {
    version: string
  }
  for (const part of ['resources', 'locales']) mkdirSync(join(folder, part))
  // A fuse that nobody has set reads "1" or "0" in Electron's own build; here all are on, so that each must be turned.
  writeFileSync(
    join(folder, 'electron'),
    `no Electron${fuseSentinel}\x01\x08${'1'.repeat(fuseNames.length)}\0`,
    'latin1',
  )
  chmodSync(join(folder, 'electron'), 0o755)
  writeFileSync(join(folder, 'version'), version)
  writeFileSync(join(folder, 'locales', 'en-US.pak'), '')
}

/** The fuses of a binary, as @electron/fuses writes them. */
export function readFuses(executable: string): Readonly<Record<FuseName, boolean>> {
  const binary = readFileSync(executable)
  const wire = binary.indexOf(fuseSentinel) + fuseSentinel.length
  if (wire < fuseSentinel.length) throw new Error(`${executable} has no fuses`)
  const states = fuseNames.map((name, index) => [name, binary[wire + 2 + index] === '1'.charCodeAt(0)])
  return Object.fromEntries(states) as Record<FuseName, boolean>
}

interface AsarFolder {
  readonly files: Readonly<Record<string, AsarFolder | { readonly size: number; readonly unpacked?: boolean }>>
}

/** Paths of all files in an asar archive, sorted. Its header is JSON behind four 32-bit lengths. */
export function asarList(path: string): readonly string[] {
  const fd = openSync(path, 'r')
  try {
    const lengths = Buffer.alloc(16)
    readSync(fd, lengths, 0, 16, 0)
    const header = Buffer.alloc(lengths.readUInt32LE(12))
    readSync(fd, header, 0, header.length, 16)
    return pathsIn(JSON.parse(header.toString('utf8')) as AsarFolder, '').sort()
  } finally {
    closeSync(fd)
  }
}

const pathsIn = ({ files }: AsarFolder, above: string): string[] =>
  Object.entries(files).flatMap(([name, entry]) =>
    'files' in entry ? pathsIn(entry, `${above}${name}/`) : [`${above}${name}`],
  )

/** What an archive may hold; anything else in it does not belong there. */
const wanted = [
  /^package\.json$/,
  /^out\/preload\/preload\.cjs$/,
  /^out\/renderer\/(?:index\.html|assets\/[\w.-]+\.(?:js|css|svg|png|woff2|wasm))$/,
  /^out\/main\/[\w.-]+\.js$/,
  /^out\/main\/build\/srtp-(?:simd|baseline)\.wasm$/,
  /^out\/main\/native\/koffi-linux-(?:x64|arm64)\.node$/,
  /^out\/main\/assets\/[\w@.]+\.png$/,
  /^out\/update\.json$/,
]

/** Must be there, or the app does not start. */
const needed = [
  'package.json',
  'out/main/main.js',
  'out/main/media-worker.js',
  'out/main/demo-trunk-worker.js',
  'out/main/build/srtp-simd.wasm',
  'out/main/build/srtp-baseline.wasm',
  'out/main/assets/tray.png',
  'out/preload/preload.cjs',
  'out/renderer/index.html',
]

/** What is wrong with the list of files, as sentences; empty when all is well. */
export function listFaults(list: readonly string[]): readonly string[] {
  const missing = needed.filter((path) => !list.includes(path)).map((path) => `${path} is missing`)
  const strange = list
    .filter((path) => !wanted.some((form) => form.test(path)))
    .map((path) => `${path} is not expected`)
  return [...missing, ...strange]
}
