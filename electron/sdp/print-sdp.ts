import { SdpError } from './sdp-error.ts'
import type { SdpAttribute, SdpConnection, SessionDescription } from './types.ts'

/**
 * Writes a description, line order of RFC 8866 §5, CRLF. The same description always gives the same text.
 * @throws SdpError `sdp/malformed` when a value would break out of its line
 */
export function printSdp(description: SessionDescription): string {
  const { origin, sessionName, connection, attributes, media } = description
  const lines = [
    'v=0',
    `o=${origin.username} ${origin.sessionId} ${origin.sessionVersion} ${printAddress(origin)}`,
    `s=${sessionName}`,
    ...printConnection(connection),
    't=0 0',
    ...attributes.map(printAttribute),
    ...media.flatMap((section) => [
      `m=${section.kind} ${section.port} ${section.profile} ${section.formats.join(' ')}`,
      ...printConnection(section.connection),
      ...section.attributes.map(printAttribute),
    ]),
  ]
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  if (lines.some((line) => /[\x00\r\n]/.test(line)))
    throw new SdpError('sdp/malformed', 'SDP: a value holds a line end')
  return lines.map((line) => `${line}\r\n`).join('')
}

function printAddress({ family, address }: SdpConnection): string {
  return `IN ${family} ${address}`
}

function printConnection(connection: SdpConnection | undefined): string[] {
  return connection ? [`c=${printAddress(connection)}`] : []
}

function printAttribute({ name, value }: SdpAttribute): string {
  return value === undefined ? `a=${name}` : `a=${name}:${value}`
}
