import { attribute, attributes, hasAttribute, inherited } from './attributes.ts'
import type {
  DtlsParameters,
  Fingerprint,
  HashFunction,
  IceParameters,
  MediaDescription,
  SessionDescription,
  SetupRole,
} from './types.ts'

/** Digest lengths in bytes. Weaker hashes prove nothing about a certificate and are read over (RFC 8122 §5). */
const hashBytes: Readonly<Record<HashFunction, number>> = { 'sha-256': 32, 'sha-384': 48, 'sha-512': 64 }
const roles: readonly string[] = ['active', 'passive', 'actpass', 'holdconn'] satisfies SetupRole[]

/**
 * Fingerprints and role of a section, the session's where the section has none of its own (RFC 8122 §5). Undefined
 * without a fingerprint that can be trusted.
 * @param absentSetup - what a missing `setup` means: `active` in an offer, `passive` in an answer (RFC 4145 §4)
 */
export function dtlsParameters(
  session: SessionDescription,
  media: MediaDescription,
  absentSetup: SetupRole = 'active',
): DtlsParameters | undefined {
  const own = attributes(media, 'fingerprint')
  const values = own.length > 0 ? own : attributes(session, 'fingerprint')
  const [first, ...rest] = values.flatMap(parseFingerprint)
  if (!first) return undefined
  const setup = (inherited(session, media, 'setup') ?? absentSetup).trim()
  if (!roles.includes(setup)) return undefined
  const tlsId = inherited(session, media, 'tls-id')?.trim()
  return { fingerprints: [first, ...rest], setup: setup as SetupRole, ...(tlsId && { tlsId }) }
}

function parseFingerprint(text: string): Fingerprint[] {
  const [algorithmText = '', value = ''] = text.trim().split(/ +/)
  const algorithm = algorithmText.toLowerCase()
  if (!(algorithm in hashBytes)) return []
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2})+$/i.test(value)) return []
  if (value.length !== hashBytes[algorithm as HashFunction] * 3 - 1) return []
  return [{ algorithm: algorithm as HashFunction, value: value.toUpperCase() }]
}

/** ICE credentials of a section (RFC 8839 §5.4); undefined unless both are there and of legal length. */
export function iceParameters(session: SessionDescription, media: MediaDescription): IceParameters | undefined {
  const usernameFragment = inherited(session, media, 'ice-ufrag')
  const password = inherited(session, media, 'ice-pwd')
  if (!usernameFragment || !/^[A-Za-z0-9+/]{4,256}$/.test(usernameFragment)) return undefined
  if (!password || !/^[A-Za-z0-9+/]{22,256}$/.test(password)) return undefined
  return { usernameFragment, password, lite: hasAttribute(session, 'ice-lite') }
}

/** The role we take in an answer. We are the DTLS server wherever the offer leaves the choice (RFC 8842 §5.3). */
export function answerSetup(offered: SetupRole): 'active' | 'passive' | undefined {
  if (offered === 'actpass' || offered === 'active') return 'passive'
  return offered === 'passive' ? 'active' : undefined
}

export function dtlsAttributeValue(fingerprint: Fingerprint): string {
  return `${fingerprint.algorithm} ${fingerprint.value}`
}

/** True when the section speaks ICE at all, whether its credentials are legal or not. */
export function mentionsIce(session: SessionDescription, media: MediaDescription): boolean {
  return inherited(session, media, 'ice-ufrag') !== undefined || attribute(media, 'candidate') !== undefined
}
