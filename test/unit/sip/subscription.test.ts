import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EndpointConfig } from '../../../electron/sip/endpoint-config.ts'
import { headerOf, headersOf, type RawMessage } from '../../../electron/sip/message/raw-message.ts'
import { phone, soon, starts } from './scripted-calls.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const what = {
  target: 'sip:alice@example.test',
  event: 'message-summary',
  accept: 'application/simple-message-summary',
  expiresS: 3600,
}

/** A subscription that was asked for, and a way to send NOTIFYs into it. */
async function asked(more: Partial<EndpointConfig> = {}) {
  const made = phone(more)
  const bodies: string[] = []
  const ended: object[] = []
  const subscription = made.endpoint.subscribe(what, {
    onNotify: (body) => bodies.push(body),
    onEnded: (why) => ended.push(why),
  })
  await soon()
  let cseq = 0
  const notify = (headers: readonly string[], body = '') => {
    cseq += 1
    const first = made.peer.received.find(({ start }) => start.kind === 'request' && start.method === 'SUBSCRIBE')
    const of = (name: string) => (first && headerOf(first, name)) ?? ''
    void made.link.right.send(
      [
        'NOTIFY sip:contact@127.0.0.1:5001 SIP/2.0',
        `Via: SIP/2.0/TCP 127.0.0.1:5002;branch=z9hG4bKnotify${cseq}`,
        'From: <sip:alice@example.test>;tag=server',
        `To: ${of('from')}`,
        `Call-ID: ${of('call-id')}`,
        `CSeq: ${cseq} NOTIFY`,
        'Contact: <sip:server@127.0.0.1:5002>',
        ...headers,
        `Content-Length: ${body.length}`,
        '',
        body,
      ].join('\r\n'),
    )
    return soon()
  }
  return { ...made, bodies, ended, subscription, notify }
}

const subscribes = (peer: Awaited<ReturnType<typeof asked>>['peer']): RawMessage[] =>
  peer.received.filter(({ start }) => start.kind === 'request' && start.method === 'SUBSCRIBE')
const active = ['Event: message-summary', 'Subscription-State: active;expires=3600']

describe('a subscription (RFC 6665 §4.1)', () => {
  it('is asked for with event, media type, time and Contact', async () => {
    const { peer } = await asked()
    const subscribe = peer.last('SUBSCRIBE')
    expect(['event', 'accept', 'expires'].map((name) => headerOf(subscribe, name))).toEqual([
      'message-summary',
      'application/simple-message-summary',
      '3600',
    ])
    expect(headerOf(subscribe, 'contact')).toContain('contact@127.0.0.1:5001')
  })

  it('a challenge is answered', async () => {
    const { peer } = await asked({ credentials: { username: 'alice', password: 'secret' } })
    const challenge = 'WWW-Authenticate: Digest realm="example.test", nonce="one", qop="auth"'
    peer.respond(peer.last('SUBSCRIBE'), 401, { tag: 'server', headers: [challenge] })
    await soon()
    expect(headerOf(peer.last('SUBSCRIBE'), 'authorization')).toContain('nonce="one"')
  })

  it('its notifications are told and answered with 200, also those that overtake the 200', async () => {
    const { peer, bodies, notify } = await asked()
    await notify(active, 'first')
    peer.respond(peer.last('SUBSCRIBE'), 200, { tag: 'server', headers: ['Expires: 3600'] })
    await notify(active, 'second')
    expect(bodies).toEqual(['first', 'second'])
    expect(starts(peer)).toEqual(['SUBSCRIBE', '200', '200'])
  })

  it('a notification of another event gets 489, one for no subscription 481', async () => {
    const { peer, link, notify, bodies } = await asked()
    await notify(['Event: presence', 'Subscription-State: active'], 'x')
    expect(starts(peer).at(-1)).toBe('489')
    void link.right.send(
      [
        'NOTIFY sip:contact@127.0.0.1:5001 SIP/2.0',
        'Via: SIP/2.0/TCP 127.0.0.1:5002;branch=z9hG4bKstray',
        'From: <sip:x@example.test>;tag=x',
        'To: <sip:y@example.test>;tag=y',
        'Call-ID: stray',
        'CSeq: 1 NOTIFY',
        ...active,
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    )
    await soon()
    expect(starts(peer).at(-1)).toBe('481')
    expect(bodies).toEqual([])
  })

  it('is refreshed within its dialog before it expires, along its route', async () => {
    const { peer } = await asked()
    const headers = ['Expires: 600', 'Record-Route: <sip:b.test;lr>', 'Record-Route: <sip:a.test;lr>']
    peer.respond(peer.last('SUBSCRIBE'), 200, { tag: 'server', headers })
    await vi.advanceTimersByTimeAsync(515_000)
    const [first, second] = subscribes(peer)
    if (!first || !second) throw new Error('not refreshed')
    expect(headerOf(second, 'call-id')).toBe(headerOf(first, 'call-id'))
    expect(headerOf(second, 'to')).toContain('tag=server')
    expect(headerOf(second, 'cseq')).toBe('2 SUBSCRIBE')
    expect(second.start).toMatchObject({ uri: 'sip:peer-server@127.0.0.1:5002' })
    expect(headersOf(second, 'route')).toEqual(['<sip:a.test;lr>', '<sip:b.test;lr>'])
  })

  it.each([
    ['31 years', '999999999'],
    ['more than a number holds', '9'.repeat(400)],
    ['nothing that can be read', 'soon'],
  ])('a time of %s counts as what was asked for (RFC 6665 §3.1.1)', async (_what, expires) => {
    const { peer, notify } = await asked()
    peer.respond(peer.last('SUBSCRIBE'), 200, { tag: 'server', headers: [`Expires: ${expires}`] })
    await notify(['Event: message-summary', `Subscription-State: active;expires=${expires}`])
    await vi.advanceTimersByTimeAsync(3_000_000)
    expect(subscribes(peer)).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(100_000)
    expect(subscribes(peer)).toHaveLength(2)
  })

  it.each(['1', '0.001'])('a time of %s s has it refreshed each five seconds, not in a loop', async (expires) => {
    const { peer, notify } = await asked()
    const headers = [`Expires: ${expires}`]
    for (let second = 0; second < 20; second += 1) {
      peer.respond(peer.last('SUBSCRIBE'), 200, { tag: 'server', headers })
      await notify(['Event: message-summary', `Subscription-State: active;expires=${expires}`])
      await vi.advanceTimersByTimeAsync(1_000)
    }
    expect(subscribes(peer).length).toBeLessThan(6)
  })

  it('a Retry-After longer than an hour is an hour', async () => {
    const { peer, ended } = await asked()
    peer.respond(peer.last('SUBSCRIBE'), 503, { tag: 'server', headers: ['Retry-After: 999999999'] })
    await soon()
    expect(ended).toEqual([{ status: 503, retryAfterS: 3_600 }])
  })

  it.each([489, 404, 403])('a refusal with %i is told, and nothing is asked again', async (status) => {
    const { peer, ended } = await asked()
    peer.respond(peer.last('SUBSCRIBE'), status, { tag: 'server' })
    await vi.advanceTimersByTimeAsync(7_200_000)
    expect(ended).toEqual([{ status }])
    expect(subscribes(peer)).toHaveLength(1)
  })

  it('the end that the server declares is told with its reason', async () => {
    const { peer, ended, notify } = await asked()
    peer.respond(peer.last('SUBSCRIBE'), 200, { tag: 'server', headers: ['Expires: 600'] })
    await notify(['Event: message-summary', 'Subscription-State: terminated;reason=probation;retry-after=30'])
    expect(ended).toEqual([{ reason: 'probation', retryAfterS: 30 }])
    await vi.advanceTimersByTimeAsync(7_200_000)
    expect(subscribes(peer)).toHaveLength(1)
  })

  it('ends with Expires: 0, and leaves no timer', async () => {
    const { peer, subscription } = await asked()
    peer.respond(peer.last('SUBSCRIBE'), 200, { tag: 'server', headers: ['Expires: 600'] })
    await soon()
    const ended = subscription.end()
    await soon()
    expect(headerOf(peer.last('SUBSCRIBE'), 'expires')).toBe('0')
    peer.respond(peer.last('SUBSCRIBE'), 200)
    await soon()
    await ended
    expect(vi.getTimerCount()).toBe(0)
  })
})
