/** What the rest needs of its thread; a test brings its own. */
export interface RestThread {
  /** Monotonic ms. */
  now(): number
  /** Runs once the packets that are there have been read. */
  afterTurn(run: () => void): void
  /** Blocks the thread. */
  sleep(restMs: number): void
  /** Reads what has gathered past the event loop. @returns whether there was any, and nothing but media */
  readAll(): boolean
}

/** A rate is looked at this often. */
const WINDOW_MS = 100
/** Packets/s from which the thread rests, and for how long: 8 calls and 200 calls of 20 ms packets. */
const rests = [
  { packetsPerS: 20_000, restMs: 2 },
  { packetsPerS: 800, restMs: 1 },
] as const
/** A rest that took this much longer than asked. Where half of them do, the system's timers are too coarse for this. */
const OVERSLEEP_MS = 3
const GIVE_UP_MS = 10_000
/** Rests in a row before the event loop has its turn: messages and timers wait as long, 5 to 10 ms. */
const RESTS_IN_A_ROW = 5

/**
 * Lets packets gather while many calls are relayed, as network cards do (interrupt moderation). With a hundred calls
 * a third of the CPU time goes into falling asleep and waking up for each single packet; resting a moment after a turn
 * of the event loop means that the next turn reads several at once. Where they can be read past the event loop, it is
 * entered only after several rests, for it costs as much as two packets. With few calls there is no rest and no delay.
 */
export class TurnRest {
  readonly #thread: RestThread
  readonly #afterTurn = () => this.#rest()
  #restMs = 0
  #packets = 0
  #windowEndMs = 0
  #armed = false
  #rests = 0
  #oversleeps = 0
  #notBeforeMs = 0

  constructor(thread: RestThread) {
    this.#thread = thread
  }

  /** A packet was sent on. @param nowMs - monotonic */
  relayed(nowMs: number): void {
    this.#packets++
    if (nowMs >= this.#windowEndMs) this.#judge(nowMs)
    if (this.#armed || this.#restMs === 0) return
    this.#armed = true
    this.#thread.afterTurn(this.#afterTurn)
  }

  #judge(nowMs: number): void {
    const lastedMs = nowMs - this.#windowEndMs + WINDOW_MS
    const packetsPerS = (this.#packets * 1000) / lastedMs
    if (this.#oversleeps * 2 > this.#rests) this.#notBeforeMs = nowMs + GIVE_UP_MS
    this.#restMs = nowMs < this.#notBeforeMs ? 0 : (rests.find((rest) => packetsPerS >= rest.packetsPerS)?.restMs ?? 0)
    this.#packets = 0
    this.#rests = 0
    this.#oversleeps = 0
    this.#windowEndMs = nowMs + WINDOW_MS
  }

  #rest(): void {
    this.#armed = false
    const { now, sleep, readAll } = this.#thread
    for (let n = 0; n < RESTS_IN_A_ROW && this.#restMs > 0; n++) {
      const startMs = now()
      sleep(this.#restMs)
      this.#rests++
      if (now() - startMs > this.#restMs + OVERSLEEP_MS) this.#oversleeps++
      if (!readAll()) return
    }
  }
}

/** The rest of a worker thread. @param readAll - reads past the event loop, where that can be done */
export function threadRest(readAll: () => boolean = () => false): TurnRest {
  const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  return new TurnRest({
    now: () => performance.now(),
    afterTurn: (run) => void setImmediate(run),
    sleep: (restMs) => void Atomics.wait(never, 0, 0, restMs),
    readAll,
  })
}
