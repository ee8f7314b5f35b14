import type { AccountSettings } from '../../shared/model/account.ts'
import type { DoctorFault as Fault } from './verdict.ts'

/** What of an account says whose trunk it is. */
export type TrunkIdentity = Pick<AccountSettings, 'domain' | 'preset'>

const isTwilioTrunk = ({ domain, preset }: TrunkIdentity) =>
  preset === 'twilio' || /\.pstn\.([a-z0-9-]+\.)?twilio\.com\.?$/i.test(domain)
const isTwilio = (trunk: TrunkIdentity) =>
  isTwilioTrunk(trunk) || trunk.preset === 'twilio-domain' || /\.twilio\.com\.?$/i.test(trunk.domain)

/** Twilio names its error in a header or in the words of the response (twilio.com/docs/api/errors). */
const twilioError = (said: string): string | undefined => said.match(/\b32[0-9]{3}\b/)?.[0]

/** Pure. A REGISTER that was refused: what this provider means by it, undefined when no more than the status says. */
export function registerFault(trunk: TrunkIdentity, status: number, said: string): Fault | undefined {
  const refused = status !== 401 && status !== 407 && status < 500
  if (isTwilioTrunk(trunk) && (refused || twilioError(said) === '32210')) return 'twilio-no-registration'
  return twilioError(said) === '32210' ? 'twilio-no-registration' : undefined
}

/** Errors 32207 and 32209 tell of encrypted media at a trunk whose Secure Media is off. */
const secureMediaOff = ['32207', '32209']

/** Pure. A call with encrypted media that was refused, or answered in clear: where this provider switches it on. */
export function encryptionFault(trunk: TrunkIdentity): Fault | undefined {
  if (isTwilio(trunk)) return 'twilio-secure-media-off'
  if (trunk.preset === 'telnyx' || /\.telnyx\.com\.?$/i.test(trunk.domain)) return 'telnyx-encryption-off'
  if (trunk.preset === 'asterisk') return 'asterisk-srtp-off'
  return trunk.preset === 'freeswitch' ? 'freeswitch-srtp-off' : undefined
}

/** Pure. A call that was refused for another reason than its media. */
export function callFault(trunk: TrunkIdentity, status: number, said: string): Fault | undefined {
  if (!isTwilio(trunk)) return undefined
  const error = twilioError(said)
  if (error !== undefined && secureMediaOff.includes(error)) return 'twilio-secure-media-off'
  if (status === 403) return 'twilio-password'
  return status === 400 ? 'twilio-number-format' : undefined
}
