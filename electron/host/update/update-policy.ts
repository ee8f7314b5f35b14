import { createHash, type KeyLike, verify } from 'node:crypto'
import { z } from 'zod'
import { parseJson } from '../../../shared/text/parse-json.ts'

/**
 * Which update may be installed. The list of a release's files is signed with a key that is kept offline; the server and
 * whoever can write to it have no say in what runs here. Pure: bytes, names and the key come in as arguments.
 */
const releaseList = z.strictObject({
  version: z.string().regex(/^\d{1,5}\.\d{1,5}\.\d{1,5}$/),
  /** Share of the installations that take it now, 1..100. */
  stagingPercentage: z.number().int().min(1).max(100),
  files: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._ -]{0,127}$/),
        /** Base64, as the update feed has it. */
        sha512: z.string().regex(/^[A-Za-z0-9+/]{86}==$/),
        sizeBytes: z.number().int().positive(),
      }),
    )
    .min(1)
    .max(64),
})
export type ReleaseList = z.infer<typeof releaseList>
export type ReleaseFile = ReleaseList['files'][number]

const signedList = z.strictObject({
  /** The JSON text that was signed, exactly. */
  list: z.string().max(65_536),
  /** Ed25519 over the UTF-8 bytes of `list`, base64. */
  signature: z.string().regex(/^[A-Za-z0-9+/]{86}==$/),
})

export type RefusalReason =
  | 'malformed'
  /** The signature is not of our key, or the list was changed. */
  | 'bad-signature'
  /** The same version or an older one. */
  | 'not-newer'
  /** The feed offers another version than the signed list. */
  | 'other-version'
  | 'unlisted-file'
  | 'wrong-size'
  | 'wrong-hash'

export type Decision =
  | { readonly kind: 'take'; readonly version: string; readonly files: readonly ReleaseFile[] }
  /** Not this installation's turn yet. */
  | { readonly kind: 'wait'; readonly version: string }
  | { readonly kind: 'refuse'; readonly reason: RefusalReason }

/** What the update feed, which nobody has signed, says there is. */
export interface Offer {
  readonly version: string
  /** One for each kind of package and processor; names without any path. */
  readonly files: readonly { readonly name: string; readonly sha512: string }[]
}

export function readSignedList(text: string, publicKey: KeyLike): ReleaseList | RefusalReason {
  const outer = signedList.safeParse(parseJson(text))
  if (!outer.success) return 'malformed'
  const { list, signature } = outer.data
  if (!verify(null, Buffer.from(list, 'utf8'), publicKey, Buffer.from(signature, 'base64'))) return 'bad-signature'
  const inner = releaseList.safeParse(parseJson(list))
  return inner.success ? inner.data : 'malformed'
}

/**
 * @param current - version that runs
 * @param installId - random name of this installation
 */
export function decideUpdate(
  current: string,
  offer: Offer,
  list: ReleaseList | RefusalReason,
  installId: string,
): Decision {
  if (typeof list === 'string') return { kind: 'refuse', reason: list }
  if (!isNewer(list.version, current)) return { kind: 'refuse', reason: 'not-newer' }
  if (offer.version !== list.version) return { kind: 'refuse', reason: 'other-version' }
  const files = offer.files.map(({ name }) => list.files.find((listed) => listed.name === name))
  const known = files.filter((file) => file !== undefined)
  if (known.length === 0 || known.length < offer.files.length) return { kind: 'refuse', reason: 'unlisted-file' }
  const same = known.every(({ sha512 }, index) => sha512 === offer.files[index]?.sha512)
  if (!same) return { kind: 'refuse', reason: 'wrong-hash' }
  if (!isFirst(installId, list)) return { kind: 'wait', version: list.version }
  return { kind: 'take', version: list.version, files: known }
}

/** Whether the bytes on disk are those of one signed file; asked after the download and once more before the start. */
export function checkFile(
  files: readonly ReleaseFile[],
  sizeBytes: number,
  sha512: string,
): 'wrong-size' | 'wrong-hash' | undefined {
  const sized = files.filter((file) => file.sizeBytes === sizeBytes)
  if (sized.length === 0) return 'wrong-size'
  return sized.some((file) => file.sha512 === sha512) ? undefined : 'wrong-hash'
}

/** Numbers, not text: 0.10.0 is newer than 0.9.0. What runs may carry a pre-release tag, which is older than its release. */
export function isNewer(version: string, than: string): boolean {
  const [release = '', tag] = than.split('-', 2)
  const [a, b] = [version, release].map((text) => text.split('.').map(Number))
  for (const index of [0, 1, 2]) {
    const [left = 0, right = 0] = [a?.[index], b?.[index]]
    if (left !== right) return left > right
  }
  return tag !== undefined
}

/** The same installations are not the first each time: the version is part of the draw. */
function isFirst(installId: string, { version, stagingPercentage }: ReleaseList): boolean {
  const drawn = createHash('sha256').update(`${installId} ${version}`).digest().readUInt32BE(0)
  return drawn / 2 ** 32 < stagingPercentage / 100
}
