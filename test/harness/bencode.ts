/** The encoding of rtpengine's control protocol: byte strings, integers, lists and dictionaries. */
export type Bencoded = string | number | readonly Bencoded[] | { readonly [key: string]: Bencoded }

export function bencode(value: Bencoded): string {
  if (typeof value === 'string') return `${Buffer.byteLength(value)}:${value}`
  if (typeof value === 'number') return `i${value}e`
  if (isList(value)) return `l${value.map(bencode).join('')}e`
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `d${entries.map(([key, item]) => bencode(key) + bencode(item)).join('')}e`
}

/** @throws Error when the text ends early or is no bencoding */
export function bdecode(text: string): Bencoded {
  let at = 0
  const upTo = (end: string): string => {
    const stop = text.indexOf(end, at)
    if (stop < 0) throw new Error(`no ${end} after offset ${at}`)
    const part = text.slice(at, stop)
    at = stop + 1
    return part
  }
  const read = (): Bencoded => {
    const kind = text[at]
    if (kind === 'i') {
      at++
      return Number(upTo('e'))
    }
    if (kind === 'l') {
      const list: Bencoded[] = []
      for (at++; text[at] !== 'e'; ) list.push(read())
      at++
      return list
    }
    if (kind === 'd') {
      const dictionary: Record<string, Bencoded> = {}
      for (at++; text[at] !== 'e'; ) {
        const key = String(read())
        dictionary[key] = read()
      }
      at++
      return dictionary
    }
    const length = Number(upTo(':'))
    if (!Number.isInteger(length) || at + length > text.length) throw new Error(`no string at offset ${at}`)
    at += length
    return text.slice(at - length, at)
  }
  return read()
}

function isList(value: Bencoded): value is readonly Bencoded[] {
  return Array.isArray(value)
}
