import { addTimestamp, nextSeq, seqDelta, timestampDelta } from '../rtp/seq.ts'

/** Where a stream that we send begins. Random, and for SRTP with `seq` below 2^15 so that a lost first wrap cannot be missed (RFC 3711 §3.3.1). */
export interface StreamStart {
  readonly ssrc: number
  /** 0..32767 */
  readonly seq: number
  readonly timestamp: number
}

/** A step back by this or more is either a restarted source or a packet that is too late to be of use. */
const WINDOW = 256
/** A number that has left already comes again by doubling in the network, so far back by a restart only (RFC 3550 A.1). */
const MAX_MISORDER = 100
/** A step forward by more than this is a restart, not loss: a minute of 20 ms packets (RFC 3550 A.1, MAX_DROPOUT). */
const MAX_DROPOUT = 3000
/** Arrival and timestamp may drift apart by bursts and pauses; by this much only when the source restarted its clock. */
const MAX_DRIFT_MS = 10_000
/** A later packet's timestamp lies this far back at most; more is a clock that started anew. */
const MAX_FALL_MS = 200
/** The step across a restart is at least one usual packet long. */
const MIN_STEP_MS = 20
const NEVER = -1

/**
 * Makes one continuous RTP stream of whatever a source sends: SSRC changes, restarts, jumps and pauses of the source
 * appear as the next sequence number and a timestamp that has moved with the clock. Order and gaps within the source
 * are kept. No sequence number leaves twice, whatever comes in: the same SRTP index must not protect two payloads
 * (RFC 3711 §9.1).
 *
 * The result of `place` stands in fields, since it is called for every packet.
 */
export class StreamRewriter {
  readonly ssrc: number
  /** Of the packet placed last. */
  seq = 0
  /** Of the packet placed last. */
  timestamp: number
  /** The packet placed last begins a new source or a new run of it: its marker is to be set. */
  restarted = false

  /** Clock rate of the newest audio packet, 0 before the first. */
  clockRateHz = 0
  /** Timestamp of the newest audio that left, and when it did. What an event counts in goes its own way beside it. */
  newestTimestamp: number
  newestAtMs = NEVER

  /** Sequence number of the newest packet with its wraps counted: never goes down. */
  #newestIndex: number
  #started = false
  #interrupted = false
  #sourceSsrc = 0
  #sourceSeq = 0
  /** The sequence number that would confirm a step back (RFC 3550 A.1, bad_seq). */
  #suspectSeq = NEVER
  #timestampOffset = 0
  /** The newest event by its source's SSRC and timestamp, and ours for it. */
  #eventSsrc = NEVER
  #eventSource = NEVER
  #eventTimestamp = 0
  /** Of the newest event packet that came beside the source. */
  #besideSsrc = NEVER
  #besideSeq = 0
  /** Numbers since the newest packet that are missing among those that were skipped. */
  #unsent = 0
  /** By the source's sequence number, for those of the window: the index that the packet left under or may still. */
  readonly #places = new Float64Array(WINDOW)
  /** Index that left last in each place of the window. */
  readonly #left = new Float64Array(WINDOW).fill(NEVER)

  constructor(start: StreamStart) {
    this.ssrc = start.ssrc
    this.timestamp = start.timestamp
    this.newestTimestamp = start.timestamp
    this.#newestIndex = start.seq
  }

  get started(): boolean {
    return this.#started
  }

  /** The next packet continues the stream whatever its number is: packets were held back meanwhile. */
  interrupt(): void {
    this.#interrupted = true
  }

  /**
   * Finds the place of a source's packet in our stream.
   * @param clockRateHz - of the payload as it leaves
   * @param isEvent - telephone-event: all packets of an event keep one timestamp (RFC 4733 §2.5.1.1)
   * @returns false when the packet must not leave: it left before, or is too late
   */
  place(ssrc: number, seq: number, timestamp: number, clockRateHz: number, isEvent: boolean, nowMs: number): boolean {
    if (!this.#started) return this.#begin(ssrc, seq, timestamp, clockRateHz, isEvent, nowMs)
    this.restarted = false
    const isOther = ssrc !== this.#sourceSsrc
    if (isOther && isEvent) return this.#placeBeside(ssrc, seq, timestamp, nowMs)
    const step = seqDelta(seq, this.#sourceSeq)
    if (isOther || this.#interrupted || step > MAX_DROPOUT) {
      return this.#restart(ssrc, seq, timestamp, clockRateHz, isEvent, nowMs)
    }
    if (step <= -WINDOW) return this.#placeSuspect(ssrc, seq, timestamp, clockRateHz, isEvent, nowMs)

    const index = step > 0 ? this.#newestIndex + step : (this.#places[seq & (WINDOW - 1)] ?? NEVER)
    const slot = index & (WINDOW - 1)
    if (index < 0 || index <= this.#newestIndex - WINDOW || (step <= 0 && index > this.#newestIndex)) return false
    if (this.#left[slot] === index) {
      return step < -MAX_MISORDER && this.#placeSuspect(ssrc, seq, timestamp, clockRateHz, isEvent, nowMs)
    }
    this.#left[slot] = index
    this.#suspectSeq = NEVER
    this.seq = index & 0xffff
    this.timestamp = isEvent
      ? this.#placeEvent(timestamp, clockRateHz, step, nowMs)
      : this.#placeAudio(timestamp, clockRateHz, step, nowMs)
    if (step <= 0) return true
    this.#unsent = 0
    this.#advance(index, seq, step)
    this.#newestIndex = index
    if (!isEvent) this.#keepTime(nowMs)
    return true
  }

  /** A packet of the source that is not to leave, by its nature, is no loss: what follows it takes its place. */
  skip(ssrc: number, seq: number): void {
    const step = seqDelta(seq, this.#sourceSeq)
    if (!this.#started || this.#interrupted || ssrc !== this.#sourceSsrc || step <= 0 || step > WINDOW) return
    this.#unsent += step - 1
    this.#advance(this.#newestIndex + step, seq, step)
    this.#newestIndex += step - 1
    // Numbers that nothing leaves under must not add up to where a receiver loses count of the wraps.
    if (this.#unsent >= WINDOW) this.interrupt()
  }

  /** Our timestamp for a moment, for a sender report (RFC 3550 §6.4.1): the newest one carried on by the clock. */
  timestampAt(nowMs: number): number {
    return addTimestamp(this.newestTimestamp, Math.round(((nowMs - this.newestAtMs) * this.clockRateHz) / 1000))
  }

  #begin(ssrc: number, seq: number, timestamp: number, clockRateHz: number, isEvent: boolean, nowMs: number): boolean {
    this.#started = true
    this.#interrupted = false
    this.clockRateHz = clockRateHz
    this.#anchor(ssrc, seq, timestamp, isEvent, this.#newestIndex, this.newestTimestamp, nowMs)
    return true
  }

  #restart(
    ssrc: number,
    seq: number,
    timestamp: number,
    clockRateHz: number,
    isEvent: boolean,
    nowMs: number,
  ): boolean {
    this.#interrupted = false
    this.clockRateHz = clockRateHz
    this.#anchor(ssrc, seq, timestamp, isEvent, this.#newestIndex + 1, this.#timestampNow(nowMs), nowMs)
    return true
  }

  /** A far step back: a restarted source goes on from there, a stray late packet does not. */
  #placeSuspect(
    ssrc: number,
    seq: number,
    timestamp: number,
    clockRateHz: number,
    isEvent: boolean,
    nowMs: number,
  ): boolean {
    if (seq === this.#suspectSeq) return this.#restart(ssrc, seq, timestamp, clockRateHz, isEvent, nowMs)
    this.#suspectSeq = nextSeq(seq)
    return false
  }

  /**
   * An event under another SSRC than the source's stands beside the audio and does not take its place: a peer may send
   * its key presses so, or the source be about to change. Its numbers say what came before; it bears the time of now.
   */
  #placeBeside(ssrc: number, seq: number, timestamp: number, nowMs: number): boolean {
    const step = seqDelta(seq, this.#besideSeq)
    if (ssrc === this.#besideSsrc && step <= 0 && step > -WINDOW) return false
    this.#besideSsrc = ssrc
    this.#besideSeq = seq
    this.#newestIndex++
    this.#unsent = 0
    this.#left[this.#newestIndex & (WINDOW - 1)] = this.#newestIndex
    this.seq = this.#newestIndex & 0xffff
    if (!this.#isEventAt(ssrc, timestamp)) this.#keepEvent(ssrc, timestamp, this.#timestampNow(nowMs))
    this.timestamp = this.#eventTimestamp
    return true
  }

  #anchor(
    ssrc: number,
    seq: number,
    timestamp: number,
    isEvent: boolean,
    index: number,
    outTimestamp: number,
    nowMs: number,
  ): void {
    // A source that starts anew may give a new event the timestamp of one before; one that takes over does not.
    if (ssrc === this.#sourceSsrc) this.#eventSource = NEVER
    if (isEvent) this.#keepEvent(ssrc, timestamp, outTimestamp)
    this.#sourceSsrc = ssrc
    this.#timestampOffset = timestampDelta(outTimestamp, timestamp)
    this.#suspectSeq = NEVER
    this.#unsent = 0
    this.#left[index & (WINDOW - 1)] = index
    this.seq = index & 0xffff
    this.timestamp = outTimestamp
    this.restarted = true
    this.#advance(index, seq, WINDOW)
    this.#newestIndex = index
    this.#keepTime(nowMs)
  }

  /** The source has come to `seq`, whose place is `index`; what is missing before it has the places before. */
  #advance(index: number, seq: number, step: number): void {
    for (let back = Math.min(step, WINDOW) - 1; back >= 0; back--) {
      this.#places[(seq - back) & (WINDOW - 1)] = index - back
    }
    this.#sourceSeq = seq
  }

  #keepTime(nowMs: number): void {
    // What goes on from here must lie beyond all that has left.
    if (timestampDelta(this.timestamp, this.newestTimestamp) <= 0 && this.newestAtMs !== NEVER) return
    this.newestTimestamp = this.timestamp
    this.newestAtMs = nowMs
  }

  #placeAudio(timestamp: number, clockRateHz: number, step: number, nowMs: number): number {
    const placed = addTimestamp(timestamp, this.#timestampOffset)
    if (step <= 0) return placed
    const clockChanged = clockRateHz !== this.clockRateHz
    this.clockRateHz = clockRateHz
    if (!clockChanged && this.#isPlausible(placed, step, nowMs)) return placed
    const moved = this.#timestampNow(nowMs)
    this.#timestampOffset = timestampDelta(moved, timestamp)
    this.restarted = true
    return moved
  }

  #placeEvent(timestamp: number, clockRateHz: number, step: number, nowMs: number): number {
    if (this.#isEventAt(this.#sourceSsrc, timestamp)) return this.#eventTimestamp
    const placed = addTimestamp(timestamp, this.#timestampOffset)
    // Some senders count event timestamps in the event's own clock: then only "now" is a sensible place.
    const plausible = clockRateHz === this.clockRateHz && this.#isPlausible(placed, step, nowMs)
    this.#keepEvent(this.#sourceSsrc, timestamp, plausible ? placed : this.#timestampNow(nowMs))
    return this.#eventTimestamp
  }

  #isEventAt(ssrc: number, timestamp: number): boolean {
    return timestamp === this.#eventSource && ssrc === this.#eventSsrc
  }

  #keepEvent(ssrc: number, timestamp: number, outTimestamp: number): void {
    this.#eventSsrc = ssrc
    this.#eventSource = timestamp
    this.#eventTimestamp = outTimestamp
  }

  #isPlausible(placed: number, step: number, nowMs: number): boolean {
    const movedMs = (timestampDelta(placed, this.newestTimestamp) * 1000) / this.clockRateHz
    if (step > 0 && movedMs < -MAX_FALL_MS) return false
    return Math.abs(movedMs - (nowMs - this.newestAtMs)) <= MAX_DRIFT_MS
  }

  #timestampNow(nowMs: number): number {
    const elapsedMs = Math.max(MIN_STEP_MS, nowMs - this.newestAtMs)
    return addTimestamp(this.newestTimestamp, Math.round((elapsedMs * this.clockRateHz) / 1000))
  }
}
