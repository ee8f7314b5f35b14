import { uriHost } from '../../accounts/connect-account.ts'
import { diagnoseCallPassword, diagnoseFailure, diagnoseOptions, diagnoseProbe, diagnoseRegister } from '../diagnose.ts'
import { failed, skipped, type Verdict } from '../verdict.ts'
import type { Visit } from '../visit.ts'
import { callNumber } from './call.ts'

/** Whether there is a SIP server that talks to us. What it answered to our password is the next step's. */
export async function askOptions(visit: Visit): Promise<Verdict> {
  const target = `sip:${uriHost(visit.settings.domain)}`
  if (!visit.endpoint) return failed('net/closed')
  const response = await visit.endpoint.request('OPTIONS', { target, to: target })
  visit.probe = response
  return diagnoseOptions(response)
}

/**
 * Whether the password is right: by a REGISTER without Contact, which asks what is registered and changes nothing
 * (RFC 3261 §10.2.3), or at a trunk without registration by OPTIONS, and by a call where OPTIONS needs no password.
 */
export async function askPassword(visit: Visit): Promise<Verdict> {
  const { settings, endpoint, number, probe } = visit
  if (!endpoint || !probe) return failed('net/closed')
  if (settings.register) {
    const response = await endpoint.request('REGISTER', { target: `sip:${uriHost(settings.domain)}` })
    return diagnoseRegister(settings, response, visit.challenge)
  }
  const told = diagnoseProbe(probe, visit.challenge)
  if (told) return told
  if (number === undefined) return skipped('password-not-asked-yet')
  try {
    const call = await callNumber(visit, number)
    return call ? diagnoseCallPassword(settings, call.outcome, visit.challenge) : skipped('password-not-asked-yet')
  } catch (error) {
    return diagnoseFailure(error)
  }
}
