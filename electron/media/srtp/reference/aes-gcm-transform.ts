import { createCipheriv, createDecipheriv } from 'node:crypto'
import { rolloverCounter } from '../packet-index.ts'
import { RTCP_CLEAR_BYTES, SRTCP_INDEX_BYTES, type SrtpProfile } from '../profiles.ts'
import { srtpStatus } from '../status.ts'
import type { SessionSecrets } from './key-derivation.ts'
import { ENCRYPTED_FLAG, type Transform, view } from './transform.ts'

const TAG_BYTES = 16
const NOTHING = Buffer.alloc(0)

/** AES in Galois/Counter Mode (RFC 7714). */
export class AesGcmTransform implements Transform {
  private readonly mki: Uint8Array
  private readonly cipherName: 'aes-128-gcm' | 'aes-256-gcm'
  private readonly rtpKey: Buffer
  private readonly rtpSalt: Buffer
  private readonly rtcpKey: Buffer
  private readonly rtcpSalt: Buffer

  constructor(profile: SrtpProfile, keys: SessionSecrets, mki: Uint8Array) {
    this.mki = mki
    this.cipherName = profile.keyBytes === 16 ? 'aes-128-gcm' : 'aes-256-gcm'
    this.rtpKey = keys.rtpKey
    this.rtpSalt = keys.rtpSalt
    this.rtcpKey = keys.rtcpKey
    this.rtcpSalt = keys.rtcpSalt
  }

  protectRtp(buffer: Uint8Array, length: number, headerBytes: number, ssrc: number, index: number): number {
    const aad = view(buffer, 0, headerBytes)
    const tagged = this.seal(this.rtpKey, this.rtpIv(ssrc, index), aad, buffer, headerBytes, length)
    buffer.set(this.mki, tagged)
    return tagged + this.mki.length
  }

  unprotectRtp(buffer: Uint8Array, length: number, headerBytes: number, ssrc: number, index: number): number {
    const end = length - this.mki.length
    return this.open(this.rtpKey, this.rtpIv(ssrc, index), view(buffer, 0, headerBytes), buffer, headerBytes, end)
  }

  protectRtcp(buffer: Uint8Array, length: number, ssrc: number, index: number): number {
    const word = Buffer.alloc(SRTCP_INDEX_BYTES)
    word.writeUInt32BE(ENCRYPTED_FLAG + index)
    const aad = Buffer.concat([view(buffer, 0, RTCP_CLEAR_BYTES), word])
    const tagged = this.seal(this.rtcpKey, this.rtcpIv(ssrc, index), aad, buffer, RTCP_CLEAR_BYTES, length)
    buffer.set(word, tagged)
    buffer.set(this.mki, tagged + SRTCP_INDEX_BYTES)
    return tagged + SRTCP_INDEX_BYTES + this.mki.length
  }

  unprotectRtcp(buffer: Uint8Array, length: number, ssrc: number): number {
    const word = this.rtcpIndexWord(buffer, length)
    const tagEnd = length - this.mki.length - SRTCP_INDEX_BYTES
    const wordBytes = view(buffer, tagEnd, tagEnd + SRTCP_INDEX_BYTES)
    // Without the E flag nothing is encrypted and the whole packet is associated data (RFC 7714 §9.3).
    const encrypted = word >= ENCRYPTED_FLAG
    const start = encrypted ? RTCP_CLEAR_BYTES : tagEnd - TAG_BYTES
    const aad = Buffer.concat([view(buffer, 0, start), wordBytes])
    const iv = this.rtcpIv(ssrc, word % ENCRYPTED_FLAG)
    return this.open(this.rtcpKey, iv, aad, buffer, start, tagEnd)
  }

  rtcpIndexWord(buffer: Uint8Array, length: number): number {
    const end = length - this.mki.length
    return view(buffer, end - SRTCP_INDEX_BYTES, end).readUInt32BE()
  }

  get rtpSecrets(): readonly [Buffer, Buffer] {
    return [this.rtpKey, this.rtpSalt]
  }

  hasKeyOf({ rtpSecrets: [key, salt] }: Transform): boolean {
    return this.rtpKey.equals(key) && this.rtpSalt.equals(salt)
  }

  wipe(): void {
    for (const secret of [this.rtpKey, this.rtpSalt, this.rtcpKey, this.rtcpSalt]) secret.fill(0)
  }

  /** Encrypts `buffer[start..end)` in place and appends the tag. Returns the end of the tag. */
  private seal(key: Buffer, iv: Buffer, aad: Buffer, buffer: Uint8Array, start: number, end: number): number {
    const cipher = createCipheriv(this.cipherName, key, iv).setAAD(aad)
    buffer.set(cipher.update(view(buffer, start, end)), start)
    cipher.final()
    buffer.set(cipher.getAuthTag(), end)
    return end + TAG_BYTES
  }

  /** Decrypts `buffer[start..end)`, whose last 16 bytes are the tag. Returns the end of the text. */
  private open(key: Buffer, iv: Buffer, aad: Buffer, buffer: Uint8Array, start: number, end: number): number {
    const textEnd = end - TAG_BYTES
    const decipher = createDecipheriv(this.cipherName, key, iv, { authTagLength: TAG_BYTES }).setAAD(aad)
    decipher.setAuthTag(view(buffer, textEnd, end))
    const text = textEnd > start ? decipher.update(view(buffer, start, textEnd)) : NOTHING
    try {
      decipher.final()
    } catch {
      // `final` has no other failure than a tag that does not verify.
      return srtpStatus.authFailed
    }
    buffer.set(text, start)
    return textEnd
  }

  /** 00 00 | SSRC | ROC | SEQ, XOR salt (RFC 7714 §8.1). */
  private rtpIv(ssrc: number, index: number): Buffer {
    const iv = Buffer.from(this.rtpSalt)
    iv.writeUInt32BE((iv.readUInt32BE(2) ^ ssrc) >>> 0, 2)
    iv.writeUInt32BE((iv.readUInt32BE(6) ^ rolloverCounter(index)) >>> 0, 6)
    iv.writeUInt16BE(iv.readUInt16BE(10) ^ (index % 0x10000), 10)
    return iv
  }

  /** 00 00 | SSRC | 00 00 | 0 + SRTCP index, XOR salt (RFC 7714 §9.1). */
  private rtcpIv(ssrc: number, index: number): Buffer {
    const iv = Buffer.from(this.rtcpSalt)
    iv.writeUInt32BE((iv.readUInt32BE(2) ^ ssrc) >>> 0, 2)
    iv.writeUInt32BE((iv.readUInt32BE(8) ^ index) >>> 0, 8)
    return iv
  }
}
