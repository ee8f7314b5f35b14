import type { AccountTransport } from './account.ts'
import type { EncryptionPolicy } from './media.ts'

export const trunkPresetIds = ['twilio', 'twilio-domain', 'telnyx', 'asterisk', 'freeswitch', 'generic'] as const
export type TrunkPresetId = (typeof trunkPresetIds)[number]

/** What "add account" fills in for a provider. */
export interface TrunkPreset {
  readonly id: TrunkPresetId
  /** The provider's name as people know it; not translated, except `generic`. */
  readonly label: string
  readonly domainPlaceholder: string
  readonly transport: AccountTransport
  readonly port: number
  /** False where the provider's trunk knows no REGISTER. Such an account places calls and cannot be rung. */
  readonly register: boolean
  readonly encryption: EncryptionPolicy
  /** A number that plays back what it hears, where the provider ships one; the trunk doctor calls it. */
  readonly echoNumber?: string
}

export const trunkPresets: Readonly<Record<TrunkPresetId, TrunkPreset>> = {
  // An Elastic SIP trunk answers REGISTER with error 32210 (twilio.com/docs/api/errors/32210).
  twilio: {
    id: 'twilio',
    label: 'Twilio trunk',
    domainPlaceholder: 'your-trunk.pstn.twilio.com',
    transport: 'tls',
    port: 5061,
    register: false,
    encryption: 'required',
  },
  // A SIP Domain of Programmable Voice does register (twilio.com/docs/voice/api/sip-registration).
  'twilio-domain': {
    id: 'twilio-domain',
    label: 'Twilio SIP Domain',
    domainPlaceholder: 'your-domain.sip.twilio.com',
    transport: 'tls',
    port: 5061,
    register: true,
    encryption: 'required',
  },
  telnyx: {
    id: 'telnyx',
    label: 'Telnyx',
    domainPlaceholder: 'sip.telnyx.com',
    transport: 'tls',
    port: 5061,
    register: true,
    encryption: 'required',
  },
  asterisk: {
    id: 'asterisk',
    label: 'Asterisk',
    domainPlaceholder: 'pbx.example.com',
    transport: 'tls',
    port: 5061,
    register: true,
    encryption: 'required',
    // The sample dialplan's; FreePBX has *43.
    echoNumber: '600',
  },
  freeswitch: {
    id: 'freeswitch',
    label: 'FreeSWITCH',
    domainPlaceholder: 'pbx.example.com',
    transport: 'tls',
    port: 5061,
    register: true,
    encryption: 'required',
    echoNumber: '9196',
  },
  generic: {
    id: 'generic',
    label: 'Other',
    domainPlaceholder: 'sip.example.com',
    transport: 'tls',
    port: 5061,
    register: true,
    encryption: 'required',
  },
}
