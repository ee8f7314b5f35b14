import { describe, expect, test } from 'vitest'
import { createKernelEngine } from '../../../../electron/media/srtp/kernel/engine.ts'
import { Kernel } from '../../../../electron/media/srtp/kernel/kernel.ts'
import { defaultKernelDirectory, loadKernelSync } from '../../../../electron/media/srtp/kernel/load.ts'
import { MAX_STREAMS } from '../../../../electron/media/srtp/profiles.ts'
import { createReferenceEngine } from '../../../../electron/media/srtp/reference/engine.ts'
import type { SrtpEngine, SrtpReceiver } from '../../../../electron/media/srtp/types.ts'
import { cryptoSuites } from '../../../../shared/model/media.ts'
import { tryForgeries, tryReplays } from './campaigns/attacks.ts'
import { masterKeyFor, variants } from './implementations.ts'
import { protectedBytes, rtcpPacket, rtpPacket, SSRC, unprotect } from './packets.ts'
import { seededRandom } from './random.ts'

const FORGERIES = 1400
const REPLAYS = 1000

describe('forged packets', () => {
  test.each(variants)('$name: none of seven kinds is accepted', ({ engine, suite }) => {
    const random = seededRandom()
    // A tag of 32 bits falls to chance once in 2^32 tries: not in these.
    expect(tryForgeries(engine, suite, FORGERIES, random), `seed ${random.seed}`).toEqual({
      tried: FORGERIES,
      accepted: 0,
    })
  })

  test.each((['baseline', 'simd'] as const).flatMap((build) => cryptoSuites.map((suite) => ({ build, suite }))))(
    'change no byte of the state: wasm-$build $suite',
    ({ build, suite }) => {
      const kernel = new Kernel(loadKernelSync(defaultKernelDirectory, build).module)
      const engine = createKernelEngine(build, kernel)
      const random = seededRandom()
      const state = (): Uint8Array => new Uint8Array(kernel.exports.memory.buffer, kernel.exports.stateAddress())
      let before: Uint8Array | undefined
      const unchanged = (): void => {
        before ??= state().slice()
        if (Buffer.compare(before, state()) !== 0) throw new Error(`state changed; seed ${random.seed}`)
      }
      expect(tryForgeries(engine, suite, 210, random, unchanged)).toEqual({ tried: 210, accepted: 0 })
    },
  )

  test.each(cryptoSuites)('change nothing of the reference: %s', (suite) => {
    const random = seededRandom()
    const receivers: SrtpReceiver[] = []
    const reference = createReferenceEngine()
    const engine: SrtpEngine = {
      ...reference,
      createReceiver: (...args) => {
        const receiver = reference.createReceiver(...args)
        receivers.push(receiver)
        return receiver
      },
    }
    let before: string | undefined
    const state = (): string => JSON.stringify(plainState(receivers))
    const unchanged = (): void => {
      before ??= state()
      if (before !== state()) throw new Error(`state changed; seed ${random.seed}`)
    }
    expect(tryForgeries(engine, suite, 210, random, unchanged)).toEqual({ tried: 210, accepted: 0 })
  })

  test.each(variants)(
    '$name: a packet of an unknown SSRC takes no place until it authenticates',
    ({ engine, suite }) => {
      const random = seededRandom()
      const key = masterKeyFor(suite, random)
      const sender = engine.createSender(suite, key)
      const receiver = engine.createReceiver(suite, [key])
      const bytes = protectedBytes(sender, rtpPacket({ seq: 1 }))
      for (let n = 0; n <= MAX_STREAMS; n++) {
        const forged = bytes.slice()
        new DataView(forged.buffer).setUint32(8, random.integer(2 ** 32))
        expect(unprotect(receiver, forged).result).toBe(-1)
      }
      expect(unprotect(receiver, bytes).result).toBe(172)
    },
  )

  test.each(variants)('$name: every truncation is refused without harm', ({ engine, suite }) => {
    const random = seededRandom()
    const key = masterKeyFor(suite, random)
    const sender = engine.createSender(suite, key)
    const receiver = engine.createReceiver(suite, [key])
    const rtp = protectedBytes(sender, rtpPacket({ seq: 7, payload: random.bytes(20), csrcs: 2, extensionWords: 1 }))
    const rtcp = protectedBytes(sender, rtcpPacket(random.bytes(20)), 'rtcp')
    for (let n = 0; n < rtp.length; n++) expect(unprotect(receiver, rtp.slice(0, n)).result).toBeLessThan(0)
    for (let n = 0; n < rtcp.length; n++) expect(unprotect(receiver, rtcp.slice(0, n), 'rtcp').result).toBeLessThan(0)
    expect(unprotect(receiver, rtp).result).toBeGreaterThan(0)
    expect(unprotect(receiver, rtcp, 'rtcp').result).toBeGreaterThan(0)
  })

  test.each(variants)('$name: a refused packet is left as it came', ({ engine, suite }) => {
    const random = seededRandom()
    const key = masterKeyFor(suite, random)
    const bytes = protectedBytes(engine.createSender(suite, key), rtpPacket({ seq: 7 }))
    bytes[20] = (bytes[20] ?? 0) ^ 1
    const copy = bytes.slice()
    expect(engine.createReceiver(suite, [key]).unprotectRtp(copy, copy.length)).toBe(-1)
    expect(copy).toEqual(bytes)
  })
})

describe('replayed packets', () => {
  test.each(variants)('$name: none is accepted, whatever its age', ({ engine, suite }) => {
    const random = seededRandom()
    expect(tryReplays(engine, suite, REPLAYS, random), `seed ${random.seed}`).toEqual({ tried: REPLAYS, accepted: 0 })
  })
})

describe('canaries: the campaigns find an engine without its checks', () => {
  const reference = createReferenceEngine()
  const random = seededRandom()

  /** An engine whose receivers are changed by `sabotage`. */
  function sabotaged(sabotage: (fresh: () => SrtpReceiver) => SrtpReceiver): SrtpEngine {
    return { ...reference, createReceiver: (...args) => sabotage(() => reference.createReceiver(...args)) }
  }

  test('no replay list', () => {
    const forgetful = sabotaged((fresh) => ({
      suite: 'AES_CM_128_HMAC_SHA1_80',
      keyLifetime: 'ample',
      unprotectRtp: (buffer, length) => fresh().unprotectRtp(buffer, length),
      unprotectRtcp: (buffer, length) => fresh().unprotectRtcp(buffer, length),
      rekey: () => undefined,
      close: () => undefined,
    }))
    expect(tryReplays(forgetful, 'AES_CM_128_HMAC_SHA1_80', 100, random).accepted).toBe(100)
  })

  test('no tag check', () => {
    const credulous = sabotaged((fresh) => {
      const receiver = fresh()
      const passing = (result: number): number => (result === -1 ? 1 : result)
      return {
        suite: 'AES_CM_128_HMAC_SHA1_80',
        keyLifetime: 'ample',
        unprotectRtp: (buffer, length) => passing(receiver.unprotectRtp(buffer, length)),
        unprotectRtcp: (buffer, length) => passing(receiver.unprotectRtcp(buffer, length)),
        rekey: () => undefined,
        close: () => undefined,
      }
    })
    expect(tryForgeries(credulous, 'AES_CM_128_HMAC_SHA1_80', 100, random).accepted).toBeGreaterThan(40)
  })

  test('state moved by a forgery', () => {
    const kernel = new Kernel(loadKernelSync(defaultKernelDirectory, 'simd').module)
    const key = masterKeyFor('AES_CM_128_HMAC_SHA1_80', random)
    const engine = createKernelEngine('simd', kernel)
    const sender = engine.createSender('AES_CM_128_HMAC_SHA1_80', key)
    const receiver = engine.createReceiver('AES_CM_128_HMAC_SHA1_80', [key])
    const state = (): Uint8Array => new Uint8Array(kernel.exports.memory.buffer, kernel.exports.stateAddress()).slice()
    const bytes = protectedBytes(sender, rtpPacket({ seq: 1, ssrc: SSRC }))
    const before = state()
    unprotect(receiver, bytes)
    expect(Buffer.compare(before, state()), 'an authentic packet shows in the snapshot').not.toBe(0)
  })
})

/** All data of an object graph, private fields included, in a form that JSON keeps. */
function plainState(value: unknown): unknown {
  if (typeof value === 'function') return undefined
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (value instanceof Map) return [...value].map(plainState)
  if (Array.isArray(value)) return value.map(plainState)
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plainState(part)]))
}
