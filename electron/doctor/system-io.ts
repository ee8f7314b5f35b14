import { connectAccount } from '../accounts/connect-account.ts'
import { systemResolver } from '../accounts/connector.ts'
import { systemClock } from '../sip/clock.ts'
import { createSipEndpoint } from '../sip/endpoint.ts'
import { connectTcp } from '../sip/transport/tcp.ts'
import { openEchoCall } from './echo-call.ts'
import type { DoctorIo } from './visit.ts'

/** The doctor's hands in life: the same connections and the same SIP stack as every account has. */
export const systemIo = (): DoctorIo => ({
  clock: systemClock,
  random: Math.random,
  resolver: systemResolver(),
  openTcp: ({ address, port }) => connectTcp({ host: address, port }),
  openFlow: connectAccount,
  openEndpoint: createSipEndpoint,
  openEchoCall,
  patienceMs: 18_000,
  listenMs: 6_000,
})
