import type { AccountSettings } from '../../shared/model/account.ts'

/** An account of a trunk that is reached over TLS and takes encrypted calls alone, for a bridge without a network. */
export const workAccount: AccountSettings = {
  id: 'work',
  label: 'Work',
  domain: 'trunk.example',
  transport: 'tls',
  username: 'ada',
  register: true,
  encryption: 'required',
  preset: 'twilio',
}
