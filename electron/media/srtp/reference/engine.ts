import { checkMasterKey, checkPositions } from '../master-keys.ts'
import { RekeyingReceiver } from '../rekeying-receiver.ts'
import type { SrtpEngine } from '../types.ts'
import { ReferenceInbound } from './inbound.ts'
import { ReferenceSender } from './sender.ts'

/**
 * The engine in plain TypeScript over `node:crypto`: slow, short, and what the kernel is compared with in tests and
 * benchmarks. The product never runs it.
 */
export function createReferenceEngine(): SrtpEngine {
  return {
    name: 'reference',
    createSender(suite, key, resume = []) {
      checkMasterKey(suite, key)
      checkPositions(resume)
      return new ReferenceSender(suite, key, resume)
    },
    createReceiver(suite, keys, resume = []) {
      return new RekeyingReceiver(
        (newSuite, newKeys, positions, follows: ReferenceInbound | undefined) =>
          new ReferenceInbound(newSuite, newKeys, positions, follows),
        suite,
        keys,
        resume,
      )
    },
  }
}
