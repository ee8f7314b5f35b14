import { isAddress } from './address.ts'
import { limits } from './limits.ts'
import { SdpError } from './sdp-error.ts'
import type { MediaDescription, SdpAttribute, SdpConnection, SdpOrigin, SessionDescription } from './types.ts'

const token = /^[!#$%&'*+.0-9A-Z^_`a-z{|}~-]+$/
// CR is handled at the line ends; a tab may stand inside a value.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const control = /[\x00-\x08\x0a-\x1f\x7f]/

interface Draft {
  lines: number
  connection?: SdpConnection
  readonly attributes: SdpAttribute[]
}
interface MediaDraft extends Draft {
  readonly kind: string
  readonly port: number
  readonly profile: string
  readonly formats: readonly string[]
}

/**
 * Strict reader of RFC 8866. CRLF or LF, with or without a last line end; no NUL or other control character;
 * everything bounded by `limits`. Line order is not enforced beyond `v=` first, since phones mix it.
 * @throws SdpError `sdp/malformed`
 */
export function parseSdp(text: string): SessionDescription {
  if (text.length > limits.body) throw malformed('the description is too long')
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  while (lines.at(-1) === '') lines.pop()
  if (lines.shift() !== 'v=0') throw malformed('the description does not begin with v=0')

  const session: Draft = { lines: 1, attributes: [] }
  const media: MediaDraft[] = []
  let origin: SdpOrigin | undefined
  let sessionName = '-'
  for (const line of lines) {
    checkLine(line)
    const value = line.slice(2)
    const section = media.at(-1) ?? session
    section.lines += 1
    if (section.lines > limits.linesPerSection) throw malformed('a section has too many lines')
    switch (line[0]) {
      case 'm':
        if (media.length === limits.media) throw malformed('too many m= lines')
        media.push(parseMediaLine(value))
        break
      case 'c':
        section.connection ??= parseConnection(value)
        break
      case 'a':
        section.attributes.push(parseAttribute(value))
        break
      case 'o':
        if (origin || section !== session) throw malformed('o= stands twice or in a media section')
        origin = parseOrigin(value)
        break
      case 's':
        if (section === session) sessionName = value.trim() || '-'
        break
      case 'v':
        throw malformed('v= stands twice')
    }
  }
  if (!origin) throw malformed('o= is missing')
  const description = { origin, sessionName, attributes: session.attributes, media: media.map(finishMedia) }
  return session.connection ? { ...description, connection: session.connection } : description
}

function finishMedia(draft: MediaDraft): MediaDescription {
  const { kind, port, profile, formats, connection, attributes } = draft
  return { kind, port, profile, formats, ...(connection && { connection }), attributes }
}

function checkLine(line: string): void {
  if (line.length > limits.line) throw malformed('a line is too long')
  if (control.test(line)) throw malformed('a line holds a control character')
  if (!/^[a-z]=/.test(line)) throw malformed('a line is not of the form x=value')
}

function parseMediaLine(value: string): MediaDraft {
  const [kind, portText, profile, ...formats] = value.trim().split(/ +/)
  if (!kind || !portText || !profile || formats.length === 0) throw malformed('an m= line is incomplete')
  if (formats.length > limits.formats) throw malformed('an m= line has too many formats')
  for (const word of [kind, ...profile.split('/'), ...formats]) {
    if (word.length > limits.token || !token.test(word)) throw malformed('an m= line holds a bad word')
  }
  const port = /^(\d{1,5})(?:\/\d{1,5})?$/.exec(portText)?.[1]
  if (port === undefined || Number(port) > 65535) throw malformed('an m= line has a bad port')
  if (isRtpProfile(profile) && !formats.every(isPayloadType)) throw malformed('a payload type is not in 0..127')
  return { lines: 1, kind, port: Number(port), profile, formats, attributes: [] }
}

/** Any profile whose formats are RTP payload types (RFC 8866 §5.14). */
export function isRtpProfile(profile: string): boolean {
  return /(^|\/)RTP\//i.test(profile)
}

function isPayloadType(format: string): boolean {
  return /^(0|[1-9]\d{0,2})$/.test(format) && Number(format) <= 127
}

function parseConnection(value: string): SdpConnection {
  const [network, family, address, ...rest] = value.trim().split(/ +/)
  if (rest.length > 0) throw malformed('c= has too many words')
  return checkedAddress('c=', network, family, address?.split('/')[0])
}

function parseOrigin(value: string): SdpOrigin {
  const [username, sessionId, sessionVersion, network, family, address, ...rest] = value.trim().split(/ +/)
  if (!username || !sessionId || !sessionVersion || rest.length > 0) throw malformed('o= does not have six words')
  if (!/^\d{1,32}$/.test(sessionId) || !/^\d{1,32}$/.test(sessionVersion)) throw malformed('o= has a bad number')
  return { username, sessionId, sessionVersion, ...checkedAddress('o=', network, family, address) }
}

function checkedAddress(where: string, network?: string, family?: string, address?: string): SdpConnection {
  if (network !== 'IN' || (family !== 'IP4' && family !== 'IP6')) throw malformed(`${where} is not of IN IP4 or IN IP6`)
  if (!address || !isAddress(family, address)) throw malformed(`${where} has a bad address`)
  return { family, address }
}

function parseAttribute(text: string): SdpAttribute {
  const colon = text.indexOf(':')
  const name = (colon < 0 ? text : text.slice(0, colon)).trim()
  if (name.length > limits.token || !token.test(name)) throw malformed('an attribute has a bad name')
  return colon < 0 ? { name } : { name, value: text.slice(colon + 1) }
}

function malformed(what: string): SdpError {
  return new SdpError('sdp/malformed', `SDP: ${what}`)
}
