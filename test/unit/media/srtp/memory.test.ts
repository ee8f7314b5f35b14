import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createKernelEngine } from '../../../../electron/media/srtp/kernel/engine.ts'
import { Kernel } from '../../../../electron/media/srtp/kernel/kernel.ts'
import { defaultKernelDirectory, loadKernelSync } from '../../../../electron/media/srtp/kernel/load.ts'
import { cryptoSuites } from '../../../../shared/model/media.ts'
import { masterKeyFor } from './implementations.ts'
import { protectedBytes, rtpPacket } from './packets.ts'
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
    // What is left are the addresses that link the freed slots: one word at most in each of the seven.
    const left = stateOf(kernel).reduce((count, byte) => count + (byte === 0 ? 0 : 1), 0)
    expect(left).toBeLessThanOrEqual(7 * 4)
  })

  test('the key material handed over is wiped from the packet area', () => {
    const kernel = kernelOf(build)
    const key = masterKeyFor('AES_256_CM_HMAC_SHA1_80', random)
    createKernelEngine(build, kernel).createSender('AES_256_CM_HMAC_SHA1_80', key)
    const memory = Buffer.from(kernel.exports.memory.buffer)
    expect(memory.indexOf(key.masterKey)).toBe(-1)
    expect(memory.indexOf(key.masterSalt)).toBe(-1)
  })

  test('contexts opened and closed 10000 times do not grow the memory', () => {
    const kernel = kernelOf(build)
    const engine = createKernelEngine(build, kernel)
    const key = masterKeyFor('AEAD_AES_128_GCM', random)
    const cycle = (): void => {
      const sender = engine.createSender('AEAD_AES_128_GCM', key)
      const receiver = engine.createReceiver('AEAD_AES_128_GCM', [key])
      sender.close()
      receiver.close()
    }
    cycle()
    const before = kernel.exports.memory.buffer.byteLength
    for (let n = 0; n < 10_000; n++) cycle()
    expect(kernel.exports.memory.buffer.byteLength).toBe(before)
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
