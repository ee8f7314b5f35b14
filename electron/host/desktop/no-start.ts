import { KedgeError } from '../../../shared/errors.ts'
import { say } from './words.ts'

/** What the user is told of a start that failed: in words where the cause is one to act on, else as it was reported. */
export function whyNoStart(error: unknown): string {
  if (error instanceof KedgeError && error.code === 'store/newer') return say('crash.newer')
  if (error instanceof KedgeError && error.code === 'store/in-use') return say('crash.inUse')
  return error instanceof Error ? error.message : String(error)
}
