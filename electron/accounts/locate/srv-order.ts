import type { SrvRecord } from './resolver.ts'

/**
 * Pure. The order in which to try the servers behind one name (RFC 2782): lowest priority first, and among equals each
 * next one drawn with a chance in proportion to its weight; those of weight 0 have a small chance to come first.
 * @param random - 0 (inclusive) to 1 (exclusive)
 */
export function srvOrder(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const priorities = [...new Set(records.map(({ priority }) => priority))].sort((a, b) => a - b)
  return priorities.flatMap((priority) =>
    drawAll(
      records.filter((record) => record.priority === priority),
      random,
    ),
  )
}

function drawAll(equals: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const left = equals.toSorted((a, b) => a.weight - b.weight)
  const drawn: SrvRecord[] = []
  while (left.length > 0) {
    const total = left.reduce((sum, { weight }) => sum + weight, 0)
    const mark = Math.floor(random() * (total + 1))
    let running = 0
    const at = left.findIndex(({ weight }) => {
      running += weight
      return running >= mark
    })
    drawn.push(...left.splice(Math.max(at, 0), 1))
  }
  return drawn
}
