/**
 * Sends every file of a folder, one message a file, to a running softphone over UDP, TCP and TCP in pieces of one
 * octet, each followed by a valid OPTIONS that has to be answered.
 *
 *   node scripts/torture.ts FOLDER [--json]
 *
 * The exit status is 1 when an OPTIONS stayed without an answer, the phone crashed, or its event loop stood still for
 * more than 20 ms.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type TortureMessage, type TortureReport, torture, type Verdict } from '../test/harness/torture/run.ts'

const { positionals, values } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' } } })
const [folder] = positionals
if (folder === undefined) {
  console.error('usage: npm run torture -- FOLDER [--json]')
  process.exit(2)
}

const longestStallMs = 20

const report = await torture(await readMessages(folder), ['udp', 'tcp', 'tcp-bytes'])
printTable(report)
const summary = summarise(report)
if (values.json) console.log(JSON.stringify(summary))
const failed =
  summary.answered < summary.messages || summary.crashes > 0 || Math.round(summary.maxStallMs) > longestStallMs
process.exit(failed ? 1 : 0)

/** Manifests and descriptions lie beside the messages. */
async function readMessages(from: string): Promise<TortureMessage[]> {
  const entries = await readdir(from, { withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !/\.(json|md)$/.test(entry.name)).map(({ name }) => name)
  return Promise.all(files.sort().map(async (file) => ({ file, bytes: await readFile(join(from, file)) })))
}

function summarise({ verdicts, crashes, maxStallMs }: TortureReport) {
  const count = (of: (verdict: Verdict) => boolean) => verdicts.filter(of).length
  return {
    messages: verdicts.length,
    answered: count(({ answered }) => answered),
    accepted: count(({ outcome }) => outcome === 'accepted'),
    refused: count(({ outcome }) => outcome === 'refused'),
    crashes,
    maxStallMs: Math.round(maxStallMs * 10) / 10,
  }
}

function printTable({ verdicts, maxStallMs }: TortureReport): void {
  const width = Math.max(4, ...verdicts.map(({ file }) => file.length))
  console.log(`${'file'.padEnd(width)}  way        outcome   OPTIONS   answer`)
  for (const { file, way, outcome, statuses, answered, closed } of verdicts) {
    const reply = statuses.length > 0 ? statuses.join(' ') : closed ? 'connection closed' : 'none'
    console.log(
      `${file.padEnd(width)}  ${way.padEnd(9)}  ${outcome.padEnd(8)}  ${answered ? 'answered' : 'SILENCE '}  ${reply}`,
    )
  }
  console.log(`longest stop of the event loop: ${maxStallMs.toFixed(1)} ms`)
}
