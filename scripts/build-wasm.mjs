/**
 * Compiles the SRTP kernel (electron/media/srtp/kernel/assembly) to WebAssembly: `node scripts/build-wasm.mjs`.
 * Quick when nothing has changed: a stamp keeps the hash of the sources, the compiler's version and this file.
 *
 * Two builds of the product's module, and two of the same with the primitives that published vectors need; the latter
 * are for tests alone.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = new URL('../', import.meta.url)
const sources = new URL('electron/media/srtp/kernel/assembly/', root)
const output = new URL('electron/media/srtp/kernel/build/', root)
const stamp = new URL('stamp', output)

const simd = ['--enable', 'simd,relaxed-simd']
const baseline = ['--disable', 'simd']

/** @type {{ file: string, entry: string, features: string[] }[]} */
const builds = [
  { file: 'srtp-simd.wasm', entry: 'index.ts', features: simd },
  { file: 'srtp-baseline.wasm', entry: 'index.ts', features: baseline },
  { file: 'primitives-simd.wasm', entry: 'primitives.ts', features: simd },
  { file: 'primitives-baseline.wasm', entry: 'primitives.ts', features: baseline },
]

async function fingerprint() {
  const hash = createHash('sha256').update(asc.version ?? '')
  const names = (await readdir(sources)).filter((name) => name.endsWith('.ts')).sort()
  for (const file of [...names.map((name) => new URL(name, sources)), new URL(import.meta.url)]) {
    hash.update(await readFile(file))
  }
  return hash.digest('hex')
}

async function isUpToDate(wanted) {
  try {
    await Promise.all(builds.map(({ file }) => stat(new URL(file, output))))
    return (await readFile(stamp, 'utf8')) === wanted
  } catch (error) {
    if (error.code === 'ENOENT') return false
    throw error
  }
}

/** Writes beside the target and renames, so that a process which starts meanwhile never reads half a module. */
async function replaceFile(target, content) {
  const temporary = new URL(`${target.pathname.split('/').at(-1)}.${process.pid}`, output)
  await writeFile(temporary, content)
  await rename(temporary, target)
}

async function compile({ file, entry, features }) {
  let binary
  const { error, stderr } = await asc.main(
    [
      entry,
      '--baseDir',
      fileURLToPath(sources),
      '--outFile',
      file,
      '-O3',
      '--runtime',
      'stub',
      '--noAssert',
      ...features,
    ],
    {
      writeFile: (_name, content) => {
        binary = content
      },
    },
  )
  if (error) throw new Error(`${file} does not compile:\n${stderr.toString()}`)
  await replaceFile(new URL(file, output), binary)
}

const wanted = await fingerprint()
if (!(await isUpToDate(wanted))) {
  await mkdir(output, { recursive: true })
  for (const build of builds) await compile(build)
  await replaceFile(stamp, wanted)
  console.log(`built ${builds.map(({ file }) => file).join(', ')}`)
}
