import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSipEndpoint, type KedgeEndpoint } from '../../../electron/sip/endpoint.ts'
import type { EndpointConfig } from '../../../electron/sip/endpoint-config.ts'
import type { IncomingInvite, SipDialog, SipResponse } from '../../../electron/sip/types.ts'
import { type LinkOptions, linkTransports } from './linked-transports.ts'

const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'
const answer = 'v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'

interface Party {
  readonly endpoint: KedgeEndpoint
  readonly invites: IncomingInvite[]
}

function party(
  transport: Parameters<typeof createSipEndpoint>[0],
  user: string,
  more: Partial<EndpointConfig> = {},
): Party {
  const { address, port } = transport.local
  const endpoint = createSipEndpoint(transport, {
    aor: `sip:${user}@example.test`,
    contact: { user: `${user}-contact`, hostPort: `${address}:${port}` },
    userAgent: 'test',
    ...more,
  })
  const invites: IncomingInvite[] = []
  endpoint.onInvite = (invite) => invites.push(invite)
  return { endpoint, invites }
}

function parties(
  options: LinkOptions = {},
  more: { alice?: Partial<EndpointConfig>; bob?: Partial<EndpointConfig> } = {},
) {
  const link = linkTransports(options)
  const alice = party(link.left, 'alice', more.alice)
  const bob = party(link.right, 'bob', more.bob)
  return { link, alice, bob }
}

/** A call from `from`, with everything its delegate was told. */
function call(from: Party, target = 'sip:bob@example.test') {
  const progress: SipResponse[] = []
  const told: { accepted: SipDialog[]; rejected: { response: SipResponse; code: string | undefined }[] } = {
    accepted: [],
    rejected: [],
  }
  const invite = from.endpoint.invite(
    { target, offer },
    {
      onProgress: (response) => progress.push(response),
      onAccepted: (_response, dialog) => told.accepted.push(dialog),
      onRejected: (response, code) => told.rejected.push({ response, code }),
    },
  )
  return { invite, progress, ...told }
}

const delegateOf = () => {
  const events: string[] = []
  return {
    events,
    delegate: {
      onBye: () => void events.push('bye'),
      onAck: (body: string | undefined) => void events.push(`ack ${body === undefined ? 'empty' : 'sdp'}`),
      onReinvite: (request: { offer?: string; accept(sdp: string): void }) => {
        events.push(request.offer === undefined ? 'reinvite without offer' : 'reinvite')
        request.accept(answer)
      },
    },
  }
}

const startLines = (link: ReturnType<typeof linkTransports>) =>
  link.sent.map(
    ({ from, text }) =>
      `${from === 'left' ? '>' : '<'} ${text
        .split(' ')
        .slice(0, 2)
        .join(' ')
        .replace(/ sip:.*/, '')}`,
  )

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a call over a reliable transport', () => {
  async function connected() {
    const both = parties()
    const placed = call(both.alice)
    await vi.advanceTimersByTimeAsync(10)
    const [incoming] = both.bob.invites
    const bobs = incoming?.accept(answer)
    await vi.advanceTimersByTimeAsync(10)
    const [alices] = placed.accepted
    if (!alices || !bobs) throw new Error('no dialog')
    return { ...both, alices, bobs }
  }

  it('rings, passes early media on, and is answered with one ACK', async () => {
    const { link, alice, bob } = parties()
    const placed = call(alice)
    await vi.advanceTimersByTimeAsync(10)
    const [incoming] = bob.invites
    expect(incoming).toMatchObject({ offer, requestUri: { user: 'bob' }, from: { user: 'alice' } })
    incoming?.progress(180)
    incoming?.progress(183, answer)
    await vi.advanceTimersByTimeAsync(10)
    expect(placed.progress.map(({ status, body }) => [status, body])).toEqual([
      [180, undefined],
      [183, answer],
    ])
    incoming?.accept(answer)
    await vi.advanceTimersByTimeAsync(10)
    expect(placed.accepted).toHaveLength(1)
    expect(startLines(link)).toEqual([
      '> INVITE',
      '< SIP/2.0 100',
      '< SIP/2.0 180',
      '< SIP/2.0 183',
      '> PRACK',
      '< SIP/2.0 200',
      '< SIP/2.0 200',
      '> ACK',
    ])
  })

  it.each(['caller', 'callee'])('is ended by the %s with BYE, which the other side answers', async (who) => {
    const { link, alices, bobs } = await connected()
    const other = delegateOf()
    ;(who === 'caller' ? bobs : alices).delegate = other.delegate
    const ended = (who === 'caller' ? alices : bobs).bye()
    await vi.advanceTimersByTimeAsync(10)
    await ended
    expect(other.events).toContain('bye')
    expect(startLines(link).slice(-2)).toEqual(
      who === 'caller' ? ['> BYE', '< SIP/2.0 200'] : ['< BYE', '> SIP/2.0 200'],
    )
  })

  it('a second bye() sends nothing', async () => {
    const { link, alices } = await connected()
    void alices.bye()
    void alices.bye()
    await vi.advanceTimersByTimeAsync(10)
    expect(startLines(link).filter((line) => line === '> BYE')).toHaveLength(1)
  })

  it('re-INVITE works in both directions, and its answer comes back', async () => {
    const { alices, bobs } = await connected()
    bobs.delegate = delegateOf().delegate
    alices.delegate = delegateOf().delegate
    const first = alices.reinvite(offer)
    await vi.advanceTimersByTimeAsync(10)
    expect(await first).toMatchObject({ status: 200, body: answer })
    const second = bobs.reinvite(offer)
    await vi.advanceTimersByTimeAsync(10)
    expect(await second).toMatchObject({ status: 200, body: answer })
  })

  it('two re-INVITEs that cross are refused with 491 on both sides (RFC 3261 §14.2)', async () => {
    const { alices, bobs } = await connected()
    bobs.delegate = delegateOf().delegate
    alices.delegate = delegateOf().delegate
    const results = Promise.all([alices.reinvite(offer), bobs.reinvite(offer)])
    await vi.advanceTimersByTimeAsync(10)
    expect((await results).map(({ status }) => status)).toEqual([491, 491])
  })

  it('BYE of the callee waits for the ACK (RFC 3261 §15)', async () => {
    const { link, alice, bob } = parties()
    call(alice)
    await vi.advanceTimersByTimeAsync(10)
    const dialog = bob.invites[0]?.accept(answer)
    void dialog?.bye()
    expect(startLines(link)).not.toContain('< BYE')
    await vi.advanceTimersByTimeAsync(10)
    expect(startLines(link).slice(-4)).toEqual(['< SIP/2.0 200', '> ACK', '< BYE', '> SIP/2.0 200'])
  })

  it.each([486, 603, 488, 302])('a %i of the callee is reported with its status and acknowledged', async (status) => {
    const { link, alice, bob } = parties()
    const placed = call(alice)
    await vi.advanceTimersByTimeAsync(10)
    bob.invites[0]?.reject(status, { warning: 'no "crypto" here' })
    await vi.advanceTimersByTimeAsync(10)
    expect(placed.rejected).toEqual([
      { response: expect.objectContaining({ status, warning: "no 'crypto' here" }), code: undefined },
    ])
    expect(startLines(link).slice(-2)).toEqual([`< SIP/2.0 ${status}`, '> ACK'])
  })
})

describe('CANCEL', () => {
  it('after 180 ends the INVITE with 487 on both sides', async () => {
    const { link, alice, bob } = parties()
    const placed = call(alice)
    await vi.advanceTimersByTimeAsync(10)
    const cancelled = vi.fn()
    const [incoming] = bob.invites
    if (incoming) incoming.onCancelled = cancelled
    incoming?.progress(180)
    await vi.advanceTimersByTimeAsync(10)
    placed.invite.cancel()
    await vi.advanceTimersByTimeAsync(10)
    expect(cancelled).toHaveBeenCalledOnce()
    expect(placed.rejected.map(({ response }) => response.status)).toEqual([487])
    expect(startLines(link).slice(-4)).toEqual(['> CANCEL', '< SIP/2.0 200', '< SIP/2.0 487', '> ACK'])
  })

  it('waits for the first provisional response (RFC 3261 §9.1)', async () => {
    const { link, alice } = parties()
    const placed = call(alice)
    placed.invite.cancel()
    expect(startLines(link)).toEqual(['> INVITE'])
    await vi.advanceTimersByTimeAsync(10)
    expect(startLines(link).slice(0, 3)).toEqual(['> INVITE', '< SIP/2.0 100', '> CANCEL'])
    expect(placed.rejected.map(({ response }) => response.status)).toEqual([487])
  })

  it('crossed by a 200 leads to ACK and BYE, and the caller hears 487', async () => {
    const { link, alice, bob } = parties()
    const placed = call(alice)
    await vi.advanceTimersByTimeAsync(10)
    bob.invites[0]?.accept(answer)
    placed.invite.cancel()
    await vi.advanceTimersByTimeAsync(20)
    expect(placed.accepted).toHaveLength(0)
    expect(placed.rejected.map(({ response }) => response.status)).toEqual([487])
    expect(startLines(link)).toEqual(expect.arrayContaining(['> ACK', '> BYE']))
  })

  it('after the final answer does nothing at the callee', async () => {
    const { alice, bob } = parties()
    const placed = call(alice)
    await vi.advanceTimersByTimeAsync(10)
    bob.invites[0]?.reject(486)
    await vi.advanceTimersByTimeAsync(10)
    placed.invite.cancel()
    await vi.advanceTimersByTimeAsync(10)
    expect(placed.rejected).toHaveLength(1)
  })
})

describe('without an answer', () => {
  it('an INVITE that nobody answers times out after 64*T1 as a local 408', async () => {
    const { alice } = parties({ copies: () => 0 })
    const placed = call(alice)
    await vi.advanceTimersByTimeAsync(32_100)
    expect(placed.rejected).toEqual([{ response: expect.objectContaining({ status: 408 }), code: 'call/timeout' }])
  })

  it('a lost flow fails the INVITE at once with net/closed and cancels it at the callee', async () => {
    const { link, alice, bob } = parties()
    const placed = call(alice)
    await vi.advanceTimersByTimeAsync(10)
    const cancelled = vi.fn()
    if (bob.invites[0]) bob.invites[0].onCancelled = cancelled
    link.left.close()
    expect(placed.rejected).toEqual([{ response: expect.objectContaining({ status: 503 }), code: 'net/closed' }])
    expect(cancelled).toHaveBeenCalledOnce()
  })
})

describe('what is nobody’s business', () => {
  it('an INVITE for a user we are not gets 404 and does not ring', async () => {
    const { alice, bob } = parties()
    const placed = call(alice, 'sip:mallory@example.test')
    await vi.advanceTimersByTimeAsync(10)
    expect(placed.rejected.map(({ response }) => response.status)).toEqual([404])
    expect(bob.invites).toHaveLength(0)
  })

  it.each([
    ['OPTIONS', 200],
    ['MESSAGE', 405],
    ['SUBSCRIBE', 489],
    ['NOTIFY', 489],
    ['REFER', 403],
    ['BYE', 481],
    ['FROBNICATE', 501],
  ])('%s outside a dialog gets %i', async (method, status) => {
    const { alice } = parties()
    const response = alice.endpoint.request(method, { target: 'sip:bob@example.test', to: 'sip:bob@example.test' })
    await vi.advanceTimersByTimeAsync(10)
    expect((await response).status).toBe(status)
  })

  it('a required extension that we do not have gets 420 and names it (RFC 3261 §8.2.2.3)', async () => {
    const { alice } = parties()
    const response = alice.endpoint.request('OPTIONS', {
      target: 'sip:bob@example.test',
      headers: ['Require: 100rel, foo'],
    })
    await vi.advanceTimersByTimeAsync(10)
    expect((await response).headers('unsupported')).toEqual(['foo'])
  })
})
