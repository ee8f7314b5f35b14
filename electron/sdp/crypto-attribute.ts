import { sdesKeyFormats } from '../../shared/model/crypto-suites.ts'
import { type CryptoSuite, cryptoSuites } from '../../shared/model/media.ts'
import { attributes } from './attributes.ts'
import { limits } from './limits.ts'
import type { CryptoAttribute, MediaDescription, SdesKey } from './types.ts'

/** Why a crypto line cannot be used. Never holds any of the line's text. */
export type CryptoFault =
  | 'syntax'
  | 'bad-tag'
  | 'duplicate-tag'
  | 'unknown-suite'
  | 'bad-key'
  | 'bad-key-length'
  | 'bad-lifetime'
  | 'bad-mki'
  | 'refused-parameter'

export type CryptoLine =
  | { readonly kind: 'usable'; readonly attribute: CryptoAttribute }
  | { readonly kind: 'unusable'; readonly fault: CryptoFault; readonly tag?: number }

/** A line's fault on its way out of the nested readers; it never leaves this file. */
class LineFault extends Error {
  readonly fault: CryptoFault
  constructor(fault: CryptoFault) {
    super(fault)
    this.fault = fault
  }
}

/**
 * The crypto lines of one section that may be used, in the peer's order.
 *
 * A fault of a line's suite, key or parameters costs that line alone, and an empty line is read over. A fault of a
 * tag (not 1 to 9 digits, or the same one twice) costs the whole section: the tag is all that ties an answer to a
 * line, so with one wrong tag none says for certain which key is meant.
 * @see RFC 4568 §5.1.2, §6
 */
export function usableCrypto(media: MediaDescription): CryptoAttribute[] {
  const lines = attributes(media, 'crypto')
    .filter((value) => value.trim() !== '')
    .slice(0, limits.cryptoLines)
    .map(parseCrypto)
  const tags = lines.map((line) => (line.kind === 'usable' ? line.attribute.tag : line.tag))
  if (tags.includes(undefined) || new Set(tags).size < tags.length) return []
  return lines.flatMap((line) => (line.kind === 'usable' ? [line.attribute] : []))
}

/** Reads the value of one `a=crypto` (RFC 4568 §9.1). Never throws. */
export function parseCrypto(value: string): CryptoLine {
  const [tagText = '', suiteText, keyText, ...parameters] = value.trim().split(/[ \t]+/)
  if (!/^\d{1,9}$/.test(tagText)) return { kind: 'unusable', fault: 'bad-tag' }
  const tag = Number(tagText)
  try {
    if (!suiteText || !keyText) throw new LineFault('syntax')
    const suite = suiteNamed(suiteText)
    const keys = parseKeys(keyText, suite)
    checkParameters(parameters)
    return { kind: 'usable', attribute: { tag, suite, keys } }
  } catch (error) {
    if (error instanceof LineFault) return { kind: 'unusable', fault: error.fault, tag }
    throw error
  }
}

/** Suite names compare without case: pjsip writes them in lower case. */
function suiteNamed(name: string): CryptoSuite {
  const wanted = name.toUpperCase()
  const suite = cryptoSuites.find((candidate) => candidate === wanted)
  if (!suite) throw new LineFault('unknown-suite')
  return suite
}

function parseKeys(text: string, suite: CryptoSuite): [SdesKey, ...SdesKey[]] {
  const [first, ...rest] = text.split(';').map((part) => parseKey(part, suite))
  if (!first || rest.length >= limits.cryptoKeys) throw new LineFault('bad-key')
  const keys: [SdesKey, ...SdesKey[]] = [first, ...rest]
  // Several keys are told apart by MKI alone, and its length must be one (RFC 4568 §6.1).
  const mkis = keys.map((key) => key.mki && Buffer.from(key.mki).toString('hex'))
  if (keys.length > 1 && (mkis.includes(undefined) || new Set(mkis).size < keys.length)) throw new LineFault('bad-mki')
  if (new Set(mkis.map((mki) => mki?.length)).size > 1) throw new LineFault('bad-mki')
  return keys
}

/** `inline:<base64>["|" lifetime]["|" MKI ":" length]`. */
function parseKey(text: string, suite: CryptoSuite): SdesKey {
  const [method, info] = splitOnce(text, ':')
  if (method.toLowerCase() !== 'inline' || info === undefined) throw new LineFault('bad-key')
  const [base64 = '', ...options] = info.split('|')
  // Padding is optional in what we read: Linphone and Bria leave it out.
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw new LineFault('bad-key')
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'))
  const { keyBytes, saltBytes, maxLifetimePackets } = sdesKeyFormats[suite]
  if (bytes.length !== keyBytes + saltBytes) throw new LineFault('bad-key-length')

  const mkiText = options.find((option) => option.includes(':'))
  const lifetimeText = options.find((option) => !option.includes(':'))
  if (options.length > 2 || (options.length === 2 && options[1] !== mkiText)) throw new LineFault('syntax')
  const key: SdesKey = { masterKey: bytes.slice(0, keyBytes), masterSalt: bytes.slice(keyBytes) }
  return {
    ...key,
    ...(lifetimeText !== undefined && { lifetimePackets: parseLifetime(lifetimeText, maxLifetimePackets) }),
    ...(mkiText !== undefined && { mki: parseMki(mkiText) }),
  }
}

/** `2^n` or a decimal number of packets. */
function parseLifetime(text: string, maximum: number): number {
  const power = /^2\^([1-9]\d?)$/.exec(text)?.[1]
  const decimal = /^[1-9]\d{0,15}$/.exec(text)?.[0]
  const packets = power ? 2 ** Number(power) : Number(decimal)
  if (!(packets <= maximum)) throw new LineFault('bad-lifetime')
  return packets
}

/** `value:length` with a decimal value and a length in bytes; in packets it stands big-endian. */
function parseMki(text: string): Uint8Array {
  const [, value = '', lengthText] = /^(\d{1,309}):([1-9]\d{0,2})$/.exec(text) ?? []
  const length = Number(lengthText)
  if (!(length <= 128)) throw new LineFault('bad-mki')
  const hex = BigInt(value).toString(16)
  if (hex.length > length * 2) throw new LineFault('bad-mki')
  return new Uint8Array(Buffer.from(hex.padStart(length * 2, '0'), 'hex'))
}

/**
 * Session parameters (RFC 4568 §6.3). Those that take protection away, change key derivation or reorder FEC are
 * refused, and so is any unknown one; `-x` ones may be ignored. WSH is only a hint for the replay window.
 */
function checkParameters(parameters: readonly string[]): void {
  for (const parameter of parameters) {
    if (parameter.startsWith('-')) continue
    if (/^WSH=\d{2,9}$/i.test(parameter) && Number(parameter.slice(4)) >= 64) continue
    throw new LineFault('refused-parameter')
  }
}

/** Prints the value of `a=crypto`: padded base64, never a lifetime, an MKI or a session parameter. */
export function printCrypto({ tag, suite, keys }: CryptoAttribute): string {
  const [{ masterKey, masterSalt }] = keys
  return `${tag} ${suite} inline:${Buffer.concat([masterKey, masterSalt]).toString('base64')}`
}

/**
 * A line of our own from fresh random bytes.
 * @param randomBytes - called once; must be a cryptographic source, every line has its own key (RFC 4568 §6.1)
 */
export function newCrypto(
  tag: number,
  suite: CryptoSuite,
  randomBytes: (length: number) => Uint8Array,
): CryptoAttribute {
  const { keyBytes, saltBytes } = sdesKeyFormats[suite]
  const bytes = randomBytes(keyBytes + saltBytes)
  return { tag, suite, keys: [{ masterKey: bytes.slice(0, keyBytes), masterSalt: bytes.slice(keyBytes) }] }
}

/** Lines for an offer, tags from 1, in the order given. */
export function newCryptoOffer(
  suites: readonly CryptoSuite[],
  randomBytes: (length: number) => Uint8Array,
): CryptoAttribute[] {
  return suites.map((suite, at) => newCrypto(at + 1, suite, randomBytes))
}

/** True when both lines hold the same keys for the same suite; the tag does not matter. */
export function sameKeys(a: CryptoAttribute, b: CryptoAttribute): boolean {
  return (
    a.suite === b.suite &&
    a.keys.length === b.keys.length &&
    a.keys.every((key, at) => {
      const other = b.keys[at]
      return (
        other !== undefined &&
        sameBytes(key.masterKey, other.masterKey) &&
        sameBytes(key.masterSalt, other.masterSalt) &&
        sameBytes(key.mki, other.mki)
      )
    })
  )
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a && b ? Buffer.compare(a, b) === 0 : a === b
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)]
}
