import { KedgeError } from '../../shared/errors.ts'

/**
 * For commands that take something back: a worker that is lost took it with it, and nothing is left to do. The call ends
 * for that reason by itself, and nobody waits for most of these.
 */
export async function unlessWorkerLost(command: Promise<unknown>): Promise<void> {
  try {
    await command
  } catch (error) {
    if (!(error instanceof KedgeError && error.code === 'call/worker-lost')) throw error
  }
}
