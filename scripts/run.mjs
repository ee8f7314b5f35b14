/**
 * The one runner behind every npm script. Plain JavaScript that any Node from 18 on can run: it sets up what is
 * missing (packages, Debian packages when root, the WASM kernel, the built window) and hands over to Node 24.
 *
 *   node scripts/run.mjs start|test|build|check|demo|bench|screenshots|dist|soak|torture|fuzz|format [arguments]
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
process.chdir(root)
const [task = 'help', ...args] = process.argv.slice(2)
const minimumNode = [22, 18]

const fail = (message) => {
  console.error(`kedge: ${message}`)
  process.exit(1)
}

/** Runs a program with this terminal; exits with its status when it fails. */
function run(program, programArgs, { env = process.env, quiet = false, mayFail = false } = {}) {
  const done = spawnSync(program, programArgs, { stdio: quiet ? ['ignore', 'ignore', 'inherit'] : 'inherit', env })
  if (done.error) {
    if (mayFail) return 127
    fail(`${program} could not be started: ${done.error.message}`)
  }
  const status = done.status ?? 1
  if (status !== 0 && !mayFail) process.exit(status)
  return status
}

/** Runs the program that stays: signals reach it, and this process ends when it does, with its status. */
function stay(program, programArgs, env) {
  const child = spawn(program, programArgs, { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`${program} could not be started: ${error.message}`))
  child.on('exit', (status) => process.exit(status ?? 1))
}

const has = (program) => spawnSync('which', [program], { stdio: 'ignore' }).status === 0

function installPackages() {
  const wanted = createHash('sha256')
    .update(readFileSync('package-lock.json'))
    .update(`${process.platform}-${process.arch}`)
    .digest('hex')
  const stamp = join('node_modules', '.setup-stamp')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.error('kedge: installing packages (once)')
  const npm = process.env.npm_execpath
  const npmArgs = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  if (npm) run(process.execPath, [npm, ...npmArgs])
  else run(process.platform === 'win32' ? 'npm.cmd' : 'npm', npmArgs)
  writeFileSync(stamp, wanted)
}

/** Node 24 from the lock file where the platform has it; else the system's own when it is new enough. */
function findNode() {
  const own = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (existsSync(own)) return own
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > minimumNode[0] || (major === minimumNode[0] && minor >= minimumNode[1])) return process.execPath
  return fail(`Node ${minimumNode.join('.')} or newer is needed; this is ${process.versions.node}`)
}

/** Debian packages by the program that proves them. Installed only by root on Debian; elsewhere the tests say what they miss. */
const browserPackages = { chromium: 'chromium' }
const testPackages = {
  ...browserPackages,
  kamailio: 'kamailio kamailio-tls-modules kamailio-outbound-modules',
  baresip: 'baresip',
  linphonec: 'linphone-cli',
  rtpengine: 'rtpengine-daemon',
  sipp: 'sip-tester',
  tshark: 'tshark',
  ip: 'iproute2',
  gcc: 'gcc libc6-dev',
  openssl: 'openssl',
}
/** A library has no program: its header proves it. */
const testHeaders = { '/usr/include/srtp2/srtp.h': 'libsrtp2-dev' }

function installDebianPackages(programs, headers = {}) {
  const missing = [
    ...Object.entries(programs).filter(([program]) => !has(program)),
    ...Object.entries(headers).filter(([file]) => !existsSync(file)),
  ].flatMap(([, packages]) => packages.split(' '))
  if (missing.length === 0) return
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    console.error(`kedge: not installed and needed: ${missing.join(' ')}`)
    return
  }
  console.error(`kedge: installing ${missing.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-qq'], { env })
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env, quiet: true })
}

const browserPaths = [
  process.env.CHROME_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

function newestMtime(folder) {
  let newest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) newest = entry.name === 'build' ? newest : Math.max(newest, newestMtime(path))
    else newest = Math.max(newest, statSync(path).mtimeMs)
  }
  return newest
}

function buildIsCurrent() {
  const marker = join('out', '.built')
  if (!existsSync(marker)) return false
  const built = statSync(marker).mtimeMs
  const sources = ['electron', 'renderer', 'shared'].map(newestMtime)
  return (
    Math.max(...sources, statSync('electron.vite.config.ts').mtimeMs, statSync('package-lock.json').mtimeMs) < built
  )
}

installPackages()
const node = findNode()
const env = {
  ...process.env,
  PATH: `${dirname(node)}${process.platform === 'win32' ? ';' : ':'}${join(root, 'node_modules', '.bin')}:${process.env.PATH}`,
}
const tool = (path, ...rest) => run(node, [join('node_modules', path), ...rest], { env })
const kernel = () => run(node, [join('scripts', 'build-wasm.mjs')], { env })

function build({ force = false } = {}) {
  kernel()
  if (!force && buildIsCurrent()) return
  tool('electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn')
  mkdirSync('out', { recursive: true })
  writeFileSync(join('out', '.built'), new Date().toISOString())
}

function withBrowser() {
  if (!browserPaths.some((path) => path && existsSync(path))) installDebianPackages(browserPackages)
  const found = browserPaths.find((path) => path && existsSync(path))
  if (found) env.CHROME_PATH = found
  return found
}

/** True when an Electron binary is there or could be fetched (since 42 the package fetches it only when asked). */
function withElectron() {
  const pathFile = join('node_modules', 'electron', 'path.txt')
  const binary = () =>
    existsSync(pathFile) && existsSync(join('node_modules', 'electron', 'dist', readFileSync(pathFile, 'utf8').trim()))
  if (binary()) return true
  spawnSync(node, [join('node_modules', 'electron', 'install.js')], { stdio: 'ignore', env, timeout: 120_000 })
  return binary()
}

/**
 * Small heaps for the main thread and the workers, and few arenas of the C library beside them: 35 MB less resident
 * memory, and no cost that `bench relay` can see.
 */
const leanNode = ['--optimize-for-size']
/** Each arena of the C library keeps what is freed in it: with many of them the memory of a process only grows. */
const leanMemory = { MALLOC_ARENA_MAX: '2' }

function start() {
  build()
  const wantsBrowser = args.includes('--browser') || process.env.KEDGE_SHELL === 'browser'
  if (!wantsBrowser && withElectron()) {
    stay(node, [join('node_modules', 'electron', 'cli.js'), '.', ...args], env)
    return
  }
  if (!wantsBrowser) {
    console.log('Electron is not available on this machine: opening Kedge in a browser window instead.')
  }
  withBrowser()
  stay(node, [...leanNode, join('out', 'main', 'serve.js'), ...args.filter((arg) => arg !== '--browser')], {
    ...leanMemory,
    ...env,
  })
}

function test() {
  installDebianPackages(testPackages, testHeaders)
  withBrowser()
  build()
  if (args.length === 0) check()
  run(node, [join('scripts', 'test.mjs'), ...args], { env })
}

function check() {
  kernel()
  tool('typescript/bin/tsc', '-b')
  tool('@biomejs/biome/bin/biome', 'check', '.')
  tool('knip/bin/knip.js')
}

const tasks = {
  start,
  test,
  check,
  build: () => build({ force: true }),
  demo: () => {
    if (!withBrowser()) fail('the demo needs Chromium or Chrome; set CHROME_PATH to one')
    build()
    run(node, [join('scripts', 'demo.ts'), ...args], { env })
  },
  bench: () => {
    const [name, ...rest] = args
    if (!name) fail('which benchmark? npm run bench -- srtp')
    installDebianPackages({ gcc: testPackages.gcc }, testHeaders)
    kernel()
    run(node, [join('test', 'bench', `${name}.bench.ts`), ...rest], { env })
  },
  screenshots: () => {
    if (!withBrowser()) fail('screenshots need Chromium or Chrome; set CHROME_PATH to one')
    kernel()
    run(node, [join('scripts', 'screenshots.ts'), ...args], { env })
  },
  dist: () => {
    build({ force: true })
    // A build without Electron is told by the script itself, with what can be built all the same.
    run(node, [join('scripts', 'dist.ts'), ...(withElectron() ? [] : ['--no-electron']), ...args], { env })
  },
  soak: () => {
    installDebianPackages({ gcc: testPackages.gcc }, testHeaders)
    kernel()
    const [first, ...rest] = args
    const program =
      first === 'calls'
        ? [...leanNode, '--expose-gc', join('test', 'bench', 'calls-soak.ts'), ...rest]
        : [join('test', 'bench', 'srtp-soak.ts'), ...args]
    run(node, program, { env: { ...env, ...leanMemory } })
  },
  torture: () => {
    kernel()
    run(node, [join('scripts', 'torture.ts'), ...args], { env })
  },
  fuzz: () => {
    kernel()
    run(node, ['--expose-gc', join('scripts', 'fuzz.ts'), ...args], { env })
  },
  format: () => tool('@biomejs/biome/bin/biome', 'check', '--write', '.'),
}

const chosen = tasks[task]
if (!chosen) fail(`unknown task "${task}"; one of ${Object.keys(tasks).join(', ')}`)
chosen()
