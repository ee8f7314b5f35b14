import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

interface LockedPackage {
  readonly dev?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
  readonly license?: string
}

/** What the product may contain. The compiler's and Node's platform binaries are optional and never bundled. */
const shipped = Object.entries(
  (JSON.parse(read('package-lock.json')) as { packages: Record<string, LockedPackage> }).packages,
)
  .filter(([path, { dev, optional, devOptional }]) => path !== '' && !dev && !optional && !devOptional)
  .map(([path, { license }]) => ({ name: path.replace(/^.*node_modules\//, ''), licence: license ?? 'unknown' }))

const permissive = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Apache-2.0', 'Unlicense']

describe('licences of what is shipped', () => {
  it('are permissive, but for the one that the notices name', () => {
    expect(shipped.length).toBeGreaterThan(50)
    const others = shipped.filter(({ licence }) => !permissive.includes(licence)).map(({ name }) => name)
    expect(others).toEqual(['mediabunny'])
  })

  it('stand in THIRD_PARTY_NOTICES.md, each with its package, and no other', () => {
    const listed = [...read('THIRD_PARTY_NOTICES.md').matchAll(/^\| ([@a-z]\S*) \| ([\w.-]+) \|$/gm)].map(
      ([, name, licence]) => `${name} ${licence}`,
    )
    const expected = [...new Set(shipped.map(({ name, licence }) => `${name} ${licence}`))]
    expect(listed.filter((row) => row !== 'package licence').sort()).toEqual(expected.sort())
  })
})
