import { setTimeout as sleep } from 'node:timers/promises'
import { type AccountManager, createAccountManager } from '../../../electron/accounts/account-manager.ts'
import type { Connector } from '../../../electron/accounts/connector.ts'
import { systemClock } from '../../../electron/sip/clock.ts'
import type { IncomingInvite, SipDialog, SipResponse } from '../../../electron/sip/types.ts'
import type { AccountSettings, AccountTransport, RegistrationState } from '../../../shared/model/account.ts'

export const domain = 'pbx.test'
export const users = { alice: 'alice-secret', bob: 'bob-secret' }
const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'

/** Two accounts of ours at one server, without media, and calls from Alice to Bob. */
export interface Phones extends AsyncDisposable {
  readonly accounts: AccountManager
  /** Waits for a state of both accounts; fails with the state that one is in. */
  reach(kind: RegistrationState['kind'], withinMs?: number): Promise<void>
  /** A call that Bob has answered. */
  connect(extraHeaders?: readonly string[]): Promise<Connected>
}

export interface Connected {
  readonly alices: SipDialog
  readonly bobs: SipDialog
  /** Bob's end has heard the BYE. */
  readonly ended: Promise<void>
}

export async function phones(
  transport: AccountTransport,
  more: Partial<AccountSettings>,
  connector?: Connector,
): Promise<Phones> {
  const accounts = createAccountManager({
    userAgent: 'Kedge/test',
    clock: systemClock,
    // The earliest that a back-off allows: tests wait for it.
    random: () => 0,
    ...(connector ? { connector } : {}),
  })
  const ringing: IncomingInvite[] = []
  accounts.onInvite((id, invite) => (id === 'bob' ? void ringing.push(invite) : invite.reject(480)))
  for (const username of ['alice', 'bob'] as const) {
    const settings = { id: username, label: username, domain, transport, username, register: true, encryption: 'off' }
    accounts.save({ ...settings, ...more } as AccountSettings, users[username])
  }
  const stateOf = (id: string) => accounts.list().find((account) => account.settings.id === id)?.state

  return {
    accounts,
    async reach(kind, withinMs = 8_000) {
      const deadline = Date.now() + withinMs
      for (const id of Object.keys(users)) {
        while (stateOf(id)?.kind !== kind) {
          if (Date.now() > deadline) throw new Error(`${id} is not ${kind} but ${JSON.stringify(stateOf(id))}`)
          await sleep(20)
        }
      }
    },
    async connect(extraHeaders = []) {
      const accepted = Promise.withResolvers<SipDialog>()
      accounts.endpointFor('alice').invite(
        { target: `sip:bob@${domain}`, offer: sdp, extraHeaders },
        {
          onProgress: () => undefined,
          onAccepted: (_response: SipResponse, dialog) => accepted.resolve(dialog),
          onRejected: ({ status, reason }) => accepted.reject(new Error(`refused: ${status} ${reason}`)),
        },
      )
      // A call that is refused before it rings is told as such.
      const refused = new Promise<never>((_, reject) => accepted.promise.catch(reject))
      const invite = await Promise.race([rings(), refused])
      const bobs = invite.accept(sdp)
      const ended = new Promise<void>((onBye) => {
        bobs.delegate = { onBye: () => onBye(), onReinvite: (request) => request.accept(sdp) }
      })
      return { alices: await accepted.promise, bobs, ended }
    },
    [Symbol.asyncDispose]: () => accounts.close(),
  }

  async function rings(): Promise<IncomingInvite> {
    for (let tries = 0; tries < 1_000; tries += 1) {
      const invite = ringing.shift()
      if (invite) return invite
      await sleep(20)
    }
    throw new Error('nothing rang within 20 s')
  }
}
