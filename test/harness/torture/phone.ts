/**
 * The softphone under torture, in a thread of its own, so that the stops of its event loop are its own and not the
 * torturer's: accounts, SIP stack and the SDP reader, as the main process has them.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { createAccountManager } from '../../../electron/accounts/account-manager.ts'
import { parseSdp } from '../../../electron/sdp/parse-sdp.ts'
import { systemClock } from '../../../electron/sip/clock.ts'
import type { IncomingInvite } from '../../../electron/sip/types.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { watchStalls } from './stall.ts'
import type { PhoneAnswer, PhoneQuestion } from './types.ts'

if (!parentPort) throw new Error('this file is a worker thread')
const port = parentPort
const settings = workerData as AccountSettings

const accounts = createAccountManager({ userAgent: 'Kedge/torture', clock: systemClock, answersFor: 'any' })
let rang = 0
accounts.onInvite((_id, invite) => ring(invite))
accounts.save(settings, 'torture')
const stalls = watchStalls()

/** What the bridge does with a call before anybody could answer it. */
function ring(invite: IncomingInvite): void {
  try {
    if (invite.offer !== undefined) parseSdp(invite.offer)
  } catch {
    invite.reject(488)
    return
  }
  rang += 1
  invite.progress(180)
  invite.reject(480)
}

function answer(question: PhoneQuestion): PhoneAnswer {
  const state = accounts.list()[0]?.state.kind ?? 'unregistered'
  if (question === 'reconnect' && state === 'failed') accounts.retry(settings.id)
  if (question === 'measure') stalls.reset()
  const counts = state === 'registered' ? accounts.endpointFor(settings.id).counts() : undefined
  return { state, rang, maxStallMs: stalls.longestMs(), ...(counts === undefined ? {} : { counts }) }
}

port.on('message', (question: PhoneQuestion | 'close') => {
  if (question !== 'close') {
    port.postMessage(answer(question))
    return
  }
  stalls.stop()
  void accounts.close().then(() => port.close())
})
