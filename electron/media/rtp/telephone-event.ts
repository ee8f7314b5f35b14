/** One event of a telephone-event payload (RFC 4733 §2.3): event, E R volume, duration. */
const EVENT_BYTES = 4
const DURATION_AT = 2
const MAX_DURATION = 0xffff

/**
 * Moves the durations of a telephone-event payload to another clock, in place (RFC 4733 §2.1: durations count in the
 * clock of the payload format). A duration too long for its 16 bits is held at the maximum; one above zero stays so.
 * @param scale - new clock rate by old clock rate
 */
export function scaleEventDurations(packet: Uint8Array, at: number, end: number, scale: number): void {
  for (let event = at; event + EVENT_BYTES <= end; event += EVENT_BYTES) {
    const duration = ((packet[event + DURATION_AT] ?? 0) << 8) | (packet[event + DURATION_AT + 1] ?? 0)
    const scaled = duration === 0 ? 0 : Math.min(MAX_DURATION, Math.max(1, Math.round(duration * scale)))
    packet[event + DURATION_AT] = scaled >>> 8
    packet[event + DURATION_AT + 1] = scaled
  }
}
