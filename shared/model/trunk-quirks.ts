/**
 * Departures from the RFCs that some trunks are known for. Each is tolerated only where an account names it; what they
 * mean is in `electron/sdp/trunk-profiles.ts`.
 */
export const trunkQuirks = ['renumbers-answer-tag', 'answers-osrtp-with-savp'] as const

export type TrunkQuirk = (typeof trunkQuirks)[number]
