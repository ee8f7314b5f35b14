import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSipEndpoint } from '../../../electron/sip/endpoint.ts'
import { headerOf, headersOf, type RawMessage } from '../../../electron/sip/message/raw-message.ts'
import type { IncomingInvite } from '../../../electron/sip/types.ts'
import { linkTransports } from './linked-transports.ts'
import { answered, phone, soon, starts } from './scripted-calls.ts'
import { scriptedPeer } from './scripted-peer.ts'

const sdp = 'v=0\r\n'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('within a dialog', () => {
  it.each([
    ['INFO', 200, []],
    ['INFO', 469, ['Info-Package: dtmf']],
    ['OPTIONS', 200, []],
    ['REFER', 603, ['Refer-To: <sip:carol@example.test>']],
    ['REFER', 400, []],
    ['NOTIFY', 489, []],
    ['NOTIFY', 481, ['Event: refer']],
  ] as const)('%s is answered with %i', async (method, status, headers) => {
    const { peer, request } = await answered()
    request(method, 7, { headers })
    await soon()
    expect(starts(peer).at(-1)).toBe(String(status))
  })

  it('UPDATE without an offer is a target refresh (RFC 3311 5.2): BYE goes to the new Contact', async () => {
    const { peer, request, dialog } = await answered()
    request('UPDATE', 7)
    await soon()
    void dialog.bye()
    await soon()
    expect(peer.last('BYE').start).toMatchObject({ uri: 'sip:moved@127.0.0.1:5002' })
  })

  it('UPDATE with an offer goes to the bridge, and its answer back', async () => {
    const { peer, request, dialog } = await answered()
    dialog.delegate = { onBye: () => undefined, onReinvite: (offered) => offered.accept('v=1\r\n') }
    request('UPDATE', 7, { body: sdp })
    await soon()
    expect(peer.last('200')).toMatchObject({ body: 'v=1\r\n' })
  })

  it('a request that comes out of order is refused with 500 (RFC 3261 12.2.2)', async () => {
    const { peer, request } = await answered()
    for (const cseq of [7, 6]) {
      request('UPDATE', cseq)
      await soon()
    }
    expect(starts(peer).at(-1)).toBe('500')
  })

  it('a re-INVITE without an offer is told as such, and our offer is answered in the ACK', async () => {
    const { peer, request, dialog } = await answered()
    const heard: unknown[] = []
    dialog.delegate = {
      onBye: () => undefined,
      onReinvite(asked) {
        heard.push(asked.offer)
        asked.accept(sdp)
      },
      onAck: (body) => heard.push(body),
    }
    request('INVITE', 7)
    await soon()
    expect(headerOf(peer.last('200'), 'contact')).toContain('contact@127.0.0.1:5001')
    request('ACK', 7, { body: 'v=2\r\n' })
    await soon()
    expect(heard).toEqual([undefined, 'v=2\r\n'])
  })

  it('a re-INVITE whose 200 is never acknowledged ends the call after 64*T1 (RFC 3261 13.3.1.4)', async () => {
    const { peer, request, dialog } = await answered()
    const onBye = vi.fn()
    dialog.delegate = { onBye, onReinvite: (asked) => asked.accept(sdp) }
    request('INVITE', 7, { body: sdp })
    await vi.advanceTimersByTimeAsync(32_200)
    expect(onBye).toHaveBeenCalledOnce()
    expect(starts(peer)).toContain('BYE')
  })

  it('BYE for a dialog that is over gets 481', async () => {
    const { peer, request } = await answered()
    request('BYE', 7)
    await soon()
    request('BYE', 8)
    await soon()
    expect(starts(peer).slice(-2)).toEqual(['200', '481'])
  })

  it('requests go through the Record-Route of the answer, in reverse order, parameters kept', async () => {
    const routes = ['<sip:edge.test;transport=tls;r2=on;lr>', '<sip:core.test;lr;ftag=x>']
    const { peer, dialog } = await answered([`Record-Route: ${routes.join(', ')}`])
    expect(headersOf(peer.last('ACK'), 'route')).toEqual([...routes].reverse())
    void dialog.bye()
    await soon()
    expect(headersOf(peer.last('BYE'), 'route')).toEqual([...routes].reverse())
  })
})

it('a ringing without Contact is told all the same', async () => {
  const { endpoint, peer, link } = phone()
  const statuses: number[] = []
  endpoint.invite(
    { target: 'sip:bob@example.test', offer: sdp },
    { onProgress: ({ status }) => statuses.push(status), onAccepted: () => undefined, onRejected: () => undefined },
  )
  await soon()
  const invite = peer.last('INVITE')
  const lines = ['via', 'from', 'call-id', 'cseq'].map((name) => `${name}: ${headerOf(invite, name)}`)
  const ringing = [
    'SIP/2.0 180 Ringing',
    ...lines,
    `To: ${headerOf(invite, 'to')};tag=bob`,
    'Content-Length: 0',
    '',
    '',
  ]
  void link.right.send(ringing.join('\r\n'))
  await soon()
  expect(statuses).toEqual([180])
})

it('a Contact that cannot be written again is refused with 400, not met in the middle of a call', async () => {
  const { endpoint, peer } = phone()
  endpoint.onInvite = () => expect.unreachable()
  peer.request('INVITE', { headers: ['Contact: <sip:a%25@127.0.0.1>'], body: sdp })
  await soon()
  expect(starts(peer)).toEqual(['400'])
})

describe('several answers to one INVITE', () => {
  it('a second 200 with another tag is acknowledged and ended with BYE (RFC 3261 13.2.2.4)', async () => {
    const { peer, invite, dialogs } = await answered()
    peer.respond(invite, 200, { tag: 'carol', body: sdp })
    await soon()
    expect(dialogs).toHaveLength(1)
    expect(starts(peer).slice(-2)).toEqual(['ACK', 'BYE'])
    expect(headerOf(peer.last('BYE'), 'to')).toContain('tag=carol')
  })

  it('a repeated 200 is acknowledged again, with the same ACK', async () => {
    const { peer, invite } = await answered()
    peer.respond(invite, 200, { tag: 'bob', body: sdp })
    await soon()
    const acks = peer.received.filter(({ start }) => start.kind === 'request' && start.method === 'ACK')
    expect(acks).toHaveLength(2)
    expect(acks[1]).toEqual(acks[0])
  })
})

describe('challenges', () => {
  const credentials = { username: 'alice', password: 'secret' }
  const challenge = (nonce: string) => [`Proxy-Authenticate: Digest realm="example.test", nonce="${nonce}", qop="auth"`]

  it('a challenged INVITE is sent again with the next CSeq and the same Call-ID and tag; the ACK carries the credentials', async () => {
    const { endpoint, peer } = phone({ credentials })
    const told: string[] = []
    endpoint.invite(
      { target: 'sip:bob@example.test', offer: sdp },
      { onProgress: () => undefined, onAccepted: () => told.push('accepted'), onRejected: () => told.push('rejected') },
    )
    await soon()
    const first = peer.last('INVITE')
    peer.respond(first, 407, { tag: 'proxy', headers: challenge('one') })
    await soon()
    const second = peer.last('INVITE')
    expect([headerOf(second, 'cseq'), headerOf(second, 'call-id'), headerOf(second, 'from')]).toEqual([
      '2 INVITE',
      headerOf(first, 'call-id'),
      headerOf(first, 'from'),
    ])
    peer.respond(second, 200, { tag: 'bob', body: sdp })
    await soon()
    expect(told).toEqual(['accepted'])
    expect(headerOf(peer.last('ACK'), 'proxy-authorization')).toBe(headerOf(second, 'proxy-authorization'))
  })

  it.each(['BYE', 'INVITE'])(
    'a challenge to %s in a call that the other side began gets no credentials (CVE-2021-41158)',
    async (method) => {
      const { endpoint, peer } = phone({ credentials })
      const invites: IncomingInvite[] = []
      endpoint.onInvite = (invite) => invites.push(invite)
      peer.request('INVITE', { body: sdp, branch: 'z9hG4bKinvite' })
      await soon()
      const dialog = invites[0]?.accept(sdp)
      await soon()
      peer.request('ACK', { to: headerOf(peer.last('200'), 'to') ?? '' })
      await soon()
      void (method === 'BYE' ? dialog?.bye() : dialog?.reinvite(sdp))
      await soon()
      peer.respond(peer.last(method), 407, { headers: challenge('evil') })
      await soon()
      const sent = peer.received.filter(({ start }) => start.kind === 'request')
      expect(sent.filter(({ start }) => start.kind === 'request' && start.method === method)).toHaveLength(1)
      expect(sent.some((message) => headerOf(message, 'proxy-authorization'))).toBe(false)
    },
  )

  it('without credentials a 407 is final', async () => {
    const { endpoint, peer } = phone()
    const statuses: number[] = []
    endpoint.invite(
      { target: 'sip:bob@example.test', offer: sdp },
      { onProgress: () => undefined, onAccepted: () => undefined, onRejected: ({ status }) => statuses.push(status) },
    )
    await soon()
    peer.respond(peer.last('INVITE'), 407, { tag: 'proxy', headers: challenge('one') })
    await soon()
    expect(statuses).toEqual([407])
  })
})

describe('what goes out', () => {
  const ids = (message: RawMessage) => [
    headerOf(message, 'via')?.match(/branch=([^;]+)/)?.[1],
    headerOf(message, 'from')?.match(/tag=([^;]+)/)?.[1],
    headerOf(message, 'call-id'),
  ]

  it('branch, tag and Call-ID have 96 random bits each', async () => {
    const { peer } = await answered()
    for (const id of ids(peer.last('INVITE'))) expect(id).toMatch(/^(z9hG4bK)?[0-9a-f]{24}$/)
    expect(headerOf(peer.last('ACK'), 'via')).toMatch(/branch=z9hG4bK[0-9a-f]{24};rport$/)
  })

  it('Allow says what is answered, no more', async () => {
    const { peer } = await answered()
    expect(headersOf(peer.last('INVITE'), 'allow')).toEqual([
      'ACK, BYE, CANCEL, INFO, INVITE, NOTIFY, OPTIONS, PRACK, REFER, UPDATE',
    ])
  })

  it.each(['X-A: b\r\nX-Evil: c', 'X-A: b\nc', 'X-A: \0'])('a header with a control character is refused', (header) => {
    const { endpoint } = phone()
    const send = () =>
      endpoint.invite(
        { target: 'sip:bob@example.test', offer: sdp, extraHeaders: [header] },
        { onProgress: () => undefined, onAccepted: () => undefined, onRejected: () => undefined },
      )
    expect(send).toThrow(expect.objectContaining({ code: 'internal' }))
  })

  it.each(['bob', 'tel:+123', 'sip:', 'sip:a b@c'])('%j is no target', (target) => {
    const { endpoint } = phone()
    const send = () =>
      endpoint.invite(
        { target, offer: sdp },
        { onProgress: () => undefined, onAccepted: () => undefined, onRejected: () => undefined },
      )
    expect(send).toThrow(expect.objectContaining({ code: 'call/bad-target' }))
  })
})

describe('names', () => {
  it('the display name of a caller comes without control and direction characters, 64 at most', async () => {
    const { endpoint, link } = phone()
    const names: (string | undefined)[] = []
    endpoint.onInvite = (invite) => names.push(invite.from.displayName)
    const name = `a\u202eb\u2066c${'x'.repeat(100)}`
    await link.right.send(
      [
        'INVITE sip:alice@example.test SIP/2.0',
        'Via: SIP/2.0/TCP 127.0.0.1:5002;branch=z9hG4bKname',
        `From: "${name}" <sip:peer@example.test>;tag=peer`,
        'To: <sip:alice@example.test>',
        'Call-ID: name',
        'CSeq: 1 INVITE',
        'Contact: <sip:peer@127.0.0.1>',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    )
    await soon()
    expect(names).toEqual([`abc${'x'.repeat(61)}`])
  })
})

describe('another flow', () => {
  it('takes the dialogs over: BYE leaves by it, with its Contact and Via', async () => {
    const { endpoint, link, dialog } = await answered()
    link.left.close()
    const next = linkTransports({ leftPort: 6001 })
    const there = scriptedPeer(next.right)
    endpoint.moveTo(next.left, { user: 'contact', hostPort: '127.0.0.1:6001', transport: 'tcp' })
    void dialog.bye()
    await soon()
    expect(headerOf(there.last('BYE'), 'via')).toContain('127.0.0.1:6001')
  })
})

describe('over a lossy UDP', () => {
  it.each(Array.from({ length: 100 }, (_, seed) => seed))(
    'a call is set up and ended although a fifth is lost and a tenth comes twice (seed %i)',
    async (seed) => {
      let state = seed + 1
      // Park and Miller's generator: enough for losing packets, and the same ones each time.
      const random = () => {
        state = (state * 48_271) % 0x7fff_ffff
        return state / 0x7fff_ffff
      }
      const copies = () => {
        const drawn = random()
        return drawn < 0.2 ? 0 : drawn > 0.9 ? 2 : 1
      }
      const link = linkTransports({ kind: 'udp', copies })
      const make = (transport: typeof link.left, user: string) =>
        createSipEndpoint(transport, {
          aor: `sip:${user}@example.test`,
          contact: { user, hostPort: `127.0.0.1:${transport.local.port}` },
          userAgent: 'test',
        })
      const [caller, callee] = [make(link.left, 'alice'), make(link.right, 'bob')]
      const events: string[] = []
      callee.onInvite = (invite) => {
        events.push('rings')
        const dialog = invite.accept(sdp)
        dialog.delegate = { onBye: () => events.push('ended'), onReinvite: (asked) => asked.reject(488) }
      }
      caller.invite(
        { target: 'sip:bob@example.test', offer: sdp },
        {
          onProgress: () => undefined,
          onAccepted(_response, dialog) {
            events.push('accepted')
            setTimeout(() => void dialog.bye().then(() => events.push('bye done')), 1_000)
          },
          onRejected: ({ status }) => events.push(`rejected ${status}`),
        },
      )
      await vi.advanceTimersByTimeAsync(120_000)
      expect(events.slice(0, 2)).toEqual(['rings', 'accepted'])
      expect(events.slice(2).sort()).toEqual(['bye done', 'ended'])
    },
  )
})
