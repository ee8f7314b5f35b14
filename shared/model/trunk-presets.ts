import type { AccountTransport } from './account.ts'
import type { EncryptionPolicy } from './media.ts'

export type TrunkPresetId = 'twilio' | 'telnyx' | 'asterisk' | 'freeswitch' | 'generic'

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
}

export const trunkPresets: Readonly<Record<TrunkPresetId, TrunkPreset>> = {
  // An Elastic SIP trunk answers REGISTER with error 32210 (twilio.com/docs/api/errors/32210).
  twilio: {
    id: 'twilio',
    label: 'Twilio',
    domainPlaceholder: 'your-trunk.pstn.twilio.com',
    transport: 'tls',
    port: 5061,
    register: false,
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
  },
  freeswitch: {
    id: 'freeswitch',
    label: 'FreeSWITCH',
    domainPlaceholder: 'pbx.example.com',
    transport: 'tls',
    port: 5061,
    register: true,
    encryption: 'required',
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
