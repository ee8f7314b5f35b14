import { MAX_STREAMS } from '../profiles.ts'
import { ReplayWindow } from '../replay-window.ts'
import type { StreamPosition } from '../types.ts'

/** What a context knows of one SSRC (RFC 3711 §3.2.3). The ROC is the upper part of `rtp.highest`. */
export class Stream {
  readonly ssrc: number
  readonly rtp = new ReplayWindow()
  readonly rtcp = new ReplayWindow()

  constructor(ssrc: number) {
    this.ssrc = ssrc
  }
}

/**
 * The SSRCs of one context, newest first: kept as long as the context, because a lost ROC cannot be recovered
 * (RFC 4568 §6.5).
 */
export class StreamTable {
  private readonly streams: Stream[] = []

  constructor(resume: readonly StreamPosition[] = []) {
    for (const { ssrc, rtpIndex, rtcpIndex } of resume) {
      const stream = this.add(new Stream(ssrc))
      if (rtpIndex !== undefined) stream.rtp.resumeAfter(rtpIndex)
      if (rtcpIndex !== undefined) stream.rtcp.resumeAfter(rtcpIndex)
    }
  }

  get isFull(): boolean {
    return this.streams.length >= MAX_STREAMS
  }

  find(ssrc: number): Stream | undefined {
    return this.streams.find((stream) => stream.ssrc === ssrc)
  }

  /** Call only after a packet of this SSRC authenticated, and only with room left. */
  add(stream: Stream): Stream {
    this.streams.unshift(stream)
    return stream
  }

  /** Takes over what another table knows, in its order. */
  copyFrom(older: StreamTable): void {
    for (const { ssrc, rtp, rtcp } of older.streams) {
      const stream = new Stream(ssrc)
      stream.rtp.copyFrom(rtp)
      stream.rtcp.copyFrom(rtcp)
      this.streams.push(stream)
    }
  }

  [Symbol.iterator](): Iterator<Stream> {
    return this.streams[Symbol.iterator]()
  }
}
