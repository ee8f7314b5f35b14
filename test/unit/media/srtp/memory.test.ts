import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createKernelEngine } from '../../../../electron/media/srtp/kernel/engine.ts'
import { Kernel } from '../../../../electron/media/srtp/kernel/kernel.ts'
import { defaultKernelDirectory, loadKernelSync } from '../../../../electron/media/srtp/kernel/load.ts'
import { srtpProfiles } from '../../../../electron/media/srtp/profiles.ts'
import { cryptoSuites } from '../../../../shared/model/media.ts'
import { masterKeyFor } from './implementations.ts'
import { protectedBytes, rtpPacket, unprotect } from './packets.ts'
import { seededRandom } from './random.ts'

const builds = ['baseline', 'simd'] as const
const random = seededRandom()

function kernelOf(build: (typeof builds)[number]): Kernel {
  return new Kernel(loadKernelSync(defaultKernelDirectory, build).module)
}

function stateOf(kernel: Kernel): Uint8Array {
  return new Uint8Array(kernel.exports.memory.buffer, kernel.exports.stateAddress())
}

describe.each(builds)('%s', (build) => {
  test.each(cryptoSuites)('close wipes every byte of the state: %s', (suite) => {
    const kernel = kernelOf(build)
    const engine = createKernelEngine(build, kernel)
    const mki = Uint8Array.of(1, 2, 3)
    const key = masterKeyFor(suite, random, { mki })
    const sender = engine.createSender(suite, key)
    const receiver = engine.createReceiver(suite, [key, masterKeyFor(suite, random, { mki: Uint8Array.of(4, 5, 6) })])
    receiver.unprotectRtp(protectedBytes(sender, rtpPacket({ seq: 1 })), 185)
    receiver.rekey(suite, [masterKeyFor(suite, random)])
    const used = stateOf(kernel).reduce((count, byte) => count + (byte === 0 ? 0 : 1), 0)
    expect(used).toBeGreaterThan(500)
    sender.close()
    receiver.close()
    // What is left are the addresses that link the freed slots: one word at most in each. Three contexts, four keys, a
    // stream of the sender and one of the receiver.
    const left = stateOf(kernel).reduce((count, byte) => count + (byte === 0 ? 0 : 1), 0)
    expect(left).toBeLessThanOrEqual(9 * 4)
  })

  test('the key material handed over is wiped from the packet area', () => {
    const kernel = kernelOf(build)
    const key = masterKeyFor('AES_256_CM_HMAC_SHA1_80', random)
    createKernelEngine(build, kernel).createSender('AES_256_CM_HMAC_SHA1_80', key)
    const memory = Buffer.from(kernel.exports.memory.buffer)
    expect(memory.indexOf(key.masterKey)).toBe(-1)
    expect(memory.indexOf(key.masterSalt)).toBe(-1)
  })

  test('contexts opened and closed 2000 times do not grow the memory', () => {
    const kernel = kernelOf(build)
    const engine = createKernelEngine(build, kernel)
    const [key, other] = [masterKeyFor('AEAD_AES_128_GCM', random), masterKeyFor('AEAD_AES_128_GCM', random)]
    const cycle = (): void => {
      const sender = engine.createSender('AEAD_AES_128_GCM', key)
      const receiver = engine.createReceiver('AEAD_AES_128_GCM', [key])
      // Streams, a copy of them under the same key, and what is remembered of them under another.
      for (const ssrc of [1, 2, 3]) unprotect(receiver, protectedBytes(sender, rtpPacket({ seq: 1, ssrc })))
      receiver.rekey('AEAD_AES_128_GCM', [key])
      receiver.rekey('AEAD_AES_128_GCM', [other])
      const next = engine.createSender('AEAD_AES_128_GCM', other)
      unprotect(receiver, protectedBytes(next, rtpPacket({ seq: 2 })))
      next.close()
      sender.close()
      receiver.close()
    }
    cycle()
    const before = kernel.exports.memory.buffer.byteLength
    for (let n = 0; n < 2000; n++) cycle()
    expect(kernel.exports.memory.buffer.byteLength).toBe(before)
  })

  test('a context takes room for the streams that it follows, and for no others', () => {
    const kernel = kernelOf(build)
    const suite = 'AES_CM_128_HMAC_SHA1_80'
    const size = (): number => kernel.exports.memory.buffer.byteLength
    const grown = (before: number): number => size() - before
    let before = size()
    for (let n = 0; n < 1600; n++) kernel.createContext(srtpProfiles[suite])
    expect(grown(before)).toBeLessThanOrEqual(1600 * 64 + 65_536)
    const engine = createKernelEngine(build, kernel)
    const key = masterKeyFor(suite, random)
    const receivers = Array.from({ length: 1600 }, () => engine.createReceiver(suite, [key]))
    const bytes = protectedBytes(engine.createSender(suite, key), rtpPacket({ seq: 1 }))
    before = size()
    for (const receiver of receivers) expect(receiver.unprotectRtp(bytes.slice(), bytes.length)).toBe(172)
    expect(grown(before)).toBeLessThanOrEqual(1600 * 64 + 65_536)
  })

  test('a packet comes back whole also when the memory grows for its stream', () => {
    const kernel = kernelOf(build)
    const engine = createKernelEngine(build, kernel)
    const suite = 'AES_CM_128_HMAC_SHA1_80'
    const key = masterKeyFor(suite, random)
    let [growths, size] = [0, kernel.exports.memory.buffer.byteLength]
    const hasGrown = (): boolean => kernel.exports.memory.buffer.byteLength > size
    // Two streams for each packet: its sender's and its receiver's. A page holds 1024.
    for (let pair = 0; pair < 50; pair++) {
      const [sender, receiver] = [engine.createSender(suite, key), engine.createReceiver(suite, [key])]
      size = kernel.exports.memory.buffer.byteLength
      for (let ssrc = 0; ssrc < 64; ssrc++) {
        const plain = rtpPacket({ seq: 1, ssrc })
        expect(unprotect(receiver, protectedBytes(sender, plain)).bytes).toEqual(plain)
        if (hasGrown()) growths++
        size = kernel.exports.memory.buffer.byteLength
      }
    }
    expect(growths).toBeGreaterThan(1)
  })

  test('1600 contexts at once work, the memory having grown under them', () => {
    const engine = createKernelEngine(build, kernelOf(build))
    const key = masterKeyFor('AES_CM_128_HMAC_SHA1_80', random)
    const receivers = Array.from({ length: 1600 }, () => engine.createReceiver('AES_CM_128_HMAC_SHA1_80', [key]))
    const bytes = protectedBytes(engine.createSender('AES_CM_128_HMAC_SHA1_80', key), rtpPacket({ seq: 1 }))
    const results = receivers.map((receiver) => receiver.unprotectRtp(bytes.slice(), bytes.length))
    expect(new Set(results)).toEqual(new Set([172]))
  })
})

test('no byte is allocated on the heap per packet', () => {
  const script = fileURLToPath(new URL('measure-allocation.ts', import.meta.url))
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual({ packets: 100_000, bytesPerPacket: 0 })
})
