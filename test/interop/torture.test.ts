import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type TortureReport, torture, type Verdict } from '../harness/torture/run.ts'
import type { Way } from '../harness/torture/types.ts'

const fixtures = join(import.meta.dirname, '../fixtures')

interface ManifestEntry {
  readonly file: string
  readonly kind?: 'valid' | 'invalid' | 'transaction' | 'application' | 'backward'
  readonly title_and_expected?: string
  readonly expected?: string
}

async function manifestOf(folder: string): Promise<ManifestEntry[]> {
  const { messages } = JSON.parse(await readFile(join(fixtures, folder, 'manifest.json'), 'utf8')) as {
    messages: ManifestEntry[]
  }
  return messages
}

async function tortured(folder: string, ways: readonly Way[]): Promise<TortureReport> {
  const files = (await readdir(join(fixtures, folder))).filter((file) => !/\.(json|md)$/.test(file)).sort()
  const messages = files.map(async (file) => ({ file, bytes: await readFile(join(fixtures, folder, file)) }))
  return torture(await Promise.all(messages), ways)
}

function unharmed({ verdicts, crashes, maxStallMs }: TortureReport): void {
  expect(crashes).toBe(0)
  expect(verdicts.filter(({ answered }) => !answered)).toEqual([])
  expect(maxStallMs).toBeLessThanOrEqual(20)
}

const of = (report: TortureReport, file: string, way: Way): Verdict => {
  const found = report.verdicts.find((verdict) => verdict.file === file && verdict.way === way)
  if (!found) throw new Error(`${file} was not sent over ${way}`)
  return found
}

/** Whether a valid message has to be refused all the same: the manifest names the status. */
const namedStatus = ({ title_and_expected: text = '' }: ManifestEntry) => Number(text.match(/-> (4\d\d|505)/)?.[1] ?? 0)

it('every message of RFC 4475 ends as its manifest says, over UDP and in pieces of one octet over TCP', async () => {
  const report = await tortured('rfc4475', ['udp', 'tcp-bytes'])
  unharmed(report)
  for (const entry of await manifestOf('rfc4475')) {
    const verdict = of(report, entry.file, 'udp')
    const status = namedStatus(entry)
    if (status > 0) expect(verdict.statuses, entry.file).toContain(status)
    else if (/-> drop/.test(entry.title_and_expected ?? '')) expect(verdict, entry.file).toMatchObject({ statuses: [] })
    else expect(verdict.outcome, entry.file).toBe('accepted')
    // Where the stream cannot be followed it is closed (RFC 3261 §18.3); all else is answered as over UDP.
    const stream = of(report, entry.file, 'tcp-bytes')
    if (!stream.closed) expect(stream.statuses, entry.file).toEqual(verdict.statuses)
  }
})

it('every message of RFC 5118 ends as its manifest says, over UDP and TCP', async () => {
  const report = await tortured('rfc5118', ['udp', 'tcp'])
  unharmed(report)
  for (const { file, expected = '' } of await manifestOf('rfc5118')) {
    const { outcome, statuses } = of(report, file, 'udp')
    if (expected.startsWith('accept')) expect(outcome, file).toBe('accepted')
    else expect(statuses, file).toEqual([400])
  }
})

it('messages that broke other stacks are dropped or answered 4xx', async () => {
  const report = await tortured('cve-messages', ['udp', 'tcp'])
  unharmed(report)
  for (const { file, statuses } of report.verdicts) {
    const final = statuses.at(-1) ?? 400
    expect(Math.floor(final / 100), file).toBe(4)
  }
})
