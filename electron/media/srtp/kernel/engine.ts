import { checkMasterKey, checkPositions } from '../master-keys.ts'
import { RekeyingReceiver } from '../rekeying-receiver.ts'
import type { SrtpEngine } from '../types.ts'
import { KernelInbound } from './inbound.ts'
import type { Kernel } from './kernel.ts'
import { KernelSender } from './sender.ts'

/** The engine over one instance of the kernel. All contexts share its memory, so it stays on one thread. */
export function createKernelEngine(name: string, kernel: Kernel): SrtpEngine {
  return {
    name,
    createSender(suite, key, resume = []) {
      checkMasterKey(suite, key)
      checkPositions(resume)
      return new KernelSender(kernel, suite, key, resume)
    },
    createReceiver(suite, keys, resume = []) {
      return new RekeyingReceiver(
        (newSuite, newKeys, positions, follows: KernelInbound | undefined) =>
          new KernelInbound(kernel, newSuite, newKeys, positions, follows),
        suite,
        keys,
        resume,
      )
    },
  }
}
