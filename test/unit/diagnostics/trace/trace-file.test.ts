import { describe, expect, it } from 'vitest'
import { SipTrace } from '../../../../electron/diagnostics/trace/sip-trace.ts'
import { traceCapture, traceFile, traceText } from '../../../../electron/diagnostics/trace/trace-file.ts'
import { udpPacket } from '../../../../electron/diagnostics/trace/udp-packet.ts'

const trace = new SipTrace(() => Date.UTC(2026, 10, 25, 1, 2, 3))
trace.note({
  accountId: 'work',
  direction: 'sent',
  transport: 'tls',
  local: '192.0.2.1:40000',
  remote: '192.0.2.2:5061',
  message: 'INVITE sip:a@b SIP/2.0\r\nCall-ID: c1\r\nContent-Length: 24\r\n\r\na=crypto:1 X inline:QUJD',
})
trace.note({ direction: 'received', transport: 'local', local: '', remote: '', message: 'SIP/2.0 200 OK\r\n\r\n' })
const entries = trace.entries({})

describe('a trace as text', () => {
  it('says when, between whom and how, and gives each message line by line', () => {
    expect(traceText(entries).split('\n')).toEqual([
      '2026-11-25T01:02:03.000Z  192.0.2.1:40000 -> 192.0.2.2:5061  TLS',
      '',
      'INVITE sip:a@b SIP/2.0',
      'Call-ID: c1',
      'Content-Length: 24',
      '',
      'a=crypto:1 X inline:[redacted]',
      '',
      '-'.repeat(72),
      '2026-11-25T01:02:03.000Z  Kedge <- window  LOCAL',
      '',
      'SIP/2.0 200 OK',
      '',
    ])
  })

  it('is a file whose name says of what', () => {
    expect(traceFile(entries, 'text', 'Work / Büro', 'Kedge')).toMatchObject({
      name: 'kedge-sip-Work-B-ro.txt',
      type: 'text/plain',
    })
    expect(traceFile(entries, 'pcapng', 'Work', 'Kedge').name).toBe('kedge-sip-Work.pcapng')
  })
})

describe('a trace as a capture', () => {
  it('is made of blocks that say their length at both ends and fill multiples of four octets', () => {
    const bytes = Buffer.from(traceCapture(entries, 'Kedge'))
    const types: number[] = []
    for (let at = 0; at < bytes.length; ) {
      const length = bytes.readUInt32LE(at + 4)
      expect(length % 4).toBe(0)
      expect(bytes.readUInt32LE(at + length - 4)).toBe(length)
      types.push(bytes.readUInt32LE(at))
      at += length
    }
    expect(types).toEqual([0x0a0d0d0a, 1, 6, 6])
  })

  it('an IPv6 address is written in full, and IPv4 is mapped where the other end is IPv6', () => {
    const packet = Buffer.from(
      udpPacket({ address: '2001:db8::1', port: 1 }, { address: '::ffff:192.0.2.1', port: 2 }, Buffer.from('x')),
    )
    expect(packet.subarray(8, 24).toString('hex')).toBe('20010db8000000000000000000000001')
    expect(packet.subarray(24, 40).toString('hex')).toBe('00000000000000000000ffffc0000201')
    expect(packet.readUInt16BE(4)).toBe(9)
  })
})
