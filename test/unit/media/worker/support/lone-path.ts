import type { LegCodec } from '../../../../../electron/media/protocol.ts'
import { MediaPath } from '../../../../../electron/media/worker/media-path.ts'
import { PacketRing } from '../../../../../electron/media/worker/packet-ring.ts'
import type { StreamStart } from '../../../../../electron/media/worker/stream-rewriter.ts'

export interface LonePath {
  readonly path: MediaPath
  /** What left, as it was given to the sockets. */
  readonly rtp: Buffer[]
  readonly rtcp: Buffer[]
  readonly clock: { ms: number }
}

/** The media of a leg without sockets, on a clock that stands still; it has no keys yet. */
export function lonePath(codecs: readonly LegCodec[], newStream: () => StreamStart, clock = { ms: 1000 }): LonePath {
  const rtp: Buffer[] = []
  const rtcp: Buffer[] = []
  const path = new MediaPath(
    {
      sendRtp: (packet) => rtp.push(Buffer.from(packet)),
      sendRtcp: (packet) => rtcp.push(Buffer.from(packet)),
    },
    {
      ring: new PacketRing(),
      rest: { relayed: () => undefined },
      clock: { now: () => clock.ms, wall: () => clock.ms },
      newStream,
      random: () => 0,
    },
    Buffer.from('cname'),
  )
  path.setFormats({ codecs })
  path.setSendAudio(true)
  return { path, rtp, rtcp, clock }
}
