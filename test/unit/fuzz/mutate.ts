import type { Random } from '../media/srtp/random.ts'

const pieces = [
  ...[
    '\0',
    '\r',
    '\n',
    '\r\n',
    '\r\n ',
    ' ',
    '\t',
    ';',
    ',',
    '<',
    '>',
    '"',
    '\\\\',
    '@',
    ':',
    '%',
    '%00',
    '%25',
    '\xe2\x80\xae',
    '\xff',
  ],
  ...[
    '-1',
    '0',
    '4294967296',
    '99999999999999999999',
    'z9hG4bK',
    ';tag=',
    ';branch=',
    ';rport',
    ';lr',
    '255.255.255.255',
    '[::1]',
  ],
  ...[
    'INVITE',
    'ACK',
    'BYE',
    'CANCEL',
    'UPDATE',
    'PRACK',
    'REFER',
    'NOTIFY',
    'SIP/2.0',
    'sip:',
    'tel:',
    'a'.repeat(300),
  ],
].map((text) => Buffer.from(text, 'latin1'))

const headerLines = [
  ...[
    'Via: SIP/2.0/UDP x',
    'Content-Length: 5',
    'l: 0',
    'CSeq: 1 INVITE',
    'CSeq: 1 ACK',
    'To: <sip:a@b>',
    'Require: 100rel',
  ],
  ...[
    'Route: <sip:x>',
    'Record-Route: <sip:x;lr>',
    'Contact: *',
    'Replaces: a;to-tag=b;from-tag=c',
    'Session-Expires: 1',
  ],
  ...[
    'Refer-To: <sip:x@y?Replaces=z>',
    'RAck: 1 1 INVITE',
    'RSeq: 0',
    'Event: refer',
    'Content-Type: multipart/mixed;boundary=x',
  ],
  ...[
    'Min-SE: 4294967295',
    'Supported: timer, 100rel',
    'Accept: text/plain',
    'Subscription-State: terminated',
    'Max-Forwards: 0',
  ],
]

/**
 * One to three edits of one seed: lines dropped, doubled or taken from another seed; octets cut, put in, turned over. Of every
 * two the Content-Length is put right again, so that what lies behind the first check is reached.
 */
export function mutate(seeds: readonly Buffer[], random: Random): Buffer {
  const pick = <T>(list: readonly T[]): T => list[random.integer(list.length)] as T
  let bytes = pick(seeds)
  for (let edits = 1 + random.integer(3); edits > 0; edits -= 1) bytes = edit(bytes, pick(seeds), random)
  return random.integer(2) === 0 ? bytes : withTrueLength(bytes)
}

function edit(bytes: Buffer, other: Buffer, random: Random): Buffer {
  const at = random.integer(bytes.length + 1)
  switch (random.integer(16)) {
    case 0:
      return editLines(bytes, (lines) => lines.toSpliced(random.integer(lines.length), 1))
    case 1:
      return editLines(bytes, (lines) =>
        lines.toSpliced(random.integer(lines.length), 0, lines[random.integer(lines.length)] ?? ''),
      )
    case 2:
    case 8:
    case 9:
    case 10:
      return editLines(bytes, (lines) => {
        const theirs = other.toString('latin1').split('\r\n')
        return lines.toSpliced(
          random.integer(lines.length),
          random.integer(2),
          theirs[random.integer(theirs.length)] ?? '',
        )
      })
    case 3:
    case 11:
      return Buffer.concat([bytes.subarray(0, at), pieces[random.integer(pieces.length)] as Buffer, bytes.subarray(at)])
    case 12:
    case 13:
      return editLines(bytes, (lines) =>
        lines.toSpliced(1 + random.integer(lines.length), 0, headerLines[random.integer(headerLines.length)] ?? ''),
      )
    case 4:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.integer(12))])
    case 5:
      return Buffer.concat([bytes.subarray(0, at), other.subarray(random.integer(other.length + 1))])
    case 6:
      return bytes.subarray(0, at)
    default: {
      const turned = Buffer.from(bytes)
      if (at < turned.length) turned[at] = (turned[at] ?? 0) ^ (1 << random.integer(8))
      return turned
    }
  }
}

function withTrueLength(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  const [head, body] = end === -1 ? [text, ''] : [text.slice(0, end), text.slice(end + 4)]
  const lines = head.split('\r\n').filter((line) => !/^(?:content-length|l)\s*:/i.test(line) && line !== '')
  return Buffer.from([...lines, `Content-Length: ${body.length}`, '', body].join('\r\n'), 'latin1')
}

function editLines(bytes: Buffer, change: (lines: string[]) => string[]): Buffer {
  return Buffer.from(change(bytes.toString('latin1').split('\r\n')).join('\r\n'), 'latin1')
}
