import { SdpError, type SdpErrorCode } from './sdp-error.ts'
import type { Refusal } from './types.ts'

/** A decision against a description, as a value: expected from any peer, so not thrown. */
export function refuse(code: SdpErrorCode, text: string): Refusal {
  return refuseFor(new SdpError(code, text))
}

export function refuseFor({ code, sipStatus, warning }: SdpError): Refusal {
  return { kind: 'refused', code, sipStatus, warning }
}
