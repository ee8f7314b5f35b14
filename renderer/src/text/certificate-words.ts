import type { RegistrationState } from '../../../shared/model/account.ts'

/** Failures that the user's own word can mend: nobody vouches for the certificate, or another one than before is shown. */
const trustable: readonly string[] = ['tls/untrusted', 'tls/pin-changed']

/** Pure. Whether the certificate behind a failure may be trusted by hand. An expired one, or one for another name, may not. */
export const mayBeTrusted = (state: RegistrationState): boolean =>
  state.kind === 'failed' && state.certificate !== undefined && trustable.includes(state.code)

/** Pure. `AA:BB:…` in four lines of eight bytes. */
export function fingerprintLines(sha256: string): string[] {
  const bytes = sha256.split(':')
  return [0, 8, 16, 24].map((at) => bytes.slice(at, at + 8).join(' '))
}
