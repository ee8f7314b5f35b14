/** One content line of a vCard (RFC 6350 §3.3), its value still escaped. */
export interface ContentLine {
  /** Upper case, without group. */
  readonly name: string
  /** Names in upper case, values in lower case and split at commas. */
  readonly params: ReadonlyMap<string, readonly string[]>
  readonly value: string
}

/** Pure. Joins folded lines (RFC 6350 §3.2; also the quoted-printable soft breaks of old exports) and splits them. */
export function unfold(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/u, '')
    .replace(/\r\n?|\n/gu, '\n')
    .replace(/\n[ \t]/gu, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
}

/** Pure. Reads one unfolded line; undefined when it is none. Parameters of vCard 2.1 and 3 without a name count as TYPE. */
export function parseLine(line: string): ContentLine | undefined {
  const head = /^(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)((?:;(?:[^":;]|"[^"]*")*)*):(.*)$/su.exec(line)
  if (!head) return undefined
  const [, name = '', rawParams = '', value = ''] = head
  const params = new Map<string, readonly string[]>()
  for (const [, raw = ''] of rawParams.matchAll(/;((?:[^";]|"[^"]*")*)/gu)) {
    const equals = raw.indexOf('=')
    const key = equals < 0 ? 'TYPE' : raw.slice(0, equals).toUpperCase()
    const values = (equals < 0 ? raw : raw.slice(equals + 1)).replaceAll('"', '').toLowerCase().split(',')
    params.set(key, [...(params.get(key) ?? []), ...values])
  }
  return { name: name.toUpperCase(), params, value }
}

/** Pure. A text value without its escapes (RFC 6350 §3.4). */
export const unescapeText = (value: string): string =>
  value.replace(/\\([\\,;nN])/gu, (_all, sign: string) => (sign === 'n' || sign === 'N' ? '\n' : sign))

export const escapeText = (text: string): string => text.replace(/[\\,;]/gu, '\\$&').replace(/\r?\n/gu, '\\n')

/** Pure. The parts of a structured value such as N, unescaped; an escaped semicolon does not part them. */
export const components = (value: string): readonly string[] =>
  [...value.matchAll(/((?:\\.|[^\\;])*)(?:;|$)/gsu)].map(([, part = '']) => unescapeText(part).trim())

/** Octets that a line may have (RFC 6350 §3.2). */
const longestLine = 75
const encoder = new TextEncoder()

/** Pure. Folds a line at 75 octets, never inside of a character. */
export function foldLine(line: string): string {
  let folded = ''
  let octets = 0
  for (const char of line) {
    const size = encoder.encode(char).length
    if (octets + size > longestLine) {
      folded += '\r\n '
      octets = 1
    }
    folded += char
    octets += size
  }
  return folded
}
