import { KedgeError } from '../../shared/errors.ts'
import type { Media } from '../media/media.ts'
import type { LegId } from '../media/protocol.ts'

/**
 * Takes a leg out of the media worker. A worker that is lost took its legs with it, and there is nothing left to do: most
 * callers end a call for that very reason, and nobody waits for them.
 */
export async function closeLeg(media: Pick<Media, 'call'>, legId: LegId): Promise<void> {
  try {
    await media.call('closeLeg', { legId })
  } catch (error) {
    if (!(error instanceof KedgeError && error.code === 'call/worker-lost')) throw error
  }
}
