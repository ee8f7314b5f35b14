export const numberKinds = ['mobile', 'work', 'home', 'other'] as const
export type NumberKind = (typeof numberKinds)[number]

export interface ContactNumber {
  readonly kind: NumberKind
  /** As the user wrote it: a number, or a SIP address. 1..256 characters. */
  readonly value: string
}

/** A person or a place that the user knows; kept on this machine alone. */
export interface Contact {
  readonly id: string
  /** 1..128 characters. */
  readonly name: string
  readonly organisation?: string
  /** At most 20. */
  readonly numbers: readonly ContactNumber[]
  readonly favourite: boolean
}
