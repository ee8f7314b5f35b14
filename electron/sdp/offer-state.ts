/**
 * Who may offer in a dialog (RFC 3264 §4, RFC 3261 §14, RFC 6337 §2). Media and keys change on `settle` alone: a rejected
 * or failed offer leaves what was settled before.
 */
export type OfferState = 'stable' | 'local-offer' | 'remote-offer'

export type OfferInput =
  | 'send-offer'
  | 'receive-offer'
  | 'send-answer'
  | 'receive-answer'
  /** 488, 491 or any other final refusal, of ours or of theirs. */
  | 'refused'

export type OfferEffect =
  /** Both sides have agreed: use the new parameters. */
  | 'settle'
  /** Drop what was proposed; the settled keys and media go on. */
  | 'discard'
  /** Answer 491 (glare): our own offer is out. */
  | 'reject-491'
  /** Answer 500 with Retry-After: their own earlier offer is not answered yet. */
  | 'reject-500'
  /** Keep our offer back until the exchange is over. */
  | 'postpone'

type Row = Partial<Readonly<Record<OfferInput, readonly [OfferState, ...OfferEffect[]]>>>

/** A missing cell means: ignored, the state stays. */
export const offerStates: Readonly<Record<OfferState, Row>> = {
  stable: {
    'send-offer': ['local-offer'],
    'receive-offer': ['remote-offer'],
  },
  'local-offer': {
    'send-offer': ['local-offer', 'postpone'],
    'receive-offer': ['local-offer', 'reject-491'],
    'receive-answer': ['stable', 'settle'],
    refused: ['stable', 'discard'],
  },
  'remote-offer': {
    'send-offer': ['remote-offer', 'postpone'],
    'receive-offer': ['remote-offer', 'reject-500'],
    'send-answer': ['stable', 'settle'],
    refused: ['stable', 'discard'],
  },
}
