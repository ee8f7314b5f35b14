import { createCipheriv } from 'node:crypto'
import type { SrtpProfile } from '../profiles.ts'
import type { SrtpMasterKey } from '../types.ts'

/** Labels of the key derivation (RFC 3711 §4.3.1, §4.3.2). */
export const kdfLabel = {
  rtpKey: 0,
  rtpAuth: 1,
  rtpSalt: 2,
  rtcpKey: 3,
  rtcpAuth: 4,
  rtcpSalt: 5,
} as const

export type KdfLabel = (typeof kdfLabel)[keyof typeof kdfLabel]

/** Session keys under one master key. The transform that takes them wipes them. */
export interface SessionSecrets {
  readonly rtpKey: Buffer
  readonly rtpAuth: Buffer
  readonly rtpSalt: Buffer
  readonly rtcpKey: Buffer
  readonly rtcpAuth: Buffer
  readonly rtcpSalt: Buffer
}

const AUTH_KEY_BYTES = 20
const BLOCK_BYTES = 16
/** The label stands just above the 48-bit index, which key derivation rate 0 leaves at zero. */
const LABEL_OFFSET = 7

/** AES in counter mode by its key's length. */
export function aesCtrName(keyBytes: number): string {
  return `aes-${keyBytes * 8}-ctr`
}

/**
 * Session key material under key derivation rate 0 (RFC 3711 §4.3; RFC 6188 §3 for the longer keys).
 * @param masterSalt - 14 bytes, or the 12 of AEAD suites, which count as followed by two zero bytes (RFC 7714 §11)
 */
export function deriveSessionKey(
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
  label: KdfLabel,
  bytes: number,
): Buffer {
  const iv = Buffer.alloc(BLOCK_BYTES)
  iv.set(masterSalt)
  iv[LABEL_OFFSET] = (iv[LABEL_OFFSET] ?? 0) ^ label
  return createCipheriv(aesCtrName(masterKey.length), masterKey, iv).update(Buffer.alloc(bytes))
}

/** All session keys of a master key. Session salts are as long as the master salt. */
export function deriveSessionSecrets(profile: SrtpProfile, { masterKey, masterSalt }: SrtpMasterKey): SessionSecrets {
  const derive = (label: KdfLabel, bytes: number): Buffer => deriveSessionKey(masterKey, masterSalt, label, bytes)
  return {
    rtpKey: derive(kdfLabel.rtpKey, profile.keyBytes),
    rtpAuth: derive(kdfLabel.rtpAuth, AUTH_KEY_BYTES),
    rtpSalt: derive(kdfLabel.rtpSalt, profile.saltBytes),
    rtcpKey: derive(kdfLabel.rtcpKey, profile.keyBytes),
    rtcpAuth: derive(kdfLabel.rtcpAuth, AUTH_KEY_BYTES),
    rtcpSalt: derive(kdfLabel.rtcpSalt, profile.saltBytes),
  }
}
