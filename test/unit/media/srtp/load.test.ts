import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadEngine, loadEngineSync } from '../../../../electron/media/srtp/engine.ts'
import { defaultKernelDirectory } from '../../../../electron/media/srtp/kernel/load.ts'
import { describeStatus, srtpStatus } from '../../../../electron/media/srtp/status.ts'

let directory: URL

beforeEach(async () => {
  directory = pathToFileURL(`${await mkdtemp(join(tmpdir(), 'kernel-'))}/`)
})
afterEach(() => rm(directory, { recursive: true }))

describe('loadEngine', () => {
  test('takes the vector build where the machine has it', async () => {
    expect((await loadEngine()).name).toBe('wasm-simd')
    expect(loadEngineSync().name).toBe('wasm-simd')
  })

  test('takes the baseline build when told to', async () => {
    expect((await loadEngine({ build: 'baseline' })).name).toBe('wasm-baseline')
  })

  test('says how to build a kernel that is not there', async () => {
    const missing = { code: 'srtp/kernel-missing', message: expect.stringContaining('node scripts/build-wasm.mjs') }
    await expect(loadEngine({ kernelDirectory: directory })).rejects.toMatchObject(missing)
    expect(() => loadEngineSync({ kernelDirectory: directory })).toThrowError(expect.objectContaining(missing))
  })

  test('falls to the baseline build only where the machine refuses the other', async () => {
    await cp(new URL('srtp-baseline.wasm', defaultKernelDirectory), new URL('srtp-baseline.wasm', directory))
    // An unknown section stands for instructions that an engine does not know.
    const unknown = Uint8Array.from([...(await readFile(new URL('srtp-simd.wasm', defaultKernelDirectory))), 0xff])
    await writeFile(new URL('srtp-simd.wasm', directory), unknown)
    expect((await loadEngine({ kernelDirectory: directory })).name).toBe('wasm-baseline')
    await expect(loadEngine({ kernelDirectory: directory, build: 'simd' })).rejects.toMatchObject({
      code: 'srtp/kernel-unusable',
    })
  })

  test('refuses a module that is not the kernel', async () => {
    const emptyModule = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
    await writeFile(new URL('srtp-simd.wasm', directory), emptyModule)
    await expect(loadEngine({ kernelDirectory: directory })).rejects.toMatchObject({ code: 'srtp/kernel-unusable' })
  })

  test('both builds offer the same functions', async () => {
    const names = await Promise.all(
      ['simd', 'baseline'].map(async (build) => {
        const module = await WebAssembly.compile(await readFile(new URL(`srtp-${build}.wasm`, defaultKernelDirectory)))
        return Object.keys(new WebAssembly.Instance(module).exports)
      }),
    )
    expect(names[0]).toEqual(names[1])
  })
})

describe('status', () => {
  test('the kernel uses the same numbers', async () => {
    const source = await readFile(
      new URL('../../../../electron/media/srtp/kernel/assembly/status.ts', import.meta.url),
      'utf8',
    )
    const kernel = new Map(
      [...source.matchAll(/const (\w+): i32 = (-\d+)/g)].map(([, name, value]) => [name, Number(value)]),
    )
    const ours = Object.entries(srtpStatus).map(([name, value]) => [name.replace(/[A-Z]/g, '_$&').toUpperCase(), value])
    expect(kernel.size).toBe(7)
    expect(Object.fromEntries(ours)).toMatchObject(Object.fromEntries(kernel))
  })

  test('each number has its name', () => {
    const names = Object.fromEntries(Object.values(srtpStatus).map((value) => [value, describeStatus(value).kind]))
    expect(names).toEqual({
      [-1]: 'auth-failed',
      [-2]: 'replayed',
      [-3]: 'too-old',
      [-4]: 'too-short',
      [-5]: 'unknown-mki',
      [-6]: 'key-expired',
      [-7]: 'too-many-streams',
      [-8]: 'no-room',
      [-9]: 'closed',
    })
    expect(describeStatus(172)).toEqual({ kind: 'ok', length: 172 })
    expect(() => describeStatus(-10)).toThrow(RangeError)
  })
})
