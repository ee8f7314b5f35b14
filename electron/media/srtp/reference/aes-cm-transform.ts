import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import { rolloverCounter } from '../packet-index.ts'
import { RTCP_CLEAR_BYTES, SRTCP_INDEX_BYTES, type SrtpProfile } from '../profiles.ts'
import { srtpStatus } from '../status.ts'
import { aesCtrName, type SessionSecrets } from './key-derivation.ts'
import { ENCRYPTED_FLAG, type Transform, view } from './transform.ts'

const BLOCK_BYTES = 16

/** AES counter mode with HMAC-SHA1 (RFC 3711 §4.1.1, §4.2.1; RFC 6188). */
export class AesCmTransform implements Transform {
  private readonly profile: SrtpProfile
  private readonly mki: Uint8Array
  private readonly cipherName: string
  private readonly rtpKey: Buffer
  private readonly rtpAuth: Buffer
  private readonly rtpSalt: Buffer
  private readonly rtcpKey: Buffer
  private readonly rtcpAuth: Buffer
  private readonly rtcpSalt: Buffer

  constructor(profile: SrtpProfile, keys: SessionSecrets, mki: Uint8Array) {
    this.profile = profile
    this.mki = mki
    this.cipherName = aesCtrName(profile.keyBytes)
    this.rtpKey = keys.rtpKey
    this.rtpAuth = keys.rtpAuth
    this.rtpSalt = keys.rtpSalt
    this.rtcpKey = keys.rtcpKey
    this.rtcpAuth = keys.rtcpAuth
    this.rtcpSalt = keys.rtcpSalt
  }

  protectRtp(buffer: Uint8Array, length: number, headerBytes: number, ssrc: number, index: number): number {
    this.crypt(this.rtpKey, this.rtpSalt, view(buffer, headerBytes, length), ssrc, index)
    buffer.set(this.mki, length)
    const tag = this.rtpTag(buffer, length, index)
    buffer.set(tag, length + this.mki.length)
    return length + this.mki.length + tag.length
  }

  unprotectRtp(buffer: Uint8Array, length: number, headerBytes: number, ssrc: number, index: number): number {
    const end = length - this.profile.rtpTagBytes
    const authenticated = end - this.mki.length
    if (!timingSafeEqual(this.rtpTag(buffer, authenticated, index), view(buffer, end, length)))
      return srtpStatus.authFailed
    this.crypt(this.rtpKey, this.rtpSalt, view(buffer, headerBytes, authenticated), ssrc, index)
    return authenticated
  }

  protectRtcp(buffer: Uint8Array, length: number, ssrc: number, index: number): number {
    this.crypt(this.rtcpKey, this.rtcpSalt, view(buffer, RTCP_CLEAR_BYTES, length), ssrc, index)
    const authenticated = length + SRTCP_INDEX_BYTES
    view(buffer, length, authenticated).writeUInt32BE(ENCRYPTED_FLAG + index)
    buffer.set(this.mki, authenticated)
    const tag = this.rtcpTag(buffer, authenticated)
    buffer.set(tag, authenticated + this.mki.length)
    return authenticated + this.mki.length + tag.length
  }

  unprotectRtcp(buffer: Uint8Array, length: number, ssrc: number): number {
    const end = length - this.profile.rtcpTagBytes
    const authenticated = end - this.mki.length
    if (!timingSafeEqual(this.rtcpTag(buffer, authenticated), view(buffer, end, length))) return srtpStatus.authFailed
    const word = this.rtcpIndexWord(buffer, length)
    const body = authenticated - SRTCP_INDEX_BYTES
    if (word >= ENCRYPTED_FLAG) {
      this.crypt(this.rtcpKey, this.rtcpSalt, view(buffer, RTCP_CLEAR_BYTES, body), ssrc, word - ENCRYPTED_FLAG)
    }
    return body
  }

  rtcpIndexWord(buffer: Uint8Array, length: number): number {
    const end = length - this.profile.rtcpTagBytes - this.mki.length
    return view(buffer, end - SRTCP_INDEX_BYTES, end).readUInt32BE()
  }

  get rtpSecrets(): readonly [Buffer, Buffer] {
    return [this.rtpKey, this.rtpSalt]
  }

  hasKeyOf({ rtpSecrets: [key, salt] }: Transform): boolean {
    return this.rtpKey.equals(key) && this.rtpSalt.equals(salt)
  }

  wipe(): void {
    for (const secret of [this.rtpKey, this.rtpAuth, this.rtpSalt, this.rtcpKey, this.rtcpAuth, this.rtcpSalt]) {
      secret.fill(0)
    }
  }

  /** IV = (salt · 2^16) XOR (SSRC · 2^64) XOR (index · 2^16), the low 16 bits counting blocks (RFC 3711 §4.1.1). */
  private crypt(key: Buffer, salt: Buffer, text: Buffer, ssrc: number, index: number): void {
    const iv = Buffer.alloc(BLOCK_BYTES)
    iv.set(salt)
    iv.writeUInt32BE((iv.readUInt32BE(4) ^ ssrc) >>> 0, 4)
    iv.writeUInt32BE((iv.readUInt32BE(8) ^ rolloverCounter(index)) >>> 0, 8)
    iv.writeUInt16BE(iv.readUInt16BE(12) ^ (index % 0x10000), 12)
    text.set(createCipheriv(this.cipherName, key, iv).update(text))
  }

  /** The ROC is authenticated although it is not sent (RFC 3711 §4.2). */
  private rtpTag(buffer: Uint8Array, authenticated: number, index: number): Buffer {
    const roc = Buffer.alloc(4)
    roc.writeUInt32BE(rolloverCounter(index))
    const mac = createHmac('sha1', this.rtpAuth)
      .update(view(buffer, 0, authenticated))
      .update(roc)
      .digest()
    return mac.subarray(0, this.profile.rtpTagBytes)
  }

  private rtcpTag(buffer: Uint8Array, authenticated: number): Buffer {
    const mac = createHmac('sha1', this.rtcpAuth)
      .update(view(buffer, 0, authenticated))
      .digest()
    return mac.subarray(0, this.profile.rtcpTagBytes)
  }
}
