/** What became of the messages that arrived on an endpoint's flows. */
export interface MessageCounts {
  /** Understood and handled, whatever the answer was. */
  readonly accepted: number
  /** Malformed, and told so: 400, 416, 500, 505. */
  readonly refused: number
  /** Malformed, and dropped in silence, because nobody could be told. */
  readonly discarded: number
  /** Not looked at: more than the flow's limits allow. */
  readonly throttled: number
}

export type MessageFate = keyof MessageCounts

export interface MessageCounter {
  count(fate: MessageFate): void
  counts(): MessageCounts
}

export function createMessageCounter(): MessageCounter {
  const counts: Record<MessageFate, number> = { accepted: 0, refused: 0, discarded: 0, throttled: 0 }
  return {
    count(fate) {
      counts[fate] += 1
    },
    counts: () => ({ ...counts }),
  }
}
