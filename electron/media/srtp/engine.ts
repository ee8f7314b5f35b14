import { createKernelEngine } from './kernel/engine.ts'
import { Kernel } from './kernel/kernel.ts'
import {
  defaultKernelDirectory,
  type KernelBuild,
  type LoadedKernel,
  loadKernel,
  loadKernelSync,
} from './kernel/load.ts'
import type { SrtpEngine } from './types.ts'

export interface EngineOptions {
  /** Directory of the compiled kernel, with a trailing slash; by default where the build puts it. */
  readonly kernelDirectory?: URL
  /** Forces one build; by default `simd` where the machine has it. */
  readonly build?: KernelBuild
}

function engineOver({ build, module }: LoadedKernel): SrtpEngine {
  return createKernelEngine(`wasm-${build}`, new Kernel(module))
}

/**
 * The engine that the product runs: the compiled kernel. There is no slower path to fall back to without notice.
 * @throws SrtpError `srtp/kernel-missing` when it has not been built, `srtp/kernel-unusable` when it does not run here
 */
export async function loadEngine({ kernelDirectory, build }: EngineOptions = {}): Promise<SrtpEngine> {
  return engineOver(await loadKernel(kernelDirectory ?? defaultKernelDirectory, build))
}

/** `loadEngine` without a turn of the event loop. */
export function loadEngineSync({ kernelDirectory, build }: EngineOptions = {}): SrtpEngine {
  return engineOver(loadKernelSync(kernelDirectory ?? defaultKernelDirectory, build))
}
