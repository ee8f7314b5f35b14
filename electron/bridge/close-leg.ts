import type { Media } from '../media/media.ts'
import type { LegId } from '../media/protocol.ts'
import { unlessWorkerLost } from './lost-worker.ts'

/** Takes a leg out of the media worker. */
export function closeLeg(media: Pick<Media, 'call'>, legId: LegId): Promise<void> {
  return unlessWorkerLost(media.call('closeLeg', { legId }))
}
