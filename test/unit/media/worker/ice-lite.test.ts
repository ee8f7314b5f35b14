import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { IceLite } from '../../../../electron/media/worker/ice-lite.ts'
import {
  parseStun,
  printStun,
  stunAttribute,
  stunMethod,
  stunValue,
  verifyIntegrity,
  xorMappedAddress,
} from '../../../../electron/media/worker/stun.ts'

interface RequestOptions {
  readonly username?: string
  readonly pwd?: string
  readonly nominate?: boolean
  readonly type?: number
  readonly extra?: readonly { type: number; value: Buffer }[]
}

let ice: IceLite
beforeEach(() => {
  ice = new IceLite((address) => address === '127.0.0.1')
  ice.setRemoteUfrag('peer')
})

function request({ username, pwd, nominate = false, type, extra = [] }: RequestOptions = {}): Buffer {
  const attributes = [
    { type: stunAttribute.username, value: Buffer.from(username ?? `${ice.credentials.ufrag}:peer`) },
    ...(nominate ? [{ type: stunAttribute.useCandidate, value: Buffer.alloc(0) }] : []),
    ...extra,
  ]
  const message = { type: type ?? stunMethod.bindingRequest, transactionId: randomBytes(12), attributes }
  return printStun(message, pwd ?? ice.credentials.pwd)
}

const check = (datagram: Buffer, port = 5000, nowMs = 0, address = '127.0.0.1') =>
  ice.receive(datagram, address, port, nowMs)

describe('a connectivity check (RFC 8445 §7.3)', () => {
  test('with our password validates its source and is answered with it', () => {
    const outcome = check(request())
    expect(outcome).toMatchObject({ kind: 'checked', nominated: false })
    expect(ice.isValidated('127.0.0.1', 5000)).toBe(true)
    const reply = outcome.kind === 'checked' ? parseStun(outcome.reply) : undefined
    if (reply === undefined) throw new Error('no reply')
    expect(reply.type).toBe(stunMethod.bindingSuccess)
    expect(stunValue(reply, stunAttribute.xorMappedAddress)).toEqual(xorMappedAddress('127.0.0.1', 5000))
    expect(verifyIntegrity(reply, ice.credentials.pwd)).toBe(true)
  })

  const refusals: { name: string; datagram: () => Buffer; kind: string; address?: string }[] = [
    { name: 'another password', datagram: () => request({ pwd: 'guess' }), kind: 'foreign' },
    { name: 'another fragment of ours', datagram: () => request({ username: 'nobody:peer' }), kind: 'foreign' },
    {
      name: 'another fragment of the peer',
      datagram: () => request({ username: `${ice.credentials.ufrag}:other` }),
      kind: 'foreign',
    },
    { name: 'an address of another machine', datagram: () => request(), kind: 'foreign', address: '192.0.2.1' },
    { name: 'no fingerprint', datagram: () => withoutFingerprint(request()), kind: 'foreign' },
    { name: 'a response', datagram: () => request({ type: stunMethod.bindingSuccess }), kind: 'foreign' },
    { name: 'an indication', datagram: () => request({ type: 0x0011 }), kind: 'foreign' },
    { name: 'half a message', datagram: () => request().subarray(0, 30), kind: 'malformed' },
  ]
  test.each(refusals)('with $name validates nothing and gets no answer', ({ datagram, kind, address }) => {
    expect(check(datagram(), 5000, 0, address)).toEqual({ kind })
    expect(ice.isValidated(address ?? '127.0.0.1', 5000)).toBe(false)
    expect(ice.selected).toBeUndefined()
  })

  test('from a peer that wants to be controlled is a role conflict (RFC 8445 §7.3.1.1)', () => {
    const outcome = check(request({ extra: [{ type: stunAttribute.iceControlled, value: randomBytes(8) }] }))
    const reply = outcome.kind === 'refused' ? parseStun(outcome.reply) : undefined
    expect(reply && stunValue(reply, stunAttribute.errorCode)?.readUInt16BE(2)).toBe(0x0457)
    expect(ice.isValidated('127.0.0.1', 5000)).toBe(false)
  })

  test('with an attribute that must be understood and is not gets 420 (RFC 8489 §6.3.1)', () => {
    const outcome = check(request({ extra: [{ type: 0x7fff, value: Buffer.alloc(4) }] }))
    const reply = outcome.kind === 'refused' ? parseStun(outcome.reply) : undefined
    expect(reply && stunValue(reply, stunAttribute.errorCode)?.readUInt16BE(2)).toBe(0x0414)
    expect(reply && stunValue(reply, stunAttribute.unknownAttributes)).toEqual(Buffer.from([0x7f, 0xff]))
  })

  test('before the peer is known needs our password only', () => {
    const early = new IceLite(() => true)
    const attributes = [{ type: stunAttribute.username, value: Buffer.from(`${early.credentials.ufrag}:anyone`) }]
    const datagram = printStun({ type: 1, transactionId: randomBytes(12), attributes }, early.credentials.pwd)
    expect(early.receive(datagram, '127.0.0.1', 5000, 0).kind).toBe('checked')
  })
})

describe('the selected source', () => {
  test('is the one checked first until one is nominated, then the one nominated last', () => {
    check(request(), 5001)
    check(request(), 5002)
    expect(ice.selected?.port).toBe(5001)
    check(request({ nominate: true }), 5002)
    expect(ice.selected?.port).toBe(5002)
    check(request(), 5001)
    expect(ice.selected?.port).toBe(5002)
    check(request({ nominate: true }), 5001)
    expect(ice.selected?.port).toBe(5001)
  })

  test('is given up when its consent runs out (RFC 7675 §5.1)', () => {
    check(request({ nominate: true }), 5001, 0)
    check(request(), 5002, 20_000)
    ice.expire(30_001)
    expect(ice.isValidated('127.0.0.1', 5001)).toBe(false)
    expect(ice.selected?.port).toBe(5002)
  })

  test('never grows past a bounded set: the source checked longest ago makes room', () => {
    for (let n = 0; n < 20; n++) check(request(), 6000 + n, n)
    const validated = Array.from({ length: 20 }, (_, n) => ice.isValidated('127.0.0.1', 6000 + n))
    expect(validated.filter(Boolean)).toHaveLength(8)
    expect(validated.slice(-8).every(Boolean)).toBe(true)
  })
})

describe('an ICE restart (RFC 8445 §9)', () => {
  test('makes new credentials; the former hold until a check under the new has passed', () => {
    const former = ice.credentials
    const underFormer = () => request({ username: `${former.ufrag}:peer`, pwd: former.pwd })
    check(request({ nominate: true }), 5001)
    const fresh = ice.restart()
    expect(fresh).not.toEqual(former)
    ice.setRemoteUfrag('reborn')
    expect(check(underFormer(), 5001).kind).toBe('checked')
    expect(check(request({ username: `${fresh.ufrag}:reborn`, nominate: true }), 5002).kind).toBe('checked')
    expect(ice.selected?.port).toBe(5002)
    expect(check(underFormer(), 5001).kind).toBe('foreign')
  })
})

function withoutFingerprint(message: Buffer): Buffer {
  const cut = Buffer.from(message.subarray(0, message.length - 8))
  cut.writeUInt16BE(cut.length - 20, 2)
  return cut
}
