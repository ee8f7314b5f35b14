/**
 * Runs the test projects with vitest and ends with one line of totals. What only a machine with an Electron binary
 * can run is a skipped test that says so; nothing else may be skipped in CI.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const report = join('test-output', 'vitest.json')
mkdirSync('test-output', { recursive: true })
rmSync(report, { force: true })

const done = spawnSync(
  process.execPath,
  [
    join('node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
)
if (!existsSync(report)) process.exit(done.status || 1)

const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
  readFileSync(report, 'utf8'),
)
const allowed = /needs an Electron binary/
const skipped = testResults
  .flatMap((file) => file.assertionResults)
  .filter((test) => test.status === 'pending' || test.status === 'skipped' || test.status === 'todo')
for (const test of skipped) console.log(`skipped: ${test.fullName}`)
const unexpected = skipped.filter((test) => !allowed.test(test.fullName))
const fullRun = process.argv.length === 2
if (process.env.CI && fullRun && unexpected.length > 0) {
  console.log(`${unexpected.length} tests were skipped that CI may not skip`)
}
console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests + numTodoTests} skipped`)
const forbidden = Boolean(process.env.CI) && fullRun && unexpected.length > 0
process.exit(forbidden ? 1 : (done.status ?? 1))
