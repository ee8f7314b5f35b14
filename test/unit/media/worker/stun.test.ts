import { describe, expect, test } from 'vitest'
import {
  parseStun,
  printStun,
  stunAttribute,
  stunMethod,
  stunValue,
  verifyIntegrity,
  xorMappedAddress,
} from '../../../../electron/media/worker/stun.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')

/** RFC 5769 §2: short-term credentials, password `VOkJxbRl1RmTxUk/WvJxBt`. */
const password = 'VOkJxbRl1RmTxUk/WvJxBt'
const request = bytes(`
  00010058 2112a442 b7e7a701 bc34d686 fa87dfae
  80220010 5354554e 20746573 7420636c 69656e74
  00240004 6e0001ff
  80290008 932ff9b1 51263b36
  00060009 6576746a 3a683676 59202020
  00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
  80280004 e57a3bcf`)
const response = bytes(`
  0101003c 2112a442 b7e7a701 bc34d686 fa87dfae
  8022000b 74657374 20766563 746f7220
  00200008 0001a147 e112a643
  00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7
  80280004 c07d4c96`)

describe('RFC 5769 sample messages', () => {
  test('§2.1 the request parses, and its integrity and fingerprint verify', () => {
    const message = parseStun(request)
    if (message === undefined) throw new Error('not parsed')
    expect(message.type).toBe(stunMethod.bindingRequest)
    expect(message.transactionId.toString('hex')).toBe('b7e7a701bc34d686fa87dfae')
    expect(stunValue(message, stunAttribute.username)?.toString()).toBe('evtj:h6vY')
    expect(stunValue(message, stunAttribute.priority)?.readUInt32BE()).toBe(0x6e0001ff)
    expect(verifyIntegrity(message, password)).toBe(true)
    expect(verifyIntegrity(message, `${password}x`)).toBe(false)
  })

  test('§2.2 the IPv4 response names 192.0.2.1 port 32853, and we write that address alike', () => {
    const message = parseStun(response)
    if (message === undefined) throw new Error('not parsed')
    expect(message.type).toBe(stunMethod.bindingSuccess)
    expect(verifyIntegrity(message, password)).toBe(true)
    expect(stunValue(message, stunAttribute.xorMappedAddress)).toEqual(xorMappedAddress('192.0.2.1', 32_853))
  })
})

describe('strictness', () => {
  test('every message that is cut short is refused', () => {
    for (let length = 0; length < request.length; length++)
      expect(parseStun(request.subarray(0, length))).toBeUndefined()
  })

  test('a message with anything behind its end is refused', () => {
    expect(parseStun(Buffer.concat([request, Buffer.alloc(4)]))).toBeUndefined()
  })

  test('every flipped bit breaks the message or its integrity', () => {
    for (let bit = 0; bit < request.length * 8; bit++) {
      const flipped = Buffer.from(request)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const message = parseStun(flipped)
      if (message === undefined) continue
      // Only a flip in the type of FINGERPRINT gets this far: then it is missing, and a check without one is refused.
      expect(stunValue(message, stunAttribute.fingerprint), `bit ${bit}`).toBeUndefined()
    }
  })

  test('an attribute behind the integrity is not believed', () => {
    const signed = parseStun(printStun({ type: 1, transactionId: Buffer.alloc(12), attributes: [] }, password))?.raw
    if (signed === undefined) throw new Error('not parsed')
    const withoutFingerprint = signed.subarray(0, signed.length - 8)
    const smuggled = Buffer.concat([withoutFingerprint, bytes('00250000')])
    smuggled.writeUInt16BE(smuggled.length - 20, 2)
    const message = parseStun(smuggled)
    if (message === undefined) throw new Error('not parsed')
    expect(stunValue(message, stunAttribute.useCandidate)).toBeUndefined()
  })

  test('what we print we also read', () => {
    const printed = printStun(
      {
        type: stunMethod.bindingSuccess,
        transactionId: bytes('000102030405060708090a0b'),
        attributes: [{ type: stunAttribute.xorMappedAddress, value: xorMappedAddress('127.0.0.1', 5000) }],
      },
      'secret',
    )
    const message = parseStun(printed)
    if (message === undefined) throw new Error('not parsed')
    expect(verifyIntegrity(message, 'secret')).toBe(true)
    expect(message.attributes.map(({ type }) => type)).toEqual([
      stunAttribute.xorMappedAddress,
      stunAttribute.messageIntegrity,
      stunAttribute.fingerprint,
    ])
  })
})
