import { SrtpError } from '../errors.ts'
import type { PacketCounts } from '../key-lifetime.ts'
import { MAX_PACKET_BYTES, type SrtpProfile } from '../profiles.ts'

/** What the compiled module offers: the list of `assembly/index.ts`. Contexts and keys are addresses in its memory. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory
  packetAddress(): number
  stateAddress(): number
  createContext(keyBytes: number, rtpTagBytes: number, rtcpTagBytes: number, aead: boolean): number
  addMasterKey(
    context: number,
    saltBytes: number,
    mkiBytes: number,
    rtpLimit: number,
    rtcpLimit: number,
    rtpUsed: number,
    rtcpUsed: number,
  ): number
  rtpPackets(key: number): number
  rtcpPackets(key: number): number
  resumeStream(context: number, ssrc: number, rtpIndex: number, rtcpIndex: number): void
  follow(context: number, older: number): void
  stopFollowing(context: number): void
  closeContext(context: number): void
  protectRtp(context: number, length: number): number
  protectRtcp(context: number, length: number): number
  unprotectRtp(context: number, length: number): number
  unprotectRtcp(context: number, length: number): number
}

/** Buffers up to this length are copied whole by one native call; of longer ones only the packet, byte by byte. */
const WHOLE_COPY_BYTES = 2048

/**
 * One instance of the compiled module with the views through which packets go in and out. A view is made once for each
 * buffer length that occurs, so that packets allocate nothing.
 */
export class Kernel {
  readonly exports: KernelExports
  private readonly packetAddress: number
  private packetView: Uint8Array
  private readonly prefixes = new Array<Uint8Array | undefined>(WHOLE_COPY_BYTES + 1).fill(undefined)

  /** @throws SrtpError `srtp/kernel-unusable` when the module is not one of ours */
  constructor(module: WebAssembly.Module) {
    const { exports } = new WebAssembly.Instance(module)
    if (!isKernel(exports)) throw new SrtpError('srtp/kernel-unusable', 'the SRTP kernel lacks some of its functions')
    this.exports = exports
    this.packetAddress = exports.packetAddress()
    this.packetView = this.viewPacket()
  }

  createContext({ keyBytes, rtpTagBytes, rtcpTagBytes, aead }: SrtpProfile): number {
    return this.exports.createContext(keyBytes, rtpTagBytes, rtcpTagBytes, aead)
  }

  /**
   * Adds a master key to a context.
   * @param limits - packets the key may secure
   * @param used - packets it has secured already
   * @returns the key's address
   */
  addMasterKey(
    context: number,
    { masterKey, masterSalt, mki }: { masterKey: Uint8Array; masterSalt: Uint8Array; mki: Uint8Array },
    limits: PacketCounts,
    used: PacketCounts,
  ): number {
    const { packet } = this
    packet.set(masterKey)
    packet.set(masterSalt, masterKey.length)
    packet.set(mki, masterKey.length + masterSalt.length)
    return this.exports.addMasterKey(
      context,
      masterSalt.length,
      mki.length,
      limits.rtp,
      limits.rtcp,
      used.rtp,
      used.rtcp,
    )
  }

  /** Copies `buffer[0..length)` to the packet area. */
  copyIn(buffer: Uint8Array, length: number): void {
    const { packet } = this
    if (buffer.length <= WHOLE_COPY_BYTES) packet.set(buffer)
    else for (let n = 0; n < length; n++) packet[n] = buffer[n] ?? 0
  }

  /** Copies the packet area to `buffer[0..length)`; what follows in a short buffer is overwritten too. */
  copyOut(buffer: Uint8Array, length: number): void {
    const { packet } = this
    if (buffer.length <= WHOLE_COPY_BYTES) buffer.set(this.prefix(packet, buffer.length))
    else for (let n = 0; n < length; n++) buffer[n] = packet[n] ?? 0
  }

  private prefix(packet: Uint8Array, length: number): Uint8Array {
    const made = this.prefixes[length]
    if (made !== undefined) return made
    const prefix = packet.subarray(0, length)
    this.prefixes[length] = prefix
    return prefix
  }

  /**
   * The packet area. A memory that has grown has a new buffer, and the old views are dead: a context, a key or the first
   * packet of a stream may have done that since the last look.
   */
  private get packet(): Uint8Array {
    if (this.packetView.length > 0) return this.packetView
    this.packetView = this.viewPacket()
    this.prefixes.fill(undefined)
    return this.packetView
  }

  private viewPacket(): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, this.packetAddress, MAX_PACKET_BYTES)
  }
}

const functionNames = [
  'packetAddress',
  'stateAddress',
  'createContext',
  'addMasterKey',
  'rtpPackets',
  'rtcpPackets',
  'resumeStream',
  'follow',
  'stopFollowing',
  'closeContext',
  'protectRtp',
  'protectRtcp',
  'unprotectRtp',
  'unprotectRtcp',
] as const satisfies readonly Exclude<keyof KernelExports, 'memory'>[]

function isKernel(exports: WebAssembly.Exports): exports is WebAssembly.Exports & KernelExports {
  return (
    exports.memory instanceof WebAssembly.Memory && functionNames.every((name) => typeof exports[name] === 'function')
  )
}
