import { createCipheriv, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { kdfLabel } from '../../electron/media/srtp/reference/key-derivation.ts'
import { engines } from '../unit/media/srtp/implementations.ts'
import { type Proto, protectedBytes, unprotect } from '../unit/media/srtp/packets.ts'
import { primitives } from './primitives.ts'
import { gcmVectors, kdfVectors, keystreamVectors, packetVectors } from './srtp-vectors.ts'

test('every published vector is in the tables', () => {
  const counts = [keystreamVectors, kdfVectors, packetVectors, gcmVectors].map(({ length }) => length)
  expect(counts).toEqual([3, 2, 7, 2])
})

describe.each(primitives)('$name', (implementation) => {
  test.each(keystreamVectors)('AES counter mode: $ref', ({ session_key, session_salt, keystream }) => {
    const iv = new Uint8Array(16)
    iv.set(session_salt)
    expect(implementation.keystream(session_key, iv, keystream.length)).toEqual(keystream)
  })

  test.each(kdfVectors)('key derivation: $ref', (vector) => {
    const derive = (label: 0 | 1 | 2, bytes: number): Uint8Array =>
      implementation.derive(vector.master_key, vector.master_salt, label, bytes)
    expect(derive(kdfLabel.rtpKey, vector.label0_rtp_key.length)).toEqual(vector.label0_rtp_key)
    expect(derive(kdfLabel.rtpAuth, vector.label1_rtp_auth.length)).toEqual(vector.label1_rtp_auth)
    expect(derive(kdfLabel.rtpSalt, vector.label2_rtp_salt.length)).toEqual(vector.label2_rtp_salt)
  })

  test.each(gcmVectors)('packets of $ref', (vector) => {
    const suite = vector.session_key.length === 16 ? 'AEAD_AES_128_GCM' : 'AEAD_AES_256_GCM'
    const aead = implementation.aead(suite, vector.session_key, vector.session_salt)
    expect(aead.protectRtp(vector.rtp_plain)).toEqual(vector.srtp)
    expect(aead.unprotectRtp(vector.srtp)).toEqual(vector.rtp_plain)
    expect(aead.protectRtcp(vector.rtcp_plain, vector.srtcp_index)).toEqual(vector.srtcp)
    expect(aead.unprotectRtcp(vector.srtcp)).toEqual(vector.rtcp_plain)
    // E flag 0: authenticated only (RFC 7714 §17.2, §17.4).
    expect(aead.unprotectRtcp(vector.srtcp_auth_only)).toEqual(vector.rtcp_plain)
  })

  test.each([16, 24, 32])('AES with %i-byte keys equals OpenSSL on 200 random keys and blocks', (keyBytes) => {
    for (let n = 0; n < 200; n++) {
      const key = new Uint8Array(randomBytes(keyBytes))
      const iv = new Uint8Array(randomBytes(16))
      // The counter occupies the low 16 bits of an SRTP block and starts at 0.
      iv.fill(0, 14)
      const cipher = createCipheriv(`aes-${keyBytes * 8}-ctr`, key, iv)
      expect(implementation.keystream(key, iv, 112)).toEqual(new Uint8Array(cipher.update(new Uint8Array(112))))
    }
  })
})

describe.each(engines)('$name', (engine) => {
  const rows = packetVectors.flatMap((vector) => {
    const { rtp_plain, srtp, rtcp_plain, srtcp } = vector
    const rtp = { ...vector, proto: 'rtp' as Proto, plain: rtp_plain, secured: srtp }
    return rtcp_plain && srtcp ? [rtp, { ...vector, proto: 'rtcp' as Proto, plain: rtcp_plain, secured: srtcp }] : [rtp]
  })

  test.each(rows)(
    '$id $proto: $ref',
    ({ suite, master_key, master_salt, mki, srtcp_index = 1, proto, plain, secured }) => {
      const key = { masterKey: master_key, masterSalt: master_salt, ...(mki ? { mki } : {}) }
      const ssrc = new DataView(plain.buffer).getUint32(proto === 'rtp' ? 8 : 4)
      const sender = engine.createSender(suite, key, [{ ssrc, rtcpIndex: srtcp_index - 1 }])
      expect(protectedBytes(sender, plain, proto)).toEqual(secured)
      expect(unprotect(engine.createReceiver(suite, [key]), secured, proto).bytes).toEqual(plain)
    },
  )
})
