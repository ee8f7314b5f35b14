import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { licencesFile, licenceText, shippedPackages } from '../../scripts/licences.ts'

const shipped = shippedPackages()
const notices = readFileSync(join(import.meta.dirname, '../../THIRD_PARTY_NOTICES.md'), 'utf8')

const permissive = [
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Apache-2.0',
  'Unlicense',
  'BlueOak-1.0.0',
  'Python-2.0',
]

describe('licences of what is shipped', () => {
  it('are permissive, but for the one that the notices name', () => {
    expect(shipped.length).toBeGreaterThan(50)
    const others = shipped.filter(({ licence }) => !permissive.includes(licence)).map(({ name }) => name)
    expect(others).toEqual(['mediabunny'])
  })

  it('stand in THIRD_PARTY_NOTICES.md, each with its package, and no other', () => {
    const listed = [...notices.matchAll(/^\| ([@a-z]\S*) \| ([\w.-]+) \|$/gm)].map(
      ([, name, licence]) => `${name} ${licence}`,
    )
    const expected = [...new Set(shipped.map(({ name, licence }) => `${name} ${licence}`))]
    expect(listed.filter((row) => row !== 'package licence').sort()).toEqual(expected.sort())
  })

  it('come with their full texts into the app, one for each package', () => {
    const file = licencesFile()
    for (const { name, version } of shipped) expect(file).toContain(`\n${name} ${version} (`)
    expect(file).toContain('Mozilla Public License')
    expect(licencesFile()).toBe(file)
  })

  it('cannot be forgotten: a package without a text fails the build (canary)', () => {
    const bare = { name: 'bare', version: '1.0.0', licence: 'MIT', path: 'electron' }
    expect(() => licenceText(bare)).toThrow('bare comes without the text of its licence')
  })
})
