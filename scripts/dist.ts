import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { asarList, listFaults, packApp } from './pack-app.ts'
import { feedArguments, isPackage } from './update-feed.ts'

/**
 * Packages for the systems that this one can build for, into `dist/`. Without Electron's binary (its download host is not
 * the package registry) the archive alone is built, and its list of files checked.
 *
 *   npm run dist -- [--linux|--mac|--win] [--x64|--arm64] [--release]
 *
 * `--release` fails unless there are installers. KEDGE_UPDATE_URL and KEDGE_UPDATE_KEY (file of the public key) make
 * packages that update themselves.
 */
const output = 'dist'
const args = process.argv.slice(2)
const own = ['--no-electron', '--release']
const builderArgs = args.filter((arg) => !own.includes(arg))

/** @returns what electron-builder has to be told besides */
function writeUpdateSource(): readonly string[] {
  const path = join('out', 'update.json')
  rmSync(path, { force: true })
  const { KEDGE_UPDATE_URL: url, KEDGE_UPDATE_KEY: keyFile } = process.env
  if (url === undefined && keyFile === undefined) return []
  if (url === undefined || keyFile === undefined)
    throw new Error('KEDGE_UPDATE_URL and KEDGE_UPDATE_KEY belong together')
  writeFileSync(path, JSON.stringify({ url, publicKey: readFileSync(keyFile, 'utf8') }))
  return feedArguments(url)
}

function buildInstallers(feed: readonly string[]): void {
  const builder = join('node_modules', 'electron-builder', 'cli.js')
  const done = spawnSync(process.execPath, [builder, '--publish', 'never', ...feed, ...builderArgs], {
    stdio: 'inherit',
  })
  if (done.status !== 0) throw new Error(`electron-builder ended with ${done.status}`)
}

/** The archives of all unpacked builds. */
function archives(): readonly string[] {
  return readdirSync(output, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('app.asar'))
    .map((path) => join(output, path))
}

function writeChecksums(): readonly string[] {
  const made = readdirSync(output).filter(isPackage)
  const sums = made.map((name) => {
    const sum = createHash('sha256')
      .update(readFileSync(join(output, name)))
      .digest('hex')
    return `${sum}  ${name}\n`
  })
  if (made.length > 0) writeFileSync(join(output, 'SHA256SUMS'), sums.join(''))
  return made
}

try {
  if (existsSync(output)) rmSync(output, { recursive: true })
  const feed = writeUpdateSource()
  if (args.includes('--no-electron')) packApp(output, { overrides: feed })
  else buildInstallers(feed)
  for (const archive of archives()) {
    const list = asarList(archive)
    const faults = listFaults(list)
    if (faults.length > 0) throw new Error(`${archive}: ${faults.join(', ')}`)
    console.log(`${archive}: ${list.length} files, as they must be`)
  }
  const made = writeChecksums()
  for (const name of made) console.log(join(output, name))
  if (made.length === 0) {
    console.log(
      'No installers: Electron’s binary cannot be had on this machine. Only the archive was built and checked.',
    )
    if (args.includes('--release')) process.exitCode = 1
  }
} catch (error) {
  console.error(`No packages: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
