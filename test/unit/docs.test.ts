import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorCodes } from '../../shared/errors.ts'
import { trunkPresets } from '../../shared/model/trunk-presets.ts'

const root = join(import.meta.dirname, '../..')
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
]
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Headings as the anchors that links point to. */
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  )

function brokenLinks(page: string, text: string): string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)].map((match) => match[1] ?? match[2] ?? '')
  return targets
    .filter((target) => !/^(?:https?:|mailto:)/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(root, file))) return true
      return anchor !== undefined && !anchorsOf(read(file)).includes(anchor)
    })
}

describe('the documentation', () => {
  it.each(pages)('%s points at nothing that is not there', (page) => {
    expect(brokenLinks(page, read(page))).toEqual([])
  })

  it('would be noticed with a link to nothing (canary)', () => {
    const text = '[a](docs/none.md) ![b](docs/images/none.png) [c](README.md#nowhere)'
    expect(brokenLinks('README.md', text)).toHaveLength(3)
  })

  it('names only tests that are there', () => {
    const named = [...read('docs/features.md').matchAll(/`((?:unit|interop|e2e|vectors|bench)\/[\w./-]+)`/g)].map(
      ([, path = '']) => path,
    )
    expect(named.length).toBeGreaterThan(40)
    const absent = named.filter((path) => {
      const at = join(root, 'test', path)
      return !existsSync(at) && !['.test.ts', '.ts', '.bench.ts'].some((ending) => existsSync(`${at}${ending}`))
    })
    expect([...new Set(absent)]).toEqual([])
  })

  it('tells how to set up each kind of trunk that can be chosen, with a picture', () => {
    const guide = read('docs/user/trunks.md')
    for (const { id, label } of Object.values(trunkPresets)) {
      expect(guide, label).toContain(`## ${label}\n`)
      expect(guide, id).toContain(`images/user/trunk-${id}.png`)
    }
  })

  it('has every code of an account, a connection and the encryption in the troubleshooting page', () => {
    const page = read('docs/user/troubleshooting.md')
    const codes = errorCodes.filter((code) => /^(?:account|net|tls|security)\//.test(code))
    expect(codes.length).toBeGreaterThan(20)
    expect(codes.filter((code) => !page.includes(`| \`${code}\` |`))).toEqual([])
  })
})
