import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { headerOf, type RawMessage } from '../../../electron/sip/message/raw-message.ts'
import { answerSession, parseMinSe, parseSessionExpires } from '../../../electron/sip/session-interval.ts'
import { answered, listener, phone, placing, soon, starts } from './scripted-calls.ts'
import type { ScriptedPeer } from './scripted-peer.ts'

const sdp = 'v=0\r\n'
const seconds = (count: number) => vi.advanceTimersByTimeAsync(1000 * count)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const all = (peer: ScriptedPeer, start: string): RawMessage[] =>
  peer.received.filter((message) => message.start.kind === 'request' && message.start.method === start)

describe('the rule (RFC 4028 §9, table 2)', () => {
  const request = { sessionExpires: undefined, minSe: 90, supportsTimer: true }
  it.each([
    ['a caller without the extension and without a wish: no timer', { supportsTimer: false }, { kind: 'none' }],
    [
      'a caller that can refresh and did not ask is asked to',
      {},
      { kind: 'agreed', seconds: 1800, refresher: 'uac', mustSupport: true },
    ],
    [
      'its own choice of who refreshes stands',
      { sessionExpires: { seconds: 600, refresher: 'uas' } },
      { kind: 'agreed', seconds: 600, refresher: 'uas', mustSupport: false },
    ],
    [
      'a proxy asked for a caller without the extension: we refresh, and nothing is required',
      { sessionExpires: { seconds: 600, refresher: 'uac' }, supportsTimer: false },
      { kind: 'agreed', seconds: 600, refresher: 'uas', mustSupport: false },
    ],
    ['less than 90 s is too small', { sessionExpires: { seconds: 89 } }, { kind: 'tooSmall', minSe: 90 }],
    [
      'it cannot be said to a caller that does not know the word',
      { sessionExpires: { seconds: 30 }, supportsTimer: false },
      { kind: 'agreed', seconds: 90, refresher: 'uas', mustSupport: false },
    ],
    [
      'never less than Min-SE',
      { sessionExpires: { seconds: 100 }, minSe: 240 },
      { kind: 'agreed', seconds: 240, refresher: 'uac', mustSupport: true },
    ],
  ] as const)('%s', (_name, more, expected) => {
    expect(answerSession({ ...request, ...more })).toEqual(expected)
  })

  it.each([
    ['1800', { seconds: 1800 }],
    [' 90 ;refresher=UAS', { seconds: 90, refresher: 'uas' }],
    ['90;x=y;refresher=uac', { seconds: 90, refresher: 'uac' }],
    ['90;refresher=nobody', { seconds: 90 }],
    ['abc', undefined],
    ['-1', undefined],
    [undefined, undefined],
  ] as const)('Session-Expires %j is read as %j', (value, expected) => {
    expect(parseSessionExpires(value)).toEqual(expected)
  })

  it.each([
    ['120', 120],
    ['30', 90],
    ['x', 90],
    [undefined, 90],
  ] as const)('Min-SE %j counts as %i', (value, expected) => expect(parseMinSe(value)).toBe(expected))
})

describe('calls that we place', () => {
  const updates = ['Allow: INVITE, ACK, BYE, UPDATE']

  it('the INVITE asks for half an hour and leaves it to the other side who refreshes (§7.1)', async () => {
    const { invite } = await placing()
    expect([headerOf(invite, 'session-expires'), headerOf(invite, 'min-se')]).toEqual(['1800', '90'])
    expect(headerOf(invite, 'supported')).toContain('timer')
  })

  it('after 422 it asks again for at least its Min-SE (§7.3)', async () => {
    const { peer, invite } = await placing()
    peer.respond(invite, 422, { tag: 'proxy', headers: ['Min-SE: 3600'] })
    await soon()
    const again = peer.last('INVITE')
    expect([headerOf(again, 'session-expires'), headerOf(again, 'min-se'), headerOf(again, 'cseq')]).toEqual([
      '3600',
      '3600',
      '2 INVITE',
    ])
    expect(headerOf(again, 'call-id')).toBe(headerOf(invite, 'call-id'))
  })

  it.each(['Min-SE: 60', 'Min-SE: 90', 'Min-SE: 999999', 'X: y'])('a 422 with %j is final', async (header) => {
    const { peer, invite, rejected } = await placing()
    peer.respond(invite, 422, { tag: 'proxy', headers: [header] })
    await soon()
    expect(starts(peer)).toEqual(['INVITE', 'ACK'])
    expect(rejected).toEqual([expect.objectContaining({ status: 422 })])
  })

  it('without Session-Expires in the 200 the call has no end of its own', async () => {
    const { peer, heard } = await answered()
    await seconds(86_400)
    expect(starts(peer)).toEqual(['INVITE', 'ACK'])
    expect(heard).toEqual([])
  })

  it('as refresher we send an UPDATE without a description after half the time, and go on so', async () => {
    const { peer, heard } = await answered([...updates, 'Session-Expires: 600;refresher=uac'])
    for (const round of [1, 2, 3]) {
      await seconds(300)
      const update = peer.last('UPDATE')
      expect(all(peer, 'UPDATE')).toHaveLength(round)
      expect([headerOf(update, 'session-expires'), update.body]).toEqual(['600;refresher=uac', ''])
      peer.respond(update, 200, { headers: ['Session-Expires: 600;refresher=uac'] })
      await soon()
    }
    expect(heard).toEqual([])
  })

  it.each(['uac', 'uas'])(
    'a 200 that names 31 years, to be kept by the %s, ends nothing at once',
    async (refresher) => {
      const { peer, heard } = await answered([...updates, `Session-Expires: 999999999;refresher=${refresher}`])
      await seconds(3_600)
      expect(heard).toEqual([])
      expect(starts(peer)).toEqual(['INVITE', 'ACK'])
      await seconds(86_400)
      expect(heard).toEqual(['call/session-expired'])
    },
  )

  it.each([0, 1, 89])('a 200 that names %i s counts as the least that anybody may demand (§5)', async (granted) => {
    const { peer, heard } = await answered([...updates, `Session-Expires: ${granted};refresher=uac`])
    await seconds(44)
    expect(all(peer, 'UPDATE')).toEqual([])
    await seconds(2)
    expect(headerOf(peer.last('UPDATE'), 'session-expires')).toBe('90;refresher=uac')
    expect(heard).toEqual([])
  })

  it('a server that raises its Min-SE each time is not followed for ever', async () => {
    const { peer, rejected } = await placing()
    for (let minSe = 1_801; rejected.length === 0 && minSe < 1_900; minSe += 1) {
      peer.respond(peer.last('INVITE'), 422, { tag: 'proxy', headers: [`Min-SE: ${minSe}`] })
      await soon()
    }
    expect(all(peer, 'INVITE')).toHaveLength(6)
    expect(rejected).toEqual([expect.objectContaining({ status: 422 })])
  })

  it('a peer whose Allow has no UPDATE gets a re-INVITE, which the bridge makes', async () => {
    const { peer, heard, dialog } = await answered(['Session-Expires: 600;refresher=uac'])
    await seconds(301)
    expect(heard).toEqual(['refresh due'])
    const response = dialog.reinvite(sdp)
    await soon()
    expect(headerOf(peer.last('INVITE'), 'session-expires')).toBe('600;refresher=uac')
    peer.respond(peer.last('INVITE'), 200, { headers: ['Session-Expires: 600;refresher=uac'], body: sdp })
    await soon()
    expect((await response).status).toBe(200)
    await seconds(299)
    expect(heard).toEqual(['refresh due'])
  })

  it.each([405, 501])('an UPDATE that is refused with %i is followed by a re-INVITE', async (status) => {
    const { peer, heard } = await answered([...updates, 'Session-Expires: 600;refresher=uac'])
    await seconds(301)
    peer.respond(peer.last('UPDATE'), status)
    await soon()
    expect(heard).toEqual(['refresh due'])
  })

  it('an UPDATE that is refused with 422 is sent again with what was asked for', async () => {
    const { peer } = await answered([...updates, 'Session-Expires: 600;refresher=uac'])
    await seconds(301)
    peer.respond(peer.last('UPDATE'), 422, { headers: ['Min-SE: 2000'] })
    await soon()
    expect(headerOf(peer.last('UPDATE'), 'session-expires')).toBe('2000;refresher=uac')
  })

  it('a refresh that fails is tried again, and the call ends with its session when none succeeds (§10)', async () => {
    const { peer, heard } = await answered([...updates, 'Session-Expires: 90;refresher=uac'])
    for (let second = 0; second < 89; second += 1) {
      await seconds(1)
      const update = all(peer, 'UPDATE').at(-1)
      if (update) peer.respond(update, 500)
    }
    expect(heard).toEqual([])
    expect(all(peer, 'UPDATE').length).toBeGreaterThan(2)
    await seconds(2)
    expect(heard).toEqual(['call/session-expired'])
    expect(starts(peer)).toContain('BYE')
  })

  it('481 to a refresh ends the call at once (RFC 3261 §12.2.1.2)', async () => {
    const { peer, heard } = await answered([...updates, 'Session-Expires: 600;refresher=uac'])
    await seconds(301)
    peer.respond(peer.last('UPDATE'), 481)
    await soon()
    expect(heard).toEqual(['call/session-expired'])
  })

  it('when the other side is to refresh and does not, the call ends 32 s before its session (§10)', async () => {
    const { peer, heard } = await answered(['Session-Expires: 600;refresher=uas'])
    await seconds(567)
    expect(heard).toEqual([])
    await seconds(2)
    expect(heard).toEqual(['call/session-expired'])
    expect(starts(peer).at(-1)).toBe('BYE')
  })

  it.each(['UPDATE', 'INVITE'])('its %s in time keeps the call, and the 200 says how it goes on', async (method) => {
    const { peer, heard, request } = await answered(['Session-Expires: 600;refresher=uas'])
    const headers = ['Supported: timer', 'Session-Expires: 600;refresher=uac']
    for (const cseq of [1, 2, 3]) {
      await seconds(500)
      request(method, cseq, { headers, ...(method === 'INVITE' ? { body: sdp } : {}) })
      await soon()
      expect(headerOf(peer.last('200'), 'session-expires')).toBe('600;refresher=uac')
      expect(headerOf(peer.last('200'), 'require')).toBe('timer')
      if (method === 'INVITE') request('ACK', cseq)
      await soon()
    }
    await seconds(567)
    expect(heard).toEqual([])
    await seconds(2)
    expect(heard).toEqual(['call/session-expired'])
  })

  it.each(['UPDATE', 'INVITE'])('its %s with less than 90 s gets 422 and changes nothing', async (method) => {
    const { peer, request } = await answered()
    request(method, 1, { headers: ['Supported: timer', 'Session-Expires: 60'], body: method === 'INVITE' ? sdp : '' })
    await soon()
    expect(headerOf(peer.last('422'), 'min-se')).toBe('90')
  })

  it('a refused re-INVITE is no refresh', async () => {
    const { dialog, heard, request } = await answered(['Session-Expires: 600;refresher=uas'])
    dialog.delegate = listener({
      onReinvite: (asked) => asked.reject(488),
      onLost: (reason) => heard.push(reason),
    }).delegate
    await seconds(500)
    request('INVITE', 1, { headers: ['Supported: timer', 'Session-Expires: 600;refresher=uac'], body: sdp })
    await seconds(69)
    expect(heard).toEqual(['call/session-expired'])
  })

  it.each(['we', 'they'])('nothing of it remains when %s have hung up', async (who) => {
    const { peer, dialog, request } = await answered([...updates, 'Session-Expires: 90;refresher=uac'])
    if (who === 'we') void dialog.bye()
    else request('BYE', 1)
    await soon()
    if (who === 'we') peer.respond(peer.last('BYE'), 200)
    await seconds(1_000)
    expect(all(peer, 'UPDATE')).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('calls that ring here', () => {
  async function accepted(headers: readonly string[]) {
    const made = phone()
    made.peer.request('INVITE', { body: sdp, headers })
    await soon()
    const [invite] = made.invites
    const { heard, delegate } = listener()
    const dialog = invite?.accept(sdp)
    if (dialog) dialog.delegate = delegate
    await soon()
    made.peer.request('ACK', { to: headerOf(made.peer.received.at(-1) ?? expect.fail(), 'to') ?? '' })
    await soon()
    return { ...made, dialog, heard }
  }

  it('less than 90 s is refused with 422 before it rings', async () => {
    const { peer, invites } = await accepted(['Supported: timer', 'Session-Expires: 60'])
    expect(headerOf(peer.last('422'), 'min-se')).toBe('90')
    expect(invites).toEqual([])
  })

  it('Require: timer is understood', async () => {
    const { invites } = await accepted(['Require: timer', 'Supported: timer', 'Session-Expires: 600'])
    expect(invites).toHaveLength(1)
  })

  it('a caller that wants us to refresh is refreshed', async () => {
    const headers = ['Allow: UPDATE', 'Supported: timer', 'Session-Expires: 600;refresher=uas']
    const { peer } = await accepted(headers)
    expect(headerOf(peer.last('200'), 'session-expires')).toBe('600;refresher=uas')
    expect(headerOf(peer.last('200'), 'require')).toBeUndefined()
    await seconds(301)
    expect(headerOf(peer.last('UPDATE'), 'session-expires')).toBe('600;refresher=uac')
  })

  it('one that refreshes itself and falls silent is hung up on, with the reason', async () => {
    const { peer, heard } = await accepted(['Supported: timer', 'Session-Expires: 90'])
    expect(headerOf(peer.last('200'), 'session-expires')).toBe('90;refresher=uac')
    expect(headerOf(peer.last('200'), 'require')).toBe('timer')
    await seconds(61)
    expect(heard).toEqual(['call/session-expired'])
    expect(starts(peer).at(-1)).toBe('BYE')
  })

  it('one that knows nothing of it gets no header', async () => {
    const { peer, heard } = await accepted([])
    expect(headerOf(peer.last('200'), 'session-expires')).toBeUndefined()
    await seconds(86_400)
    expect(heard).toEqual([])
  })
})

it('the window’s own leg has no session timer', async () => {
  const { peer, endpoint } = phone({}, { kind: 'local' })
  endpoint.invite(
    { target: 'sip:bob@example.test', offer: sdp },
    { onProgress: () => undefined, onAccepted: () => undefined, onRejected: () => undefined },
  )
  await soon()
  expect(headerOf(peer.last('INVITE'), 'session-expires')).toBeUndefined()
  expect(headerOf(peer.last('INVITE'), 'supported')).toBe('')
})
