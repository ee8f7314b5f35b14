import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asarList, listFaults, type PackedApp, packApp, readFuses } from '../../scripts/pack-app.ts'
import { type Scratch, scratchFolder } from '../harness/scratch.ts'

/**
 * The package as electron-builder makes it from electron-builder.yml, with a stand-in for Electron's binary: the builder
 * validates its configuration by its own schema, writes the archive and turns the fuses.
 */
let scratch: Scratch
let packed: PackedApp

beforeAll(async () => {
  scratch = await scratchFolder('package')
  packed = packApp(join(scratch.path, 'first'))
})
afterAll(() => scratch?.[Symbol.asyncDispose]())

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('the package', () => {
  it('holds what the app needs, no source map, no package of development, and nothing else', () => {
    const list = asarList(packed.asar)
    expect(list.length).toBeGreaterThan(15)
    expect(listFaults(list)).toEqual([])
  })

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

  it('is refused by the builder’s own schema when its configuration has a mistake (canary)', () => {
    expect(() => packApp(join(scratch.path, 'third'), ['-c.electronFuse.runAsNode=false'])).toThrow(
      /configuration.*electronFuse|unknown property 'electronFuse'/is,
    )
  })
})
