import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const rows = [...read('docs/negotiation.md').matchAll(/^\| (\d+) \| .* \| (.*) \|$/gm)].map(([, number, where]) => ({
  number: Number(number),
  where: where ?? '',
}))

test('docs/negotiation.md lists the 55 cases in order', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 55 }, (_, at) => at + 1))
})

test.each(rows)('case $number has a test that bears its number', ({ number, where }) => {
  const files = [...where.matchAll(/`([^`]+\.test\.ts)`/g)].map(([, file = '']) => file)
  expect(files.length).toBeGreaterThan(0)
  for (const file of files) {
    const text = read(file.includes('/') ? file : `test/unit/sdp/${file}`)
    expect(new RegExp(`cases? (?:\\d+(?:, | and ))*${number}\\b`).test(text), file).toBe(true)
  }
})
