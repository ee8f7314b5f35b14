import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { cryptoSuites } from '../../shared/model/media.ts'

const hex = z
  .string()
  .regex(/^([0-9a-f]{2})*$/)
  .transform((text) => Uint8Array.from(Buffer.from(text, 'hex')))

const keystream = z.object({
  id: z.string(),
  ref: z.string(),
  kind: z.literal('aes-cm-keystream'),
  session_key: hex,
  session_salt: hex,
  keystream: hex,
})

const kdf = z.object({
  id: z.string(),
  ref: z.string(),
  kind: z.literal('kdf'),
  master_key: hex,
  master_salt: hex,
  label0_rtp_key: hex,
  label1_rtp_auth: hex,
  label2_rtp_salt: hex,
})

const packet = z.object({
  id: z.string(),
  ref: z.string(),
  kind: z.literal('packet'),
  suite: z.enum([...cryptoSuites, 'NULL_HMAC_SHA1_80']),
  master_key: hex,
  master_salt: hex,
  mki: hex.optional(),
  rtp_plain: hex,
  srtp: hex,
  rtcp_plain: hex.optional(),
  srtcp: hex.optional(),
  srtcp_index: z.number().optional(),
})

const gcmSession = z.object({
  id: z.string(),
  ref: z.string(),
  kind: z.literal('gcm-session'),
  session_key: hex,
  session_salt: hex,
  srtcp_index: z.number(),
  rtp_plain: hex,
  srtp: hex,
  rtcp_plain: hex,
  srtcp: hex,
  srtcp_auth_only: hex,
})

const file = z.object({ vectors: z.array(z.discriminatedUnion('kind', [keystream, kdf, packet, gcmSession])) })

const path = new URL('../fixtures/srtp-vectors/srtp-vectors.json', import.meta.url)
const { vectors } = file.parse(JSON.parse(readFileSync(path, 'utf8')))

export const keystreamVectors = vectors.filter((vector) => vector.kind === 'aes-cm-keystream')
export const kdfVectors = vectors.filter((vector) => vector.kind === 'kdf')
export const gcmVectors = vectors.filter((vector) => vector.kind === 'gcm-session')
/** Packets of the suites that the engine has: authentication without encryption is refused by policy. */
export const packetVectors = vectors
  .filter((vector) => vector.kind === 'packet')
  .flatMap((vector) => (vector.suite === 'NULL_HMAC_SHA1_80' ? [] : [{ ...vector, suite: vector.suite }]))
