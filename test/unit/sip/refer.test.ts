import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSipEndpoint } from '../../../electron/sip/endpoint.ts'
import type { EndpointConfig } from '../../../electron/sip/endpoint-config.ts'
import { headerOf } from '../../../electron/sip/message/raw-message.ts'
import { parseReplaces } from '../../../electron/sip/refer.ts'
import type { ReceivedRefer, ReferDelegate, ReferTarget, SipDialog } from '../../../electron/sip/types.ts'
import { linkTransports } from './linked-transports.ts'
import { scriptedPeer } from './scripted-peer.ts'

const sdp = 'v=0\r\n'
const carol: ReferTarget = { uri: 'sip:carol@example.test', user: 'carol', host: 'example.test' }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const soon = () => vi.advanceTimersByTimeAsync(10)

/** A call to bob, and what bob can send in it. */
async function talking(more: Partial<EndpointConfig> = {}) {
  const link = linkTransports({})
  const endpoint = createSipEndpoint(link.left, {
    aor: 'sip:alice@example.test',
    contact: { user: 'contact', hostPort: '127.0.0.1:5001', transport: 'tcp' },
    userAgent: 'test',
    ...more,
  })
  const peer = scriptedPeer(link.right)
  const { promise, resolve } = Promise.withResolvers<SipDialog>()
  endpoint.invite(
    { target: 'sip:bob@example.test', offer: sdp },
    {
      onProgress: () => undefined,
      onAccepted: (_response, accepted) => resolve(accepted),
      onRejected: () => undefined,
    },
  )
  await soon()
  const invite = peer.last('INVITE')
  peer.respond(invite, 200, { tag: 'bob', body: sdp })
  await soon()
  const dialog = await promise
  let cseq = 10
  const send = async (method: string, headers: readonly string[], body = '') => {
    cseq += 1
    const lines = [
      `${method} sip:contact@127.0.0.1:5001;transport=tcp SIP/2.0`,
      `Via: SIP/2.0/TCP 127.0.0.1:5002;branch=z9hG4bK${method}${cseq}`,
      'From: <sip:bob@example.test>;tag=bob',
      `To: ${headerOf(invite, 'from')}`,
      `Call-ID: ${dialog.callId}`,
      `CSeq: ${cseq} ${method}`,
      'Contact: <sip:bob@127.0.0.1:5002>',
      ...headers,
      `Content-Length: ${body.length}`,
      '',
      body,
    ]
    void link.right.send(lines.join('\r\n'))
    await soon()
    const { start } = peer.received.findLast((message) => message.start.kind === 'response') ?? invite
    return start.kind === 'response' ? start.status : 0
  }
  const notify = (fragment: string, state = 'active;expires=60', event = 'refer') =>
    send(
      'NOTIFY',
      [`Event: ${event}`, `Subscription-State: ${state}`, 'Content-Type: message/sipfrag;version=2.0'],
      fragment,
    )
  return { endpoint, peer, dialog, send, notify }
}

function heard() {
  const log: string[] = []
  const delegate: ReferDelegate = {
    onAnswered: ({ status }, silent) => log.push(`answered ${status}${silent ? ', silent' : ''}`),
    onProgress: ({ status, reason }) => log.push(`${status} ${reason}`),
    onOver: () => log.push('over'),
  }
  return { log, delegate }
}

describe('a REFER that we send (RFC 3515)', () => {
  it('goes out in the dialog with Refer-To and Referred-By, and its NOTIFYs tell what the target says', async () => {
    const { peer, dialog, notify } = await talking()
    const { log, delegate } = heard()
    dialog.refer(carol, delegate)
    await soon()
    const refer = peer.last('REFER')
    expect(headerOf(refer, 'refer-to')).toBe('<sip:carol@example.test>')
    expect(headerOf(refer, 'referred-by')).toBe('<sip:alice@example.test>')
    peer.respond(refer, 202, {})
    await soon()
    expect(await notify('SIP/2.0 100 Trying\r\n')).toBe(200)
    await notify('SIP/2.0 180 Ringing\r\n')
    await notify('SIP/2.0 200 OK\r\n', 'terminated;reason=noresource')
    expect(log).toEqual(['answered 202', '100 Trying', '180 Ringing', '200 OK', 'over'])
  })

  it.each(['sip:a b@example.test', 'sip:a@example.test>', '"<'])('%j is no target: nothing is sent', async (uri) => {
    const { peer, dialog } = await talking()
    const { log, delegate } = heard()
    expect(() => dialog.refer({ ...carol, uri }, delegate)).toThrow(
      expect.objectContaining({ code: 'call/bad-target' }),
    )
    await soon()
    expect(peer.received.map(({ start }) => start)).not.toContainEqual(expect.objectContaining({ method: 'REFER' }))
    expect(log).toEqual([])
  })

  it('names the call to be replaced inside the URI, escaped (RFC 3891, RFC 5589 §7)', async () => {
    const { peer, dialog } = await talking()
    dialog.refer({ ...carol, replaces: { callId: 'a@b', toTag: 't1', fromTag: 'f1' } }, heard().delegate)
    await soon()
    expect(headerOf(peer.last('REFER'), 'refer-to')).toBe(
      '<sip:carol@example.test?Replaces=a%40b%3Bto-tag%3Dt1%3Bfrom-tag%3Df1>',
    )
  })

  it.each([405, 501, 403, 603])('a refusal with %i is told once, and no NOTIFY is taken afterwards', async (status) => {
    const { peer, dialog, notify } = await talking()
    const { log, delegate } = heard()
    dialog.refer(carol, delegate)
    await soon()
    peer.respond(peer.last('REFER'), status, {})
    await soon()
    expect(await notify('SIP/2.0 200 OK\r\n')).toBe(481)
    expect(log).toEqual([`answered ${status}`])
  })

  it('news that overtake the 202 are news', async () => {
    const { peer, dialog, notify } = await talking()
    const { log, delegate } = heard()
    dialog.refer(carol, delegate)
    await soon()
    await notify('SIP/2.0 100 Trying\r\n')
    peer.respond(peer.last('REFER'), 202, {})
    await soon()
    expect(log).toEqual(['100 Trying', 'answered 202'])
  })

  it('Refer-Sub: false in the answer means that nothing more is told (RFC 4488)', async () => {
    const { peer, dialog } = await talking()
    const { log, delegate } = heard()
    dialog.refer(carol, delegate)
    await soon()
    peer.respond(peer.last('REFER'), 202, { headers: ['Refer-Sub: false'] })
    await soon()
    expect(log).toEqual(['answered 202, silent'])
  })

  it('a NOTIFY of an earlier REFER is none of the one under way (RFC 3515 §2.4.6)', async () => {
    const { peer, dialog, notify } = await talking()
    const [first, second] = [heard(), heard()]
    dialog.refer(carol, first.delegate)
    await soon()
    const earlier = headerOf(peer.last('REFER'), 'cseq')?.split(' ')[0]
    peer.respond(peer.last('REFER'), 202, {})
    await soon()
    dialog.refer(carol, second.delegate)
    await soon()
    expect(await notify('SIP/2.0 200 OK\r\n', 'terminated', `refer;id=${earlier}`)).toBe(481)
    expect(second.log).toEqual([])
  })

  it('what is no sipfrag, or no status line, tells nothing', async () => {
    const { peer, dialog, notify, send } = await talking()
    const { log, delegate } = heard()
    dialog.refer(carol, delegate)
    await soon()
    peer.respond(peer.last('REFER'), 202, {})
    await notify('INVITE sip:carol@example.test SIP/2.0\r\n')
    await send('NOTIFY', ['Event: refer', 'Subscription-State: active', 'Content-Type: text/plain'], 'SIP/2.0 200 OK')
    expect(log).toEqual(['answered 202'])
  })
})

describe('a REFER that arrives', () => {
  async function referred(headers: readonly string[]) {
    const call = await talking()
    const asked: ReceivedRefer[] = []
    call.dialog.delegate = {
      onBye: () => undefined,
      onReinvite: () => undefined,
      onRefer: (request) => asked.push(request),
    }
    return { ...call, asked, status: await call.send('REFER', headers) }
  }

  it('tells whom it names and who asks; accepted it is 202, and what the target says is told by NOTIFY', async () => {
    const { peer, asked } = await referred([
      'Refer-To: Carol <sip:carol@example.test>',
      'Referred-By: <sip:bob@b.test>',
    ])
    expect(asked[0]).toMatchObject({ target: carol, referredBy: '<sip:bob@b.test>' })
    const tell = asked[0]?.accept()
    await soon()
    expect(peer.last('202')).toBeDefined()
    expect(peer.last('NOTIFY').body).toBe('SIP/2.0 100 Trying')
    peer.respond(peer.last('NOTIFY'), 200, {})
    tell?.(603, 'Declined')
    await soon()
    expect(peer.last('NOTIFY').body).toBe('SIP/2.0 603 Declined')
    expect(headerOf(peer.last('NOTIFY'), 'subscription-state')).toMatch(/^terminated/)
  })

  it.each([
    ['false', 'false', 0],
    ['true', undefined, 1],
  ])('Refer-Sub: %s is answered as it will be done (RFC 4488 §4)', async (wish, answered, notified) => {
    const { peer, asked } = await referred(['Refer-To: <sip:carol@example.test>', `Refer-Sub: ${wish}`])
    asked[0]?.accept()
    await soon()
    expect(headerOf(peer.last('202'), 'refer-sub')).toBe(answered)
    expect(peer.received.filter(({ start }) => start.kind === 'request' && start.method === 'NOTIFY')).toHaveLength(
      notified,
    )
  })

  it('a Referred-By that is signed or long is handed on as it came, without what cannot be seen', async () => {
    const signed = `"Bob \u202eB" <sip:bob@b.test;x=${'y'.repeat(200)}>;cid="20398823.2UWQFN309shb3@referrer.example"`
    const { asked } = await referred(['Refer-To: <sip:carol@example.test>', `Referred-By: ${signed}`])
    expect(asked[0]?.referredBy).toBe(signed.replace('\u202e', ''))
  })

  it.each([
    ['past 2048 characters', `<sip:${'b'.repeat(2_048)}@b.test>`],
    ['of nothing that can be seen', '\u200e'],
  ])('a Referred-By %s is left out whole', async (_what, value) => {
    const { asked } = await referred(['Refer-To: <sip:carol@example.test>', `Referred-By: ${value}`])
    expect(asked[0]).toBeDefined()
    expect(asked[0]).not.toHaveProperty('referredBy')
  })

  it('reads the call to be replaced out of the URI', async () => {
    const { asked } = await referred(['Refer-To: <sip:carol@example.test?Replaces=x%40y%3Bfrom-tag%3Df%3Bto-tag%3Dt>'])
    expect(asked[0]?.target).toEqual({ ...carol, replaces: { callId: 'x@y', toTag: 't', fromTag: 'f' } })
  })

  it.each([
    ['no Refer-To', []],
    ['two of them', ['Refer-To: <sip:a@b.test>', 'Refer-To: <sip:c@d.test>']],
    ['a telephone URI', ['Refer-To: <tel:+15550100>']],
    ['another method', ['Refer-To: <sip:carol@example.test;method=SUBSCRIBE>']],
    ['an address that cannot be written again', ['Refer-To: <sip:%25@example.test>']],
    ['a Replaces without tags', ['Refer-To: <sip:carol@example.test?Replaces=x>']],
  ])('%s is refused with 400 and nobody is asked', async (_what, headers) => {
    const { asked, status } = await referred(headers)
    expect([asked.length, status]).toEqual([0, 400])
  })

  it('outside of a call nobody can make us call anyone', async () => {
    const { peer } = await talking()
    peer.request('REFER', { headers: ['Refer-To: <sip:premium@example.test>'] })
    await soon()
    expect(peer.last('403')).toBeDefined()
  })
})

describe('Replaces (RFC 3891 §6.1)', () => {
  it.each([
    ['a@b;to-tag=t;from-tag=f', { callId: 'a@b', toTag: 't', fromTag: 'f' }],
    ['a@b ; from-tag=f ; to-tag=t ; early-only', { callId: 'a@b', toTag: 't', fromTag: 'f', earlyOnly: true }],
    ['a', undefined],
    ['a;to-tag=t', undefined],
    ['a b;to-tag=t;from-tag=f', undefined],
    ['a;to-tag=t";from-tag=f', undefined],
    ['%zz;to-tag=t;from-tag=f', { callId: '%zz', toTag: 't', fromTag: 'f' }],
  ])('%s', (value, read) => {
    expect(parseReplaces(value)).toEqual(read)
  })
})
