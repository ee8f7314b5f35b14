/** Whom one can call at the demo trunk, and what then goes as it should or wrong: the user part of the address. */
export const practiceCalls = [
  'echo',
  'tone',
  'hangup',
  'busy',
  'reject',
  'noanswer',
  'unknown',
  'plain',
  'nosrtp',
  'wrongkey',
  'oneway',
  'keychange',
  'drop',
  'codec',
  'garbled',
] as const
export type PracticeCall = (typeof practiceCalls)[number]

/** Calls that the demo trunk places to this phone. */
export const practiceRings = ['tone', 'echo', 'plain', 'giveup'] as const
export type PracticeRing = (typeof practiceRings)[number]

/** Servers of the demo trunk that are set up wrongly, for the trunk doctor to find out. */
export const practiceFaults = [
  'expired-certificate',
  'other-name',
  'unknown-authority',
  'no-tls',
  'closed-port',
  'wrong-password',
] as const
export type PracticeFault = (typeof practiceFaults)[number]
