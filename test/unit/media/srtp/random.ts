/** Numbers that a seed determines: a failing run is repeated with the seed it prints. */
export interface Random {
  readonly seed: number
  /** 0..below-1 */
  integer(below: number): number
  bytes(length: number): Uint8Array
  shuffle<T>(items: T[]): T[]
}

/** @param seed - 1..2^32-1 */
export function seededRandom(seed = Number(process.env.KEDGE_TEST_SEED ?? 20_261_123)): Random {
  let state = seed >>> 0 || 1
  // xorshift32 (G. Marsaglia, 2003).
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  const integer = (below: number): number => Math.floor((next() / 2 ** 32) * below)
  return {
    seed,
    integer,
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
    shuffle(items) {
      for (let n = items.length - 1; n > 0; n--) {
        const other = integer(n + 1)
        const item = items[n] as (typeof items)[number]
        items[n] = items[other] as (typeof items)[number]
        items[other] = item
      }
      return items
    },
  }
}
