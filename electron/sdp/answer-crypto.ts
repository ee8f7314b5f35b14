import type { CryptoSuite } from '../../shared/model/media.ts'
import type { CryptoAttribute } from './types.ts'

/**
 * Which offered line to take: the first usable one in the offerer's order. Its tag and suite go back in the answer,
 * with a fresh key of our own; its key opens what the peer sends.
 *
 * Lines with an MKI are skipped where a line without one can be had: MKIs cost interoperability and protect nothing.
 * @param offered - usable lines, see `usableCrypto`
 * @param ours - suites that may be used on this leg
 * @see RFC 4568 §5.1.2
 */
export function answerCrypto(
  offered: readonly CryptoAttribute[],
  ours: readonly CryptoSuite[],
): CryptoAttribute | undefined {
  const possible = offered.filter((line) => ours.includes(line.suite))
  return possible.find((line) => line.keys.every((key) => !key.mki)) ?? possible[0]
}
