import type { AccountSettings } from '../../../shared/model/account.ts'
import {
  type CallSecurity,
  type CallView,
  callSecurity,
  type HopName,
  type HopView,
} from '../../../shared/model/call.ts'
import type { CryptoSuite } from '../../../shared/model/media.ts'
import { canExposeKeys } from '../state/account-draft.ts'

/** What one hop may claim. `absent`: its media is not negotiated. */
export type HopSecurity = CallSecurity | 'absent'

/**
 * Pure. The padlock's own rule, for one hop: proven by packets authenticated both ways, never by negotiation.
 * @param heard - false while the main process cannot be heard, when what it proved may no longer hold
 */
export function hopSecurity(hop: HopView | undefined, heard: boolean): HopSecurity {
  if (!hop) return 'absent'
  const level = callSecurity([hop])
  const flowsBothWays = hop.counters.received > 0 && hop.counters.sent > 0
  return heard && level === 'establishing' && flowsBothWays ? 'proven' : level
}

export const hopOf = (call: Pick<CallView, 'hops'>, leg: HopName): HopView | undefined =>
  call.hops.find((hop) => hop.leg === leg)

/** Pure. The codec of the other hop, where Kedge converts between the two. */
export function convertedFrom(hop: HopView, hops: readonly HopView[]): string | undefined {
  const other = hops.find(({ leg }) => leg !== hop.leg)?.codec
  return other && hop.codec && other.toLowerCase() !== hop.codec.toLowerCase() ? other : undefined
}

/** Pure. How the user's own next call goes out to the trunk. Without TLS, keys in the signalling stay unsent where they may. */
export function nextTrunkMode(settings: AccountSettings): 'srtp' | 'dtls-srtp' | 'rtp' {
  const { encryption, mediaKeys = 'sdes', transport, allowExposedKeys } = settings
  const staysClear =
    encryption === 'preferred' && canExposeKeys({ transport, encryption, mediaKeys }) && !allowExposedKeys
  if (encryption === 'off' || staysClear) return 'rtp'
  return mediaKeys === 'dtls' ? 'dtls-srtp' : 'srtp'
}

/** How a cipher is called outside of SDP: key length and mode first, then what authenticates. */
export const suiteNames: Record<CryptoSuite, string> = {
  AEAD_AES_256_GCM: 'AES-256-GCM',
  AEAD_AES_128_GCM: 'AES-128-GCM',
  AES_256_CM_HMAC_SHA1_80: 'AES-256-CM, SHA1-80',
  AES_256_CM_HMAC_SHA1_32: 'AES-256-CM, SHA1-32',
  AES_192_CM_HMAC_SHA1_80: 'AES-192-CM, SHA1-80',
  AES_192_CM_HMAC_SHA1_32: 'AES-192-CM, SHA1-32',
  AES_CM_128_HMAC_SHA1_80: 'AES-128-CM, SHA1-80',
  AES_CM_128_HMAC_SHA1_32: 'AES-128-CM, SHA1-32',
}

/** `TLSv1.3` as people write it. */
export const tlsName = (version: string | undefined): string => version?.replace(/^TLSv/u, 'TLS ') ?? 'TLS'
