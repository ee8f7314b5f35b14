import type { AccountId } from '../../shared/model/account.ts'
import { connectAccount } from '../accounts/connect-account.ts'
import { systemResolver } from '../accounts/connector.ts'
import { systemClock } from '../sip/clock.ts'
import { createSipEndpoint } from '../sip/endpoint.ts'
import { connectTcp } from '../sip/transport/tcp.ts'
import { openEchoCall } from './echo-call.ts'
import type { DoctorIo } from './visit.ts'

/**
 * The doctor's hands in life: the same connections and the same SIP stack as every account has.
 * @param clientKey - private key of an account's client certificate, PEM
 */
export const systemIo = (clientKey: (id: AccountId) => string | undefined): DoctorIo => ({
  clock: systemClock,
  random: Math.random,
  resolver: systemResolver(),
  openTcp: ({ address, port }) => connectTcp({ host: address, port }),
  openFlow: (settings, target) => connectAccount(settings, target, clientKey(settings.id)),
  openEndpoint: createSipEndpoint,
  openEchoCall,
  patienceMs: 18_000,
  listenMs: 6_000,
})
