import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type AccountManager, createAccountManager } from '../../electron/accounts/account-manager.ts'
import { systemClock } from '../../electron/sip/clock.ts'
import type { IncomingInvite, SipDialog, SipResponse } from '../../electron/sip/types.ts'
import type { AccountSettings, AccountTransport, RegistrationState } from '../../shared/model/account.ts'
import { type Authority, createAuthority } from '../harness/certificates.ts'
import { type Kamailio, type KamailioOptions, startKamailio } from '../harness/kamailio.ts'

const domain = 'pbx.test'
const users = { alice: 'alice-secret', bob: 'bob-secret' }
const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'
const answer = 'v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'

let authority: Authority
const cleanUp: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  authority = await createAuthority()
})

afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function kamailio(options: Partial<KamailioOptions> = {}): Promise<Kamailio> {
  const credentials = options.credentials ?? (await authority.issue({ names: [domain] }))
  const server = await startKamailio({ domain, users, ...options, credentials })
  cleanUp.push(() => server.stop())
  return server
}

function manager(): AccountManager {
  const accounts = createAccountManager({ userAgent: 'Kedge/test', clock: systemClock })
  cleanUp.push(() => accounts.close())
  return accounts
}

const settings = (
  server: Kamailio,
  username: string,
  transport: AccountTransport,
  more: Partial<AccountSettings> = {},
): AccountSettings => ({
  id: username,
  label: username,
  domain,
  server: '127.0.0.1',
  port: transport === 'tls' ? server.ports.tls : server.ports.plain,
  transport,
  username,
  register: true,
  encryption: 'off',
  caPem: authority.certPem,
  ...more,
})

/** Waits for a state of the account; fails with the state it is in. */
async function reaches(
  accounts: AccountManager,
  id: string,
  kind: RegistrationState['kind'],
  withinMs = 8_000,
): Promise<RegistrationState> {
  const stateOf = () => accounts.list().find((account) => account.settings.id === id)?.state
  const deadline = Date.now() + withinMs
  for (;;) {
    const state = stateOf()
    if (state?.kind === kind) return state
    if (Date.now() > deadline) throw new Error(`${id} is not ${kind} but ${JSON.stringify(state)}`)
    await sleep(20)
  }
}

/** Alice and Bob, registered, and a way to place calls between them. */
async function twoPhones(transport: AccountTransport, digest: 'MD5' | 'SHA-256' = 'MD5') {
  const server = await kamailio({ digest })
  const accounts = manager()
  const invites: IncomingInvite[] = []
  accounts.onInvite((id, invite) => {
    if (id === 'bob') invites.push(invite)
  })
  for (const user of ['alice', 'bob'] as const) accounts.save(settings(server, user, transport), users[user])
  await Promise.all([reaches(accounts, 'alice', 'registered'), reaches(accounts, 'bob', 'registered')])
  return { server, accounts, invites }
}

function place(accounts: AccountManager, target = `sip:bob@${domain}`) {
  const progress: SipResponse[] = []
  const accepted = Promise.withResolvers<{ response: SipResponse; dialog: SipDialog }>()
  const rejected = Promise.withResolvers<SipResponse>()
  const invite = accounts.endpointFor('alice').invite(
    { target, offer },
    {
      onProgress: (response) => progress.push(response),
      onAccepted: (response, dialog) => accepted.resolve({ response, dialog }),
      onRejected: (response) => rejected.resolve(response),
    },
  )
  return { invite, progress, accepted: accepted.promise, rejected: rejected.promise }
}

async function until<T>(find: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = find()
    if (found !== undefined) return found
    await sleep(20)
  }
  throw new Error('did not happen within 6 s')
}

const hearsBye = (dialog: SipDialog) =>
  new Promise<void>((resolve) => {
    dialog.delegate = {
      onBye: resolve,
      onReinvite: (request) => request.accept(answer),
    }
  })

describe.each([
  ['udp', 'MD5'],
  ['tcp', 'SHA-256'],
  ['tls', 'MD5'],
] as const)('Kamailio over %s with %s', (transport, digest) => {
  it('registers, calls through Record-Route, re-INVITEs both ways, and each side can hang up', async () => {
    const { accounts, invites, server } = await twoPhones(transport, digest)
    for (const who of ['caller', 'callee'] as const) {
      const call = place(accounts)
      const incoming = await until(() => invites.shift())
      expect(incoming).toMatchObject({ offer, from: { user: 'alice' } })
      incoming.progress(183, answer)
      await until(() => call.progress.find(({ status }) => status === 183))
      const bobs = incoming.accept(answer)
      const { dialog: alices, response } = await call.accepted
      expect(response.body).toBe(answer)
      const hungUp = { caller: hearsBye(bobs), callee: hearsBye(alices) }
      expect(await alices.reinvite(offer)).toMatchObject({ status: 200, body: answer })
      expect(await bobs.reinvite(offer)).toMatchObject({ status: 200, body: answer })
      await (who === 'caller' ? alices : bobs).bye()
      await hungUp[who]
    }
    expect(
      server.requests().filter(({ method, transport: over }) => method === 'BYE' && over === transport),
    ).toHaveLength(2)
  })

  it('a ringing call is cancelled, and a declined one reports 603', async () => {
    const { accounts, invites } = await twoPhones(transport, digest)
    const first = place(accounts)
    const ringing = await until(() => invites.shift())
    const cancelled = new Promise<void>((resolve) => {
      ringing.onCancelled = resolve
    })
    ringing.progress(180)
    await until(() => first.progress.find(({ status }) => status === 180))
    first.invite.cancel()
    await cancelled
    expect(await first.rejected).toMatchObject({ status: 487 })

    const second = place(accounts)
    ;(await until(() => invites.shift())).reject(603)
    expect(await second.rejected).toMatchObject({ status: 603 })
  })
})

it('a wrong password is said after two tries and not tried again by itself', async () => {
  const server = await kamailio()
  const accounts = manager()
  accounts.save(settings(server, 'alice', 'tls'), 'not-the-secret')
  const state = await reaches(accounts, 'alice', 'failed')
  expect(state).toEqual({ kind: 'failed', code: 'account/wrong-password', details: '401 Unauthorized' })
  await sleep(500)
  expect(server.requests()).toHaveLength(2)
  accounts.save(settings(server, 'alice', 'tls'), users.alice)
  await reaches(accounts, 'alice', 'registered')
})

it('what TLS verified is told, and the certificate counts for the configured domain only', async () => {
  const credentials = await authority.issue({ names: ['other.test'], addresses: ['127.0.0.1'] })
  const wrong = await kamailio({ credentials })
  const accounts = manager()
  accounts.save(settings(wrong, 'alice', 'tls'), users.alice)
  expect(await reaches(accounts, 'alice', 'failed')).toMatchObject({ code: 'tls/wrong-name' })

  const right = await kamailio()
  accounts.save(settings(right, 'alice', 'tls'), users.alice)
  await reaches(accounts, 'alice', 'registered')
  const { signalling } = accounts.endpointFor('alice')
  expect(signalling).toMatchObject({
    transport: 'tls',
    tlsVersion: 'TLSv1.3',
    peerName: domain,
    peerIssuer: 'Test authority',
  })
})

it('a trunk without registration is ready once OPTIONS was answered, and cannot be called', async () => {
  const server = await kamailio()
  const accounts = manager()
  accounts.save(settings(server, 'alice', 'tls', { register: false }), users.alice)
  await reaches(accounts, 'alice', 'ready')
  expect(accounts.list()[0]?.canReceiveCalls).toBe(false)
  expect(await place(accounts, `sip:nobody@${domain}`).rejected).toMatchObject({ status: 404 })
})

it('a restarted server is registered at again without anybody asking, and calls go through', async () => {
  const { server, accounts, invites } = await twoPhones('tls')
  await server.stop()
  await reaches(accounts, 'alice', 'failed')
  await kamailio({ ports: server.ports })
  await Promise.all(['alice', 'bob'].map((user) => reaches(accounts, user, 'registered', 30_000)))
  const call = place(accounts)
  const bobs = (await until(() => invites.shift())).accept(answer)
  const hungUp = hearsBye(bobs)
  const { dialog: alices } = await call.accepted
  await alices.bye()
  await hungUp
})

it('leaves nothing registered behind when it closes', async () => {
  const server = await kamailio()
  const accounts = manager()
  accounts.save(settings(server, 'bob', 'tcp'), users.bob)
  accounts.save(settings(server, 'alice', 'tcp'), users.alice)
  await Promise.all([reaches(accounts, 'alice', 'registered'), reaches(accounts, 'bob', 'registered')])
  accounts.remove('bob')
  await until(() => (server.requests().filter(({ method }) => method === 'REGISTER').length >= 5 ? true : undefined))
  expect(await place(accounts).rejected).toMatchObject({ status: 404 })
})
