import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { SipTrace } from '../../electron/diagnostics/trace/sip-trace.ts'
import { traceCapture } from '../../electron/diagnostics/trace/trace-file.ts'
import { scratchFolder } from '../harness/scratch.ts'

const sdp = [
  'v=0',
  'o=- 1 1 IN IP4 192.0.2.10',
  's=-',
  'c=IN IP4 192.0.2.10',
  't=0 0',
  'm=audio 40100 RTP/SAVP 0',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0IGtleSBvZiB0aGUgdGVzdCBjYWxsIGhlcmU=',
  '',
].join('\r\n')

const message = (first: string, method: string, body = '') =>
  [
    first,
    'Via: SIP/2.0/TLS 192.0.2.10:40312;branch=z9hG4bKabc',
    'From: <sip:ada@pbx.test>;tag=1',
    'To: <sip:bob@pbx.test>',
    'Call-ID: call-of-the-test',
    `CSeq: 1 ${method}`,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')

/** Fields of the SIP messages that tshark finds in a capture, one row a packet. */
function dissect(file: string): string[][] {
  const fields = [
    'ip.src',
    'ipv6.src',
    'udp.srcport',
    'udp.dstport',
    'sip.Method',
    'sip.Status-Code',
    'sip.Call-ID',
    'sdp.media',
    'frame.comment',
  ]
  const args = [
    '-r',
    file,
    '-Y',
    'sip',
    '-T',
    'fields',
    '-E',
    'separator=|',
    ...fields.flatMap((field) => ['-e', field]),
  ]
  const text = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return text
    .trim()
    .split('\n')
    .map((line) => line.split('|'))
}

it('tshark reads every message of an exported trace as SIP, with its SDP, addresses and way, and no checksum is wrong', async () => {
  await using scratch = await scratchFolder('trace')
  const trace = new SipTrace(() => Date.now())
  const v4 = { local: '192.0.2.10:40312', remote: '198.51.100.7:5061' }
  const v6 = { local: '[2001:db8::10]:40312', remote: '[2001:db8::7]:5060' }
  const invite = message('INVITE sip:bob@pbx.test SIP/2.0', 'INVITE', sdp)
  trace.note({ accountId: 'a', direction: 'sent', transport: 'tls', ...v4, message: invite })
  trace.note({
    accountId: 'a',
    direction: 'received',
    transport: 'tls',
    ...v4,
    message: message('SIP/2.0 200 OK', 'INVITE', sdp),
  })
  trace.note({
    accountId: 'a',
    direction: 'received',
    transport: 'udp',
    ...v6,
    message: message('BYE sip:ada@pbx.test SIP/2.0', 'BYE'),
  })
  trace.note({ direction: 'received', transport: 'local', local: '', remote: '', message: invite })
  const file = join(scratch.path, 'trace.pcapng')
  await writeFile(file, traceCapture(trace.entries({}), 'Kedge/test'))

  const masked = 'secrets masked'
  expect(dissect(file)).toEqual([
    [
      '192.0.2.10',
      '',
      '40312',
      '5061',
      'INVITE',
      '',
      'call-of-the-test',
      'audio 40100 RTP/SAVP 0',
      `travelled over TLS, shown as UDP; ${masked}`,
    ],
    [
      '198.51.100.7',
      '',
      '5061',
      '40312',
      '',
      '200',
      'call-of-the-test',
      'audio 40100 RTP/SAVP 0',
      `travelled over TLS, shown as UDP; ${masked}`,
    ],
    ['', '2001:db8::7', '5060', '40312', 'BYE', '', 'call-of-the-test', '', `travelled over UDP; ${masked}`],
    [
      '127.0.0.2',
      '',
      '5060',
      '5060',
      'INVITE',
      '',
      'call-of-the-test',
      'audio 40100 RTP/SAVP 0',
      `between Kedge and its window, inside this machine; ${masked}`,
    ],
  ])
  const bad = [
    '-r',
    file,
    '-o',
    'ip.check_checksum:TRUE',
    '-o',
    'udp.check_checksum:TRUE',
    '-Y',
    'ip.checksum.status==0 or udp.checksum.status==0 or _ws.malformed',
  ]
  expect(execFileSync('tshark', bad, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })).toBe('')
})
