import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The licences of what the product may contain, taken from the lock file and the packages themselves. The build puts
 * their full texts into the app; `node scripts/licences.ts` writes the table in THIRD_PARTY_NOTICES.md anew.
 */
export interface ShippedPackage {
  readonly name: string
  readonly version: string
  /** SPDX expression. */
  readonly licence: string
  /** Folder, relative to the root of the repository. */
  readonly path: string
}

interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
  readonly license?: string
}

const repository = join(import.meta.dirname, '..')

/** Optional packages are platform binaries: of these only the library for system calls is bundled, not compilers and Node. */
const bundledBinary = /^node_modules\/@koromix\//

export function shippedPackages(root = repository): readonly ShippedPackage[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>
  }
  return Object.entries(packages)
    .filter(
      ([path, { dev, optional, devOptional }]) =>
        path !== '' && !dev && ((!optional && !devOptional) || bundledBinary.test(path)),
    )
    .map(([path, { version = '', license = 'unknown' }]) => ({
      name: path.replace(/^.*node_modules\//, ''),
      version,
      licence: license,
      path,
    }))
}

const licenceFile = /^(?:licen[cs]e|copying|notice)/i

/**
 * The licence text of a package as it came with it.
 * @throws Error when it came without one and `withoutFile` does not know it
 */
export function licenceText({ name, path }: ShippedPackage, root = repository): string {
  const known = withoutFile[name]
  if (known !== undefined) return known
  const files = readdirSync(join(root, path)).filter((file) => licenceFile.test(file))
  const text = files.map((file) => readFileSync(join(root, path, file), 'utf8').trim()).join('\n\n')
  if (text === '') throw new Error(`${name} comes without the text of its licence`)
  return text
}

/** All licences as the app carries them, in the order of their names: the same packages give the same bytes. */
export function licencesFile(root = repository): string {
  const line = '-'.repeat(80)
  const parts = [...shippedPackages(root)]
    .sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1))
    .map((shipped) => `${shipped.name} ${shipped.version} (${shipped.licence})\n\n${licenceText(shipped, root)}\n`)
  return `Kedge contains the following packages.\n\n${line}\n${parts.join(`\n${line}\n`)}`
}

const mit = (holder: string) => `MIT License

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

/** Packages that name their licence and author in package.json and bring no text. */
const withoutFile: Readonly<Record<string, string>> = {
  '@koromix/koffi-linux-arm64': mit('Niels Martignène'),
  '@koromix/koffi-linux-x64': mit('Niels Martignène'),
  'lazy-val': mit('Vladimir Krivosheev'),
  werift: mit('shinyoshiaki'),
}

function writeNotices(): void {
  const path = join(repository, 'THIRD_PARTY_NOTICES.md')
  const rows = [...new Set(shippedPackages().map(({ name, licence }) => `| ${name} | ${licence} |`))].sort()
  const [before = ''] = readFileSync(path, 'utf8').split('| package | licence |')
  writeFileSync(path, `${before}| package | licence |\n| --- | --- |\n${rows.join('\n')}\n`)
}

if (process.argv[1] === import.meta.filename) writeNotices()
