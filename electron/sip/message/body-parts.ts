export interface BodyPart {
  /** Value of its Content-Type; `text/plain` when it has none (RFC 2046 §5.1). */
  readonly contentType: string
  readonly content: string
}

/** More are not looked at: the one that counts stands at the front. */
const maxParts = 8

/** `type/subtype` of a Content-Type value, in lower case and without its parameters. */
export const mediaType = (contentType: string): string => contentType.split(';')[0]?.trim().toLowerCase() ?? ''

/**
 * Pure. The parts of a multipart body (RFC 2046 §5.1.1, RFC 5621 §4), nested ones not taken apart.
 * @returns nothing when the boundary is missing or never found
 */
export function bodyParts(contentType: string, body: string): BodyPart[] {
  const [, quoted, token] = contentType.match(/;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i) ?? []
  const boundary = quoted ?? token
  if (boundary === undefined) return []
  const pieces = `\r\n${body}`.split(`\r\n--${boundary}`, maxParts + 2).slice(1)
  return pieces.filter((piece) => !piece.startsWith('--')).map(readPart)
}

function readPart(piece: string): BodyPart {
  const text = piece.replace(/^[ \t]*(?=\r\n)/, '')
  const blank = text.indexOf('\r\n\r\n')
  const head = blank === -1 ? '' : text.slice(0, blank)
  const contentType = head.match(/\r\ncontent-type[ \t]*:[ \t]*([^\r]*)/i)?.[1] ?? 'text/plain'
  return { contentType, content: blank === -1 ? '' : text.slice(blank + 4) }
}
