/** Bounds of the SDP reader: each one a crash of another stack, or far more than any telephone writes. */
export const limits = {
  /** Characters of the whole body. */
  body: 65_536,
  /** Characters of one line. Candidate and codec lines of real peers stay under 1000. */
  line: 4096,
  /** `m=` sections. */
  media: 20,
  /** Lines of the session part and of each `m=` section. */
  linesPerSection: 200,
  /** `<fmt>` entries of one `m=` line. */
  formats: 64,
  /** Media type, profile, format and attribute names. */
  token: 64,
  /** Usable crypto lines read from one section. */
  cryptoLines: 64,
  /** Keys in one crypto line. */
  cryptoKeys: 16,
} as const
