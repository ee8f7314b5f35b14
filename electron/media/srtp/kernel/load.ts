import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { SrtpError } from '../errors.ts'

/** `simd` needs vector instructions with relaxed swizzle (Node 21, Electron 26, Chromium 114); `baseline` nothing. */
export type KernelBuild = 'simd' | 'baseline'

/** Where `scripts/build-wasm.mjs` puts the modules; beside the bundle in a packaged app. */
export const defaultKernelDirectory = new URL('./build/', import.meta.url)

export function kernelFileName(build: KernelBuild): string {
  return `srtp-${build}.wasm`
}

export interface LoadedKernel {
  readonly build: KernelBuild
  readonly module: WebAssembly.Module
}

function fileUrl(build: KernelBuild, directory: URL): URL {
  return new URL(kernelFileName(build), directory)
}

function missing(cause: unknown): SrtpError {
  return new SrtpError('srtp/kernel-missing', 'the SRTP kernel is not built: run `node scripts/build-wasm.mjs`', {
    cause,
  })
}

/** True when this machine can run the module. */
function isUsable(bytes: Uint8Array<ArrayBuffer>): boolean {
  return WebAssembly.validate(bytes)
}

/**
 * Reads and compiles the kernel: the build asked for, else the fastest that this machine runs.
 * @throws SrtpError `srtp/kernel-missing`, or `srtp/kernel-unusable` when the build asked for does not run here
 */
export async function loadKernel(directory: URL, build?: KernelBuild): Promise<LoadedKernel> {
  const read = (wanted: KernelBuild): Promise<Uint8Array<ArrayBuffer>> =>
    readFile(fileUrl(wanted, directory)).catch((cause: unknown) => Promise.reject(missing(cause)))
  const bytes = await read(build ?? 'simd')
  if (isUsable(bytes)) return { build: build ?? 'simd', module: await WebAssembly.compile(bytes) }
  if (build !== undefined) throw unusable(build)
  return { build: 'baseline', module: await WebAssembly.compile(await read('baseline')) }
}

/** The same without a turn of the event loop, for a worker that must be ready when its first message comes. */
export function loadKernelSync(directory: URL, build?: KernelBuild): LoadedKernel {
  const read = (wanted: KernelBuild): Uint8Array<ArrayBuffer> => {
    try {
      return readFileSync(fileUrl(wanted, directory))
    } catch (cause) {
      throw missing(cause)
    }
  }
  const bytes = read(build ?? 'simd')
  if (isUsable(bytes)) return { build: build ?? 'simd', module: new WebAssembly.Module(bytes) }
  if (build !== undefined) throw unusable(build)
  return { build: 'baseline', module: new WebAssembly.Module(read('baseline')) }
}

function unusable(build: KernelBuild): SrtpError {
  return new SrtpError('srtp/kernel-unusable', `this machine cannot run the ${build} build of the SRTP kernel`)
}
