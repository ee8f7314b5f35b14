import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asarList, listFaults, type PackedApp, packApp, readFuses } from '../../scripts/pack-app.ts'
import { feedArguments, isPackage } from '../../scripts/update-feed.ts'
import { type Scratch, scratchFolder } from '../harness/scratch.ts'

/**
 * The package as electron-builder makes it from electron-builder.yml, with a stand-in for Electron's binary: the builder
 * validates its configuration by its own schema, writes the archive and turns the fuses.
 */
let scratch: Scratch
let packed: PackedApp

beforeAll(async () => {
  scratch = await scratchFolder('package')
  const env = { CUSTOM_FPM_PATH: fakeFpm(scratch.path) }
  packed = packApp(join(scratch.path, 'first'), { targets: ['dir', 'deb', 'rpm'], env })
})
afterAll(() => scratch?.[Symbol.asyncDispose]())

/** In the place of fpm, which makes debs and rpms and comes from GitHub: notes what it is to put where, and what is in it. */
function fakeFpm(folder: string): string {
  const path = join(folder, 'fpm')
  const script = `#!${process.execPath}
const { readFileSync, writeFileSync } = require('node:fs')
const args = process.argv.slice(2)
const desktop = args.find((arg) => /[.]desktop=/.test(arg))
const noted = { args, desktop: readFileSync(desktop.split('=')[0], 'utf8') }
writeFileSync(${JSON.stringify(join(folder, 'fpm-'))} + args[args.indexOf('-t') + 1] + '.json', JSON.stringify(noted))
writeFileSync(args[args.indexOf('--package') + 1], '')
`
  writeFileSync(path, script)
  chmodSync(path, 0o755)
  return path
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('the package', () => {
  it('holds what the app needs, no source map, no package of development, and nothing else', () => {
    const list = asarList(packed.asar)
    expect(list.length).toBeGreaterThan(15)
    expect(listFaults(list)).toEqual([])
  })

  it.runIf(process.platform === 'linux')(
    'holds the library for system calls, and its media worker finds it',
    async () => {
      const library = `out/main/native/koffi-linux-${process.arch}.node`
      expect(asarList(packed.asar)).toContain(library)
      const worker = new Worker(join(import.meta.dirname, '../../out/main/media-worker.js'))
      // It would give notice if it had to do without.
      expect((await once(worker, 'message'))[0]).toEqual({ type: 'ready' })
      await worker.terminate()
    },
  )

  it('would be noticed with anything else in it, or without a part (canary)', () => {
    const list = asarList(packed.asar)
    expect(listFaults([...list, 'node_modules/x/index.js', '.env'])).toHaveLength(2)
    expect(listFaults(list.filter((path) => path !== 'out/preload/preload.cjs'))).toHaveLength(1)
  })

  it('is the same, byte for byte, from the same sources', () => {
    const again = packApp(join(scratch.path, 'second'))
    expect(asarList(again.asar)).toEqual(asarList(packed.asar))
    expect(sha256(again.asar)).toBe(sha256(packed.asar))
  })

  it('has every fuse turned as it must be', () => {
    expect(readFuses(packed.executable)).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    })
  })

  it('carries the licences of everything in it', () => {
    const resources = join(packed.folder, 'resources')
    expect(readFileSync(join(resources, 'licences.txt'), 'utf8')).toContain('werift')
    for (const file of ['LICENSE.txt', 'THIRD_PARTY_NOTICES.md'])
      expect(existsSync(join(resources, file)), file).toBe(true)
  })

  it('updates itself only where the build was told a key and an address', () => {
    expect(asarList(packed.asar)).not.toContain('out/update.json')
    expect(existsSync(join(packed.folder, 'resources', 'app-update.yml'))).toBe(false)
  })

  it('told an address, carries what an update is fetched with, and makes the feed', () => {
    const output = join(scratch.path, 'fed')
    const fed = packApp(output, {
      targets: ['dir', 'deb'],
      overrides: feedArguments('https://updates.kedge.invalid/'),
      env: { CUSTOM_FPM_PATH: join(scratch.path, 'fpm') },
    })
    const config = readFileSync(join(fed.folder, 'resources', 'app-update.yml'), 'utf8')
    expect(config).toContain('url: https://updates.kedge.invalid/')
    expect(config).toContain('updaterCacheDirName: ')
    expect(readFileSync(join(output, 'latest-linux.yml'), 'utf8')).toMatch(/url: Kedge-.*\.deb/)
  })

  it('is in the signed list whatever its kind, for a feed that names one more is refused whole', () => {
    const kinds = ['AppImage', 'deb', 'rpm', 'dmg', 'zip', 'exe']
    expect(kinds.filter((kind) => !isPackage(`Kedge-0.2.0-x.${kind}`))).toEqual([])
    expect(['latest-mac.yml', 'SHA256SUMS', 'Kedge-0.2.0-mac-x64.dmg.blockmap'].filter(isPackage)).toEqual([])
  })

  it('as deb and rpm registers its links, icons and licence with the desktop', () => {
    for (const kind of ['deb', 'rpm']) {
      const noted = JSON.parse(readFileSync(join(scratch.path, `fpm-${kind}.json`), 'utf8')) as {
        args: string[]
        desktop: string
      }
      const schemes = ['sip', 'sips', 'tel', 'callto'].map((scheme) => `x-scheme-handler/${scheme};`)
      for (const scheme of schemes) expect(noted.desktop).toMatch(new RegExp(`^MimeType=.*${scheme}`, 'm'))
      // What a link carries comes after the double dash, so it is never a switch.
      expect(noted.desktop).toMatch(/^Exec=.*\/kedge -- %U$/m)
      expect(noted.desktop).toMatch(/^Categories=Network;Telephony;$/m)
      expect(noted.desktop).toMatch(/^StartupWMClass=Kedge$/m)
      expect(noted.args).toEqual(expect.arrayContaining(['--license', 'MIT', '--architecture', '--url']))
      expect(
        noted.args.filter((arg) => /=\/usr\/share\/icons\/hicolor\/\d+x\d+\/apps\/kedge\.png$/.test(arg)),
      ).toHaveLength(8)
    }
  })

  it('is refused by the builder’s own schema when its configuration has a mistake (canary)', () => {
    expect(() => packApp(join(scratch.path, 'third'), { overrides: ['-c.electronFuse.runAsNode=false'] })).toThrow(
      /configuration.*electronFuse|unknown property 'electronFuse'/is,
    )
  })
})
