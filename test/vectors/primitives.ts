import { createCipheriv } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { defaultKernelDirectory } from '../../electron/media/srtp/kernel/load.ts'
import { srtpProfiles } from '../../electron/media/srtp/profiles.ts'
import { AesGcmTransform } from '../../electron/media/srtp/reference/aes-gcm-transform.ts'
import { aesCtrName, deriveSessionKey, type KdfLabel } from '../../electron/media/srtp/reference/key-derivation.ts'
import type { CryptoSuite } from '../../shared/model/media.ts'

/** What lies below packets, of one implementation: published vectors begin here. */
export interface Primitives {
  readonly name: string
  keystream(key: Uint8Array, iv: Uint8Array, bytes: number): Uint8Array
  derive(masterKey: Uint8Array, masterSalt: Uint8Array, label: KdfLabel, bytes: number): Uint8Array
  /** Packets under given session keys; each call begins anew at the given index. */
  aead(suite: CryptoSuite, sessionKey: Uint8Array, sessionSalt: Uint8Array): AeadPackets
}

export interface AeadPackets {
  protectRtp(packet: Uint8Array): Uint8Array
  unprotectRtp(packet: Uint8Array): Uint8Array
  protectRtcp(packet: Uint8Array, index: number): Uint8Array
  unprotectRtcp(packet: Uint8Array): Uint8Array
}

const ROOM = 64

function inPlace(packet: Uint8Array, call: (buffer: Uint8Array) => number): Uint8Array {
  const buffer = new Uint8Array(packet.length + ROOM)
  buffer.set(packet)
  return buffer.slice(0, call(buffer))
}

function uint(packet: Uint8Array, offset: number, bytes: number): number {
  return Buffer.from(packet).readUIntBE(offset, bytes)
}

const reference: Primitives = {
  name: 'reference',
  keystream: (key, iv, bytes) =>
    new Uint8Array(createCipheriv(aesCtrName(key.length), key, iv).update(new Uint8Array(bytes))),
  derive: (masterKey, masterSalt, label, bytes) =>
    new Uint8Array(deriveSessionKey(masterKey, masterSalt, label, bytes)),
  aead(suite, sessionKey, sessionSalt) {
    const none = Buffer.alloc(0)
    const [key, salt] = [Buffer.from(sessionKey), Buffer.from(sessionSalt)]
    const keys = { rtpKey: key, rtpAuth: none, rtpSalt: salt, rtcpKey: key, rtcpAuth: none, rtcpSalt: salt }
    const transform = new AesGcmTransform(srtpProfiles[suite], keys, new Uint8Array(0))
    const rtp = (packet: Uint8Array): [number, number, number] => [12, uint(packet, 8, 4), uint(packet, 2, 2)]
    return {
      protectRtp: (packet) => inPlace(packet, (b) => transform.protectRtp(b, packet.length, ...rtp(packet))),
      unprotectRtp: (packet) => inPlace(packet, (b) => transform.unprotectRtp(b, packet.length, ...rtp(packet))),
      protectRtcp: (packet, index) =>
        inPlace(packet, (b) => transform.protectRtcp(b, packet.length, uint(packet, 4, 4), index)),
      unprotectRtcp: (packet) => inPlace(packet, (b) => transform.unprotectRtcp(b, packet.length, uint(packet, 4, 4))),
    }
  },
}

/** Exports of `kernel/assembly/primitives.ts` that these tests use. */
interface PrimitiveExports {
  readonly memory: WebAssembly.Memory
  packetAddress(): number
  keystream(keyBytes: number, blocks: number): void
  derive(keyBytes: number, saltBytes: number, label: number, bytes: number): void
  replaceAeadKeys(context: number, saltBytes: number): void
  createContext(keyBytes: number, rtpTagBytes: number, rtcpTagBytes: number, aead: boolean): number
  addMasterKey(context: number, saltBytes: number, mkiBytes: number, ...counts: number[]): number
  resumeStream(context: number, ssrc: number, rtpIndex: number, rtcpIndex: number): void
  protectRtp(context: number, length: number): number
  protectRtcp(context: number, length: number): number
  unprotectRtp(context: number, length: number): number
  unprotectRtcp(context: number, length: number): number
}

function kernelPrimitives(build: 'baseline' | 'simd'): Primitives {
  const bytes = readFileSync(new URL(`primitives-${build}.wasm`, defaultKernelDirectory))
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes))
  const kernel = instance.exports as unknown as PrimitiveExports
  const area = (): Uint8Array => new Uint8Array(kernel.memory.buffer, kernel.packetAddress(), 4096)
  const put = (...parts: Uint8Array[]): void => area().set(Buffer.concat(parts))
  return {
    name: `wasm-${build}`,
    keystream(key, iv, length) {
      put(key, iv)
      kernel.keystream(key.length, Math.ceil(length / 16))
      return area().slice(0, length)
    },
    derive(masterKey, masterSalt, label, length) {
      put(masterKey, masterSalt)
      kernel.derive(masterKey.length, masterSalt.length, label, length)
      return area().slice(0, length)
    },
    aead(suite, sessionKey, sessionSalt) {
      const { keyBytes, saltBytes, rtpTagBytes, rtcpTagBytes } = srtpProfiles[suite]
      const fresh = (): number => {
        const context = kernel.createContext(keyBytes, rtpTagBytes, rtcpTagBytes, true)
        kernel.addMasterKey(context, saltBytes, 0, 2 ** 48, 2 ** 31, 0, 0)
        put(sessionKey, sessionSalt)
        kernel.replaceAeadKeys(context, sessionSalt.length)
        return context
      }
      const run = (packet: Uint8Array, call: (length: number) => number): Uint8Array => {
        put(packet)
        return area().slice(0, Math.max(0, call(packet.length)))
      }
      return {
        protectRtp(packet) {
          const context = fresh()
          return run(packet, (length) => kernel.protectRtp(context, length))
        },
        unprotectRtp(packet) {
          const context = fresh()
          return run(packet, (length) => kernel.unprotectRtp(context, length))
        },
        protectRtcp(packet, index) {
          const context = fresh()
          kernel.resumeStream(context, uint(packet, 4, 4), -1, index - 1)
          return run(packet, (length) => kernel.protectRtcp(context, length))
        },
        unprotectRtcp(packet) {
          const context = fresh()
          return run(packet, (length) => kernel.unprotectRtcp(context, length))
        },
      }
    },
  }
}

export const primitives: readonly Primitives[] = [reference, kernelPrimitives('baseline'), kernelPrimitives('simd')]
