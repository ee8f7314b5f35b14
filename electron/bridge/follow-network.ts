import type { AccountId } from '../../shared/model/account.ts'
import type { HopName } from '../../shared/model/call.ts'
import type { CallRecord } from './call-view.ts'

/** The account that a hop's SIP dialog lives on; undefined for the window's. */
export function accountOfHop({ account, forwardedTo }: CallRecord, hop: HopName): AccountId | undefined {
  if (hop === 'local') return undefined
  return hop === 'trunk' ? account.id : forwardedTo?.accountId
}

/** An account is reached in another way: every leg on it goes along. The window's legs are not touched. */
export function moveLegs(running: readonly CallRecord[], accountId: AccountId, address: string): void {
  for (const record of running) {
    for (const { name } of record.call.legs) {
      if (accountOfHop(record, name) === accountId) record.call.confirmed(name)?.moveTo(address)
    }
  }
}

/**
 * A call was answered: where its account has changed its address since the call began, the leg goes after it.
 * @param addressOf - where an account is reached from now; undefined while it is not connected
 */
export function catchUp(record: CallRecord, addressOf: (id: AccountId) => string | undefined): void {
  for (const { name, media } of record.call.legs) {
    const id = accountOfHop(record, name)
    const address = id === undefined ? undefined : addressOf(id)
    if (address !== undefined && address !== media.localAddress) record.call.confirmed(name)?.moveTo(address)
  }
}
