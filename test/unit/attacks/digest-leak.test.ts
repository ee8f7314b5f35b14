import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type {
  createAuthenticator as Authenticator,
  RequestCredentials,
} from '../../../electron/sip/digest/authenticator.ts'
import { createSipEndpoint } from '../../../electron/sip/endpoint.ts'
import type { SipDialog } from '../../../electron/sip/types.ts'
import { linkTransports } from '../sip/linked-transports.ts'
import { type ScriptedPeer, scriptedPeer } from '../sip/scripted-peer.ts'
import { buildWithout } from './build-without.ts'

/**
 * CVE-2021-41158: whoever calls us, or sits behind our trunk, asks for credentials in the trunk's name. Credentials are for
 * the account's own realm, in requests that the account itself has begun.
 */
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

type Build = typeof createSipEndpoint
const soon = () => vi.advanceTimersByTimeAsync(20)

const own = 'Digest realm="pbx.test", nonce="own-nonce", algorithm=SHA-256, qop="auth"'
const stolen = 'Digest realm="pbx.test", nonce="stolen-nonce", algorithm=SHA-256, qop="auth"'
const foreign = 'Digest realm="evil.test", nonce="evil-nonce", algorithm=MD5'

function victim(build: Build) {
  const link = linkTransports()
  const endpoint = build(link.left, {
    aor: 'sip:alice@example.test',
    contact: { user: 'contact', hostPort: '127.0.0.1:5001', transport: 'tcp' },
    userAgent: 'test',
    credentials: { username: 'alice', password: 'secret' },
  })
  const peer = scriptedPeer(link.right)
  const answers = () =>
    link.sent.filter(({ from, text }) => from === 'left' && /^(?:proxy-)?authorization:/im.test(text))
  return { endpoint, peer, answers }
}
type Victim = ReturnType<typeof victim>

const challengeLine = (status: number, challenge: string) =>
  `${status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate'}: ${challenge}`

/** Signs in, so that the account's realm is known, and answers with a nonce that may be used again. */
async function registered({ endpoint, peer }: Victim): Promise<void> {
  const done = endpoint.request('REGISTER', { target: 'sip:example.test' })
  await soon()
  peer.respond(peer.last('REGISTER'), 401, { headers: [challengeLine(401, own)] })
  await soon()
  peer.respond(peer.last('REGISTER'), 200)
  await soon()
  await done
}

/** The attacker calls, we answer. */
async function incomingCall({ endpoint, peer }: Victim): Promise<SipDialog> {
  let dialog: SipDialog | undefined
  endpoint.onInvite = (invite) => {
    dialog = invite.accept('v=0\r\n')
  }
  peer.request('INVITE', { body: 'v=0\r\n' })
  await soon()
  const { headers } = peer.last('200')
  const toTag = headers.find(({ name }) => name === 'to')?.value ?? ''
  peer.request('ACK', { uri: 'sip:contact@127.0.0.1:5001', to: toTag })
  await soon()
  if (!dialog) throw new Error('no call')
  return dialog
}

/** We call out through the trunk, and the far end answers. */
async function outgoingCall({ endpoint, peer }: Victim): Promise<SipDialog> {
  const dialogs: SipDialog[] = []
  endpoint.invite(
    { target: 'sip:bob@example.test', offer: 'v=0\r\n' },
    {
      onProgress: () => undefined,
      onAccepted: (_response, dialog) => dialogs.push(dialog),
      onRejected: () => undefined,
    },
  )
  await soon()
  peer.respond(peer.last('INVITE'), 200, { tag: 'bob', body: 'v=0\r\n' })
  await soon()
  const [dialog] = dialogs
  if (!dialog) throw new Error('no call')
  return dialog
}

const actions: Readonly<Record<'BYE' | 'INVITE' | 'INFO', (dialog: SipDialog) => Promise<unknown>>> = {
  BYE: (dialog) => dialog.bye(),
  INVITE: (dialog) => dialog.reinvite('v=0\r\n'),
  INFO: (dialog) => dialog.info({ type: 'application/dtmf-relay', content: 'Signal=1' }),
}

interface WrongPlace {
  readonly name: string
  attack(victim: Victim): Promise<void>
}

/** Does something, and challenges the request that comes. */
async function challenged(peer: ScriptedPeer, method: string, status: number, challenge: string): Promise<void> {
  await soon()
  peer.respond(peer.last(method), status, { headers: [challengeLine(status, challenge)] })
  await soon()
}

const inTheirCall: readonly WrongPlace[] = (['BYE', 'INVITE', 'INFO'] as const).flatMap((method) =>
  ([401, 407] as const).flatMap((status) => [
    {
      name: `${status} with the trunk's realm to our ${method} in a call that they began`,
      async attack(at: Victim) {
        const dialog = await incomingCall(at)
        void actions[method](dialog)
        await challenged(at.peer, method, status, stolen)
      },
    },
  ]),
)

const wrongRealm: readonly WrongPlace[] = [
  ...(['BYE', 'INVITE', 'INFO'] as const).flatMap((method) =>
    ([401, 407] as const).map((status) => ({
      name: `${status} with another realm to our ${method} in a call of ours`,
      async attack(at: Victim) {
        const dialog = await outgoingCall(at)
        void actions[method](dialog)
        await challenged(at.peer, method, status, foreign)
      },
    })),
  ),
  ...(['REGISTER', 'OPTIONS', 'MESSAGE'] as const).map((method) => ({
    name: `407 with another realm to our ${method}`,
    async attack({ endpoint, peer }: Victim) {
      void endpoint.request(method, { target: 'sip:example.test' })
      await challenged(peer, method, 407, foreign)
    },
  })),
  {
    name: '407 with another realm to our INVITE',
    async attack({ endpoint, peer }) {
      const nothing = () => undefined
      const delegate = { onProgress: nothing, onAccepted: nothing, onRejected: nothing }
      endpoint.invite({ target: 'sip:bob@example.test', offer: 'v=0\r\n' }, delegate)
      await challenged(peer, 'INVITE', 407, foreign)
    },
  },
]

/** Requests and responses that nobody asked for. */
const unasked: readonly WrongPlace[] = [
  ...(['OPTIONS', 'NOTIFY', 'REFER', 'MESSAGE'] as const).map((method) => ({
    name: `a challenge inside their ${method}`,
    async attack({ peer }: Victim) {
      peer.request(method, { headers: [challengeLine(401, stolen), challengeLine(407, stolen)] })
      await soon()
    },
  })),
  {
    name: 'a 401 to a request that was never sent',
    async attack({ peer }) {
      const bye = { ...peer.last('REGISTER') }
      const headers = bye.headers.map(({ name, value }) => ({
        name,
        value: value.replace(/branch=\w+/, 'branch=z9hG4bKnone'),
      }))
      peer.respond({ ...bye, headers }, 401, { headers: [challengeLine(401, stolen)] })
      await soon()
    },
  },
]

/** Credentials that were sent to a wrong place. REGISTER's own, unasked on its known nonce, are the account's business. */
async function leaked(build: Build, { attack }: WrongPlace): Promise<number> {
  const at = victim(build)
  await registered(at)
  const before = at.answers().length
  await attack(at)
  await vi.advanceTimersByTimeAsync(1_000)
  const sent = at.answers().slice(before)
  await at.endpoint.close()
  return sent.filter(({ text }) => /nonce="(?:stolen|evil)-nonce"/.test(text) || !text.startsWith('REGISTER ')).length
}

const places = [...inTheirCall, ...wrongRealm, ...unasked]

describe('a digest answer is for the account’s own server (CVE-2021-41158)', () => {
  it('is asked for in at least twenty wrong places', () => expect(places.length).toBeGreaterThanOrEqual(20))

  it.each(places)('none is sent: $name', async (place) => {
    expect(await leaked(createSipEndpoint, place)).toBe(0)
  })

  it('the account’s own server gets it', async () => {
    const at = victim(createSipEndpoint)
    await registered(at)
    expect(at.answers()).toHaveLength(1)
    await at.endpoint.close()
  })
})

describe('canary', () => {
  const total = async (build: Build, all: readonly WrongPlace[]) => {
    let sum = 0
    for (const place of all) sum += await leaked(build, place)
    return sum
  }

  it('without the look at who began the call, their challenges are answered', async () => {
    const { createSipEndpoint: build } = await buildWithout<{ createSipEndpoint: Build }>(
      'sip/client-request.ts',
      ({ sendInDialog }: { sendInDialog?: (...args: unknown[]) => unknown }) => ({
        sendInDialog: (ctx: unknown, dialog: unknown, method: unknown, _own: unknown, more: unknown) =>
          sendInDialog?.(ctx, dialog, method, true, more),
      }),
      'sip/endpoint.ts',
    )
    // BYE and INFO, to a 401 and to a 407 each.
    expect(await total(build, inTheirCall)).toBe(4)
  })

  it('without the look at the realm, every other realm is answered', async () => {
    const { createSipEndpoint: build } = await buildWithout<{ createSipEndpoint: Build }>(
      'sip/digest/authenticator.ts',
      ({ createAuthenticator }: { createAuthenticator?: typeof Authenticator }) => ({
        createAuthenticator: (...args: Parameters<typeof Authenticator>) => ({
          forRequest: (target: never) => forgetful(() => createAuthenticator?.(...args).forRequest(target)),
        }),
      }),
      'sip/endpoint.ts',
    )
    expect(await total(build, wrongRealm)).toBe(wrongRealm.length)
  })
})

/** Credentials that know no realm: each challenge is the first one. */
function forgetful(fresh: () => RequestCredentials | undefined): RequestCredentials {
  let lines: string[] = []
  return {
    lines: () => lines,
    challenged(status, values) {
      const credentials = fresh()
      const takes = credentials?.challenged(status, values) ?? false
      lines = credentials?.lines() ?? []
      return takes
    },
    accepted: () => undefined,
  }
}
