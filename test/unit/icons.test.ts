import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { icns, ico } from '../../scripts/icon-files.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path))

/** Width and height of a PNG, from its first chunk. */
function sizeOf(png: Buffer): string {
  expect(png.subarray(1, 4).toString('latin1')).toBe('PNG')
  return `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`
}

describe('the icons', () => {
  it('are of the drawing that the window has (if not: node scripts/icons.ts)', () => {
    const drawing = createHash('sha256').update(read('renderer/src/kedge.svg')).digest('hex')
    expect(read('build/icons/source.sha256').toString().trim()).toBe(drawing)
  })

  it('for Linux have the sizes that their names say', () => {
    const names = readdirSync(join(root, 'build/icons')).filter((name) => name.endsWith('.png'))
    expect(names).toHaveLength(8)
    for (const name of names) expect(`${sizeOf(read(`build/icons/${name}`))}.png`).toBe(name)
  })

  it('for Windows and macOS hold every size, each where the container says', () => {
    const windows = read('build/icon.ico')
    const entries = Array.from({ length: windows.readUInt16LE(4) }, (_, index) => {
      const entry = 6 + 16 * index
      const offset = windows.readUInt32LE(entry + 12)
      return sizeOf(windows.subarray(offset, offset + windows.readUInt32LE(entry + 8)))
    })
    expect(entries).toEqual(['16x16', '24x24', '32x32', '48x48', '64x64', '128x128', '256x256'])
    const mac = read('build/icon.icns')
    expect(mac.readUInt32BE(4)).toBe(mac.length)
    const types: string[] = []
    for (let at = 8; at < mac.length; at += mac.readUInt32BE(at + 4)) {
      types.push(`${mac.toString('latin1', at, at + 4)} ${sizeOf(mac.subarray(at + 8))}`)
    }
    expect(types).toContain('ic10 1024x1024')
    expect(types).toHaveLength(11)
  })

  it('are put into their containers without loss', () => {
    const images = new Map([
      [16, Buffer.from('sixteen')],
      [256, Buffer.from('big')],
    ])
    expect(ico(images).subarray(-10).toString()).toBe('sixteenbig')
    expect(icns(images).toString('latin1')).toMatch(/^icns.{4}icp4.{4}sixteenic13.{4}bigic08.{4}big$/s)
  })

  it('for the tray come in two densities', () => {
    for (const [name, size] of [
      ['tray', 24],
      ['trayTemplate', 18],
      ['missed', 16],
    ] as const) {
      expect(sizeOf(read(`electron/assets/${name}.png`))).toBe(`${size}x${size}`)
      expect(sizeOf(read(`electron/assets/${name}@2x.png`))).toBe(`${2 * size}x${2 * size}`)
    }
  })
})
