import { isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressReach, isIpv4, isIpv6, isUnspecified } from '../../../electron/sdp/address.ts'
import { negotiateOffer } from '../../../electron/sdp/negotiate-offer.ts'
import { body, refused, terms } from './support.ts'

const seed = 20_261_123

describe('address literals', () => {
  test('IPv4 and IPv6 are what Node takes for them', () => {
    const piece = fc.constantFrom('0', '1', '255', '256', '01', 'ffff', 'g', ':', '::', '.', '1.2.3.4', '12345', '')
    const near = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
    const joined = fc
      .array(fc.constantFrom('0', '1', 'abcd', '', '1.2.3.4'), { maxLength: 9 })
      .map((all) => all.join(':'))
    fc.assert(
      fc.property(fc.oneof(near, joined, fc.ipV4(), fc.ipV6()), (text) => {
        expect([isIpv4(text), isIpv6(text)], text).toEqual([isIPv4(text), isIPv6(text)])
      }),
      { seed, numRuns: 3000 },
    )
  })
})

describe('where media may go', () => {
  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '224.0.0.1',
    '239.255.255.250',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '0:0:0:0:0:0:0:0',
    'ff02::1',
    'FF0e::101',
    '::ffff:0.0.0.0',
    '::ffff:224.0.0.1',
    '::ffff:255.255.255.255',
    '::ffff:7f00:1',
  ])('never to %s', (address) => {
    expect(addressReach(address)).toBe('never')
  })

  test.each(['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1', '::0001', '::ffff:127.0.0.1', '::127.0.0.1'])(
    '%s is this machine',
    (address) => {
      expect(addressReach(address)).toBe('loopback')
    },
  )

  test.each([
    '1.1.1.1',
    '10.0.0.1',
    '100.64.0.1',
    '169.254.1.1',
    '172.16.0.1',
    '192.0.2.1',
    '192.168.1.1',
    '198.51.100.1',
    '203.0.113.7',
    '223.255.255.254',
    '2001:db8::1',
    'fd00::1',
    'fe80::1',
    '::ffff:192.0.2.1',
    '64:ff9b::c000:201',
  ])('%s may be a peer', (address) => {
    expect(addressReach(address)).toBe('unicast')
  })

  test.each(['0.0.0.0', '::', '0:0::0'])('%s is the unspecified address', (address) => {
    expect(isUnspecified(address)).toBe(true)
  })

  test.each([
    ['multicast', ['c=IN IP4 239.1.1.1/127']],
    ['broadcast', ['c=IN IP4 255.255.255.255']],
    ['a name', ['c=IN IP4 gateway.example.com']],
    ['mapped multicast', ['c=IN IP6 ::ffff:224.0.0.1']],
  ])('an offer that sends media to %s is refused', (_, lines) => {
    const offer = body(...lines, 'm=audio 4000 RTP/AVP 0')
    expect(refused(negotiateOffer(offer, { ...terms, policy: 'off' })).code).toBe('sdp/malformed')
  })

  test('an offer that sends RTCP to multicast is refused', () => {
    const offer = body('m=audio 4000 RTP/AVP 0', 'a=rtcp:4001 IN IP4 239.1.1.1')
    expect(refused(negotiateOffer(offer, { ...terms, policy: 'off' })).code).toBe('sdp/malformed')
  })
})
