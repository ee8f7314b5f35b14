import { defaultOfferedSuites } from '../../shared/model/crypto-suites.ts'
import type { CryptoSuite } from '../../shared/model/media.ts'
import type { TrunkPresetId } from '../../shared/model/trunk-presets.ts'
import type { TrunkQuirk } from '../../shared/model/trunk-quirks.ts'
import type { SrtpOfferStyle } from './types.ts'

/** Departures from the RFCs that a peer is known for. Each is tolerated only where an account names it. */
export const quirks = {
  /**
   * The answer's suite is right and its tag is renumbered from 1: Webex CUBE and BroadWorks
   * (https://github.com/sipwise/rtpengine/issues/2098). RFC 4568 §5.1.3 wants the offer's tag.
   */
  'renumbers-answer-tag': 'Answers with a crypto tag that was not offered',
  /**
   * `RTP/AVP` with crypto is answered `RTP/SAVP` with crypto: LiveKit SIP's `allow` mode
   * (https://github.com/livekit/sip). The stream is encrypted all the same; RFC 8643 §3.2 wants the offer's profile.
   */
  'answers-osrtp-with-savp': 'Answers an opportunistic offer with RTP/SAVP',
} as const satisfies Readonly<Record<TrunkQuirk, string>>

export type Quirk = TrunkQuirk

/** What is known of a kind of trunk beyond what the user enters; see `shared/model/trunk-presets.ts` for that part. */
export interface TrunkProfile {
  readonly id: TrunkPresetId
  /** Suites offered, best first. */
  readonly offeredSuites: readonly CryptoSuite[]
  /** First form of a call under the policy `preferred`. */
  readonly preferredStyle: SrtpOfferStyle
  /** None is on by default: an account turns one on for a peer that needs it. */
  readonly quirks: readonly Quirk[]
}

export const trunkProfiles: Readonly<Record<TrunkPresetId, TrunkProfile>> = {
  // Secure media is all or nothing there, takes AES_CM_128_HMAC_SHA1_80 (and _32), no MKI (twilio.com/docs/voice/api/secure-media).
  twilio: { id: 'twilio', offeredSuites: ['AES_CM_128_HMAC_SHA1_80'], preferredStyle: 'savp', quirks: [] },
  'twilio-domain': {
    id: 'twilio-domain',
    offeredSuites: ['AES_CM_128_HMAC_SHA1_80'],
    preferredStyle: 'savp',
    quirks: [],
  },
  // FreeSWITCH-based (github.com/team-telnyx/freeswitch): encrypted media is a switch of the connection.
  telnyx: { id: 'telnyx', offeredSuites: defaultOfferedSuites, preferredStyle: 'savp', quirks: [] },
  // `media_encryption_optimistic` reads RTP/AVP with crypto.
  asterisk: { id: 'asterisk', offeredSuites: defaultOfferedSuites, preferredStyle: 'osrtp', quirks: [] },
  // Answers 488 to crypto under RTP/AVP (https://github.com/signalwire/freeswitch/issues/1254).
  freeswitch: { id: 'freeswitch', offeredSuites: defaultOfferedSuites, preferredStyle: 'savp', quirks: [] },
  generic: { id: 'generic', offeredSuites: defaultOfferedSuites, preferredStyle: 'osrtp', quirks: [] },
}
