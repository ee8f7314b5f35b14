import type { SdesKeys } from '../protocol.ts'

/** The same suite and the same keys in the same order: then contexts and ROC go on (RFC 4568 §7.1.4). */
export function equalKeys(a: SdesKeys, b: SdesKeys): boolean {
  return (
    a.suite === b.suite &&
    a.keys.length === b.keys.length &&
    a.keys.every((key, index) => {
      const other = b.keys[index]
      return (
        other !== undefined &&
        equalBytes(key.masterKey, other.masterKey) &&
        equalBytes(key.masterSalt, other.masterSalt) &&
        equalBytes(key.mki ?? noMki, other.mki ?? noMki)
      )
    })
  )
}

const noMki = new Uint8Array(0)

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
