import { MasterKey } from './master-key'
import { copyWindow, isEmpty, ReplayWindow } from './replay-window'

/** What a context knows of one SSRC (RFC 3711 §3.2.3); the windows follow. The ROC is the upper part of an index. */
@unmanaged
export class Stream {
  ssrc: u32
}

/** Where a stream stood under the keys before these. */
@unmanaged
export class Guess {
  ssrc: u32
  index: i64
}

/** One direction of one leg under one set of master keys. Streams and guesses follow the fields. */
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
  /** The context that these keys replace, read until the first packet authenticates here. */
  followed: Context | null
}

/** Streams one context follows. A further SSRC is refused, never traded for an older one (RFC 4568 §6.5). */
export const MAX_STREAMS: u32 = 8

const RTP_WINDOW: usize = 8
const RTCP_WINDOW: usize = RTP_WINDOW + 24
const STREAM_BYTES: usize = RTCP_WINDOW + 24
const GUESS_BYTES: usize = 16
const STREAMS: usize = 48
const GUESSES: usize = STREAMS + <usize>MAX_STREAMS * STREAM_BYTES

export const CONTEXT_BYTES: usize = GUESSES + <usize>MAX_STREAMS * GUESS_BYTES

@inline
export function rtpWindowOf(stream: Stream): ReplayWindow {
  return changetype<ReplayWindow>(changetype<usize>(stream) + RTP_WINDOW)
}

@inline
export function rtcpWindowOf(stream: Stream): ReplayWindow {
  return changetype<ReplayWindow>(changetype<usize>(stream) + RTCP_WINDOW)
}

@inline
function streamAt(context: Context, n: u32): Stream {
  return changetype<Stream>(changetype<usize>(context) + STREAMS + <usize>n * STREAM_BYTES)
}

@inline
function guessAt(context: Context, n: u32): Guess {
  return changetype<Guess>(changetype<usize>(context) + GUESSES + <usize>n * GUESS_BYTES)
}

export function findStream(context: Context, ssrc: u32): Stream | null {
  const count = context.streamCount
  for (let n: u32 = 0; n < count; n++) {
    const stream = streamAt(context, n)
    if (stream.ssrc == ssrc) return stream
  }
  return null
}

@inline
export function isFull(context: Context): bool {
  return context.streamCount >= MAX_STREAMS
}

/** A stream without any index. Call only for an authentic packet, with room left. */
export function addStream(context: Context, ssrc: u32): Stream {
  const stream = streamAt(context, context.streamCount++)
  stream.ssrc = ssrc
  rtpWindowOf(stream).highest = -1
  rtcpWindowOf(stream).highest = -1
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
  for (let n: u32 = 0; n < context.guessCount; n++) {
    const guess = guessAt(context, n)
    if (guess.ssrc == ssrc) return guess.index
  }
  return NO_GUESS
}

function addGuess(context: Context, ssrc: u32, index: i64): void {
  if (context.guessCount >= MAX_STREAMS || ownGuess(context, ssrc) != NO_GUESS) return
  const guess = guessAt(context, context.guessCount++)
  guess.ssrc = ssrc
  guess.index = index
}

/** Keeps the latest positions of the context followed; its streams before what it guessed itself. */
export function stopFollowing(context: Context): void {
  const older = context.followed
  if (older === null) return
  context.followed = null
  for (let n: u32 = 0; n < older.streamCount; n++) {
    const stream = streamAt(older, n)
    const window = rtpWindowOf(stream)
    if (!isEmpty(window)) addGuess(context, stream.ssrc, window.highest)
  }
  for (let n: u32 = 0; n < older.guessCount; n++) {
    const guess = guessAt(older, n)
    addGuess(context, guess.ssrc, guess.index)
  }
}

/** Takes over all streams with their replay lists: both contexts hold a common key. */
export function copyStreams(context: Context, older: Context): void {
  for (let n: u32 = 0; n < older.streamCount; n++) {
    const from = streamAt(older, n)
    const to = addStream(context, from.ssrc)
    copyWindow(rtpWindowOf(to), rtpWindowOf(from))
    copyWindow(rtcpWindowOf(to), rtcpWindowOf(from))
  }
}
