import { MasterKey } from './master-key'
import { claimSlot, releaseSlot, STREAMS } from './memory'
import { copyWindow, isEmpty, ReplayWindow, resumeAfter } from './replay-window'

/** What a context knows of one SSRC (RFC 3711 §3.2.3); the windows follow. The ROC is the upper part of an index. */
@unmanaged
export class Stream {
  next: Stream | null
  ssrc: u32
}

/** One direction of one leg under one set of master keys. */
@unmanaged
export class Context {
  keyBytes: u32
  rtpTagBytes: u32
  rtcpTagBytes: u32
  aead: bool
  mkiBytes: u32
  streamCount: u32
  guessCount: u32
  firstKey: MasterKey | null
  /** Newest first: most packets are of the SSRC that came last. */
  firstStream: Stream | null
  /** Streams under the keys before these, of which the RTP index alone counts; those in use last come first. */
  firstGuess: Stream | null
  /** The context that these keys replace, read until the first packet authenticates here. */
  followed: Context | null
}

/** Streams one context follows. A further SSRC is refused, never traded for an older one (RFC 4568 §6.5). */
const MAX_STREAMS: u32 = 64

const RTP_WINDOW: usize = 8
const RTCP_WINDOW: usize = RTP_WINDOW + 24
const STREAM_BYTES: usize = RTCP_WINDOW + 24

export const CONTEXT_BYTES: usize = offsetof<Context>()

@inline
export function rtpWindowOf(stream: Stream): ReplayWindow {
  return changetype<ReplayWindow>(changetype<usize>(stream) + RTP_WINDOW)
}

@inline
export function rtcpWindowOf(stream: Stream): ReplayWindow {
  return changetype<ReplayWindow>(changetype<usize>(stream) + RTCP_WINDOW)
}

function findIn(list: Stream | null, ssrc: u32): Stream | null {
  let stream = list
  while (stream !== null && stream.ssrc != ssrc) stream = stream.next
  return stream
}

export function findStream(context: Context, ssrc: u32): Stream | null {
  return findIn(context.firstStream, ssrc)
}

@inline
export function isFull(context: Context): bool {
  return context.streamCount >= MAX_STREAMS
}

function newStream(ssrc: u32): Stream {
  const stream = changetype<Stream>(claimSlot(STREAMS, STREAM_BYTES))
  stream.ssrc = ssrc
  rtpWindowOf(stream).highest = -1
  rtcpWindowOf(stream).highest = -1
  return stream
}

/** A stream without any index. Call only for an authentic packet, with room left. */
export function addStream(context: Context, ssrc: u32): Stream {
  const stream = newStream(ssrc)
  stream.next = context.firstStream
  context.firstStream = stream
  context.streamCount++
  return stream
}

export const NO_GUESS: i64 = -1

/** Highest RTP index of the SSRC under the keys before these, or `NO_GUESS`. */
export function guessFor(context: Context, ssrc: u32): i64 {
  const older = context.followed
  if (older === null) return ownGuess(context, ssrc)
  const stream = findStream(older, ssrc)
  if (stream === null || isEmpty(rtpWindowOf(stream))) return ownGuess(older, ssrc)
  return rtpWindowOf(stream).highest
}

function ownGuess(context: Context, ssrc: u32): i64 {
  const guess = findIn(context.firstGuess, ssrc)
  return guess === null ? NO_GUESS : rtpWindowOf(guess).highest
}

/** @returns the guess that is the last of the list now */
function addGuess(context: Context, last: Stream | null, ssrc: u32, index: i64): Stream | null {
  if (context.guessCount >= MAX_STREAMS || findIn(context.firstGuess, ssrc) !== null) return last
  const guess = newStream(ssrc)
  resumeAfter(rtpWindowOf(guess), index)
  if (last === null) context.firstGuess = guess
  else last.next = guess
  context.guessCount++
  return guess
}

/** Keeps the latest positions of the context followed; its streams before what it guessed itself. */
export function stopFollowing(context: Context): void {
  const older = context.followed
  if (older === null) return
  context.followed = null
  let last: Stream | null = null
  let stream = older.firstStream
  while (stream !== null) {
    const window = rtpWindowOf(stream)
    if (!isEmpty(window)) last = addGuess(context, last, stream.ssrc, window.highest)
    stream = stream.next
  }
  let guess = older.firstGuess
  while (guess !== null) {
    last = addGuess(context, last, guess.ssrc, rtpWindowOf(guess).highest)
    guess = guess.next
  }
}

/** Takes over all streams with their replay lists, in their order: both contexts hold a common key. */
export function copyStreams(context: Context, older: Context): void {
  let last: Stream | null = null
  let from = older.firstStream
  while (from !== null) {
    const to = newStream(from.ssrc)
    copyWindow(rtpWindowOf(to), rtpWindowOf(from))
    copyWindow(rtcpWindowOf(to), rtcpWindowOf(from))
    if (last === null) context.firstStream = to
    else last.next = to
    last = to
    from = from.next
  }
  context.streamCount = older.streamCount
}

/** Wipes all that the context knows of streams. */
export function releaseStreams(context: Context): void {
  releaseList(context.firstStream)
  releaseList(context.firstGuess)
}

function releaseList(list: Stream | null): void {
  let stream = list
  while (stream !== null) {
    const next = stream.next
    releaseSlot(STREAMS, changetype<usize>(stream), STREAM_BYTES)
    stream = next
  }
}
