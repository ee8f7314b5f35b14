import type { AccountSettings } from '../../../shared/model/account.ts'
import { uriHost } from '../../accounts/connect-account.ts'
import { mayCarrySdesKeys } from '../../sdp/policy.ts'
import { trunkProfiles } from '../../sdp/trunk-profiles.ts'
import type { AnswerDecision } from '../../sdp/types.ts'
import type { SipDialog } from '../../sip/types.ts'
import { type CallOutcome, diagnoseEcho, diagnoseFailure, diagnoseMedia } from '../diagnose.ts'
import type { EchoCall } from '../echo-call.ts'
import { failed, skipped, type Verdict } from '../verdict.ts'
import { keep, type TestCall, type Visit } from '../visit.ts'

/** The doctor's own call knows keys in SDP alone. */
const agreesByDtls = ({ encryption, mediaKeys }: AccountSettings) => encryption !== 'off' && mediaKeys === 'dtls'

/** Calls the number, once in a visit. @returns undefined when keys would travel where others can read them */
export async function callNumber(visit: Visit, number: string): Promise<TestCall | undefined> {
  const { io, settings, endpoint } = visit
  if (visit.call || !endpoint) return visit.call
  const encrypted = settings.encryption !== 'off'
  if (agreesByDtls(settings)) return undefined
  if (encrypted && !mayCarrySdesKeys(endpoint.signalling.transport, settings.allowExposedKeys)) return undefined
  const profile = trunkProfiles[settings.preset ?? 'generic']
  const suites = encrypted ? (settings.suites ?? profile.offeredSuites) : []
  const opened = await io.openEchoCall({ clock: io.clock, address: endpoint.localAddress, suites })
  const media = keep(visit, opened, () => opened.close())
  if (visit.over) return undefined
  const { outcome, dialog } = await invite(visit, number, media)
  visit.call = { media, outcome, dialog }
  return visit.call
}

function invite(visit: Visit, number: string, media: EchoCall): Promise<Omit<TestCall, 'media'>> {
  const { io, settings, endpoint } = visit
  const { promise, resolve } = Promise.withResolvers<Omit<TestCall, 'media'>>()
  let patience: () => void = () => undefined
  const finish = (outcome: CallOutcome, dialog?: SipDialog) => {
    patience()
    if (dialog) keep(visit, dialog, () => dialog.bye())
    resolve({ outcome, dialog })
  }
  const sent = endpoint?.invite(
    { target: targetOf(number, settings.domain), offer: media.offer },
    {
      onProgress: () => undefined,
      onAccepted: (response, dialog) => finish({ kind: 'answered', response }, dialog),
      onRejected(response, code) {
        const cancelled = response.status === 487
        finish(cancelled ? { kind: 'unanswered' } : { kind: 'refused', response, ...(code && { code }) })
      },
    },
  )
  patience = io.clock.after(io.patienceMs, () => sent?.cancel())
  // A phone that still rings when the visit ends is not left ringing.
  keep(visit, sent, () => {
    sent?.cancel()
    return promise
  })
  return promise
}

/** The SIP address that a dialled number stands for. */
export function targetOf(number: string, domain: string): string {
  const [, user = number, host = domain] = number.match(/^(?:sips?:)?([^@]+)@(.+)$/i) ?? []
  return `sip:${encodeURIComponent(user).replaceAll('%2B', '+').replaceAll('%2A', '*')}@${uriHost(host)}`
}

/** Whether the trunk takes SRTP with keys in SDP, as a call offers it. */
export async function offerEncryption(visit: Visit): Promise<Verdict> {
  const { settings, number, endpoint } = visit
  if (!endpoint) return failed('net/closed')
  if (agreesByDtls(settings)) return skipped('keys-by-dtls')
  if (settings.encryption !== 'off' && !mayCarrySdesKeys(endpoint.signalling.transport, settings.allowExposedKeys)) {
    return failed('security/keys-would-be-exposed')
  }
  if (number === undefined) return skipped('no-number')
  try {
    const call = await callNumber(visit, number)
    if (!call) return failed('security/keys-would-be-exposed')
    const { outcome } = call
    const decision: AnswerDecision | undefined =
      outcome.kind === 'answered' && outcome.response.body !== undefined
        ? call.media.take(outcome.response.body)
        : undefined
    return diagnoseMedia(settings, number, outcome, decision)
  } catch (error) {
    return diagnoseFailure(error)
  }
}

/** Whether a tone that is played into the call comes back. */
export async function hearEcho(visit: Visit): Promise<Verdict> {
  const { io, settings, call, number, signal } = visit
  if (agreesByDtls(settings)) return skipped('keys-by-dtls')
  if (number === undefined) return skipped('no-number')
  if (call?.outcome.kind !== 'answered') return skipped('call-not-answered', { values: { number } })
  const heard = await call.media.listen(io.listenMs, signal)
  return diagnoseEcho(number, heard, call.media.counters)
}
