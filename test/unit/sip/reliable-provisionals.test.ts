import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { headerOf, type RawMessage } from '../../../electron/sip/message/raw-message.ts'
import type { OfferedInDialog } from '../../../electron/sip/types.ts'
import { listener, phone, placing, soon, starts } from './scripted-calls.ts'
import type { ScriptedPeer } from './scripted-peer.ts'

const sdp = 'v=0\r\n'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const reliable = (rseq: number) => ['Require: 100rel', `RSeq: ${rseq}`]
const messages = (peer: ScriptedPeer, method: string): RawMessage[] =>
  peer.received.filter(({ start }) => start.kind === 'request' && start.method === method)

describe('calls that we place (RFC 3262 §4)', () => {
  it('the INVITE says that reliable provisional responses are understood', async () => {
    const { invite } = await placing()
    expect(headerOf(invite, 'supported')?.split(', ')).toContain('100rel')
  })

  it('a reliable 183 is acknowledged with PRACK in its early dialog, and its media is told', async () => {
    const { peer, invite, progress } = await placing()
    peer.respond(invite, 183, { tag: 'bob', headers: reliable(77), body: sdp })
    await soon()
    const prack = peer.last('PRACK')
    expect(headerOf(prack, 'rack')).toBe('77 1 INVITE')
    expect(headerOf(prack, 'cseq')).toBe('2 PRACK')
    expect(headerOf(prack, 'to')).toContain('tag=bob')
    expect(prack.start).toMatchObject({ uri: 'sip:peer-bob@127.0.0.1:5002' })
    expect(progress).toEqual([expect.objectContaining({ status: 183, body: sdp })])
  })

  it('one without Require: 100rel is not acknowledged', async () => {
    const { peer, invite } = await placing()
    peer.respond(invite, 180, { tag: 'bob', headers: ['RSeq: 5'] })
    await soon()
    expect(starts(peer)).toEqual(['INVITE'])
  })

  it('a repetition, and one out of order, get no PRACK and are not told', async () => {
    const { peer, invite, progress } = await placing()
    for (const rseq of [7, 7, 9, 8]) {
      peer.respond(invite, 180, { tag: 'bob', headers: reliable(rseq) })
      await soon()
    }
    expect(messages(peer, 'PRACK').map((prack) => headerOf(prack, 'rack'))).toEqual(['7 1 INVITE', '8 1 INVITE'])
    expect(progress).toHaveLength(2)
  })

  it('each fork is acknowledged in its own early dialog', async () => {
    const { peer, invite, dialogs } = await placing()
    for (const tag of ['bob', 'carol']) {
      peer.respond(invite, 183, { tag, headers: reliable(1), body: sdp })
      await soon()
    }
    expect(messages(peer, 'PRACK').map((prack) => headerOf(prack, 'to')?.match(/tag=(.*)/)?.[1])).toEqual([
      'bob',
      'carol',
    ])
    peer.respond(invite, 200, { tag: 'carol' })
    await soon()
    expect(dialogs[0]).toMatchObject({ remoteTag: 'carol' })
    void dialogs[0]?.bye()
    await soon()
    expect(headerOf(peer.last('BYE'), 'cseq')).toBe('3 BYE')
  })

  it('a challenge to PRACK is answered', async () => {
    const { peer, invite } = await placing({ credentials: { username: 'alice', password: 'secret' } })
    peer.respond(invite, 183, { tag: 'bob', headers: reliable(1) })
    await soon()
    const challenge = 'Proxy-Authenticate: Digest realm="example.test", nonce="one", qop="auth"'
    peer.respond(peer.last('PRACK'), 407, { headers: [challenge] })
    await soon()
    expect(headerOf(peer.last('PRACK'), 'proxy-authorization')).toContain('nonce="one"')
    expect(headerOf(peer.last('PRACK'), 'rack')).toBe('1 1 INVITE')
  })

  it('the ACK goes to the Contact of the 200, not to that of the ringing before it (§12.2.1.2)', async () => {
    const { peer, invite } = await placing()
    peer.respond(invite, 180, { tag: 'bob', headers: ['Contact: <sip:early@127.0.0.1:5002>'] })
    await soon()
    peer.respond(invite, 200, { tag: 'bob', body: sdp })
    await soon()
    expect(peer.last('ACK').start).toMatchObject({ uri: 'sip:peer-bob@127.0.0.1:5002' })
  })

  it('UPDATE in an early dialog: without an offer a target refresh, with one the bridge answers (RFC 3311 §5.2)', async () => {
    const offers: OfferedInDialog[] = []
    const { peer, invite, request } = await placing({}, { onEarlyOffer: (offered) => offers.push(offered) })
    peer.respond(invite, 183, { tag: 'bob', headers: reliable(1), body: sdp })
    await soon()
    request('UPDATE', 1)
    await soon()
    expect(starts(peer).at(-1)).toBe('200')
    request('UPDATE', 2, { body: 'v=2\r\n' })
    await soon()
    expect(offers.map(({ offer }) => offer)).toEqual(['v=2\r\n'])
    offers[0]?.accept('v=3\r\n')
    await soon()
    expect(peer.last('200')).toMatchObject({ body: 'v=3\r\n' })
  })

  it('an early offer that nobody can take is refused with 488', async () => {
    const { peer, invite, request } = await placing()
    peer.respond(invite, 183, { tag: 'bob', body: sdp })
    await soon()
    request('UPDATE', 1, { body: sdp })
    await soon()
    expect(starts(peer).at(-1)).toBe('488')
  })
})

/** A call that rings here, from a caller with these header lines. */
async function ringing(headers: readonly string[]) {
  const made = phone()
  made.peer.request('INVITE', { body: sdp, headers, branch: 'z9hG4bKinvite' })
  await soon()
  const [invite] = made.invites
  if (!invite) throw new Error(`not told: ${starts(made.peer)}`)
  const prack = (rack: string, cseq = 2) => {
    const { peer } = made
    const to = headerOf(peer.received.at(-1) ?? expect.fail('nothing received'), 'to')
    peer.request('PRACK', { to: to ?? '', cseq, headers: [`RAck: ${rack}`] })
    return soon()
  }
  const rack = () => `${headerOf(made.peer.last('183'), 'rseq')} 1 INVITE`
  return { ...made, invite, prack, rack }
}

describe('calls that ring here (RFC 3262 §3)', () => {
  it.each([
    ['Supported: 100rel', 183, sdp, true],
    ['Supported: 100rel', 180, undefined, false],
    ['Require: 100rel', 180, undefined, true],
    ['Supported: timer', 183, sdp, false],
  ] as const)('with %s a %i is reliable: %s %s', async (header, status, body, isReliable) => {
    const { invite, peer } = await ringing([header])
    invite.progress(status, body)
    await soon()
    expect(headerOf(peer.last(String(status)), 'require')).toBe(isReliable ? '100rel' : undefined)
  })

  it('is repeated at 0.5, 1.5, 3.5 s … until its PRACK, which gets 200', async () => {
    const { invite, peer, prack, rack } = await ringing(['Require: 100rel'])
    invite.progress(183, sdp)
    await vi.advanceTimersByTimeAsync(3_600)
    expect(starts(peer).filter((start) => start === '183')).toHaveLength(4)
    await prack(rack())
    expect(starts(peer).at(-1)).toBe('200')
    await vi.advanceTimersByTimeAsync(20_000)
    expect(starts(peer).filter((start) => start === '183')).toHaveLength(4)
  })

  it.each(['1 1 INVITE', 'x', '', 'RSEQ 2 INVITE', 'RSEQ 1 PRACK'])('a PRACK for %j gets 481', async (wrong) => {
    const { invite, peer, prack } = await ringing(['Require: 100rel'])
    invite.progress(183, sdp)
    await soon()
    await prack(wrong.replace('RSEQ', headerOf(peer.last('183'), 'rseq') ?? ''))
    expect(starts(peer).at(-1)).toBe('481')
  })

  it('what a caller may prepare itself with is said to be no answer, and left out where a PRACK would make it one', async () => {
    const { invite, peer } = await ringing([])
    invite.progress(180, sdp, 'early-session')
    await soon()
    expect(peer.last('180').body.toString()).toBe(sdp)
    expect(headerOf(peer.last('180'), 'content-disposition')).toBe('early-session;handling=optional')
    const insisting = await ringing(['Require: 100rel'])
    insisting.invite.progress(180, sdp, 'early-session')
    await soon()
    expect(insisting.peer.last('180').body.toString()).toBe('')
  })

  it('the next one waits for the PRACK of the one before, and has the next number', async () => {
    const { invite, peer, prack, rack } = await ringing(['Require: 100rel'])
    invite.progress(183, sdp)
    invite.progress(180)
    await soon()
    expect(starts(peer)).toEqual(['100', '183'])
    const first = Number(headerOf(peer.last('183'), 'rseq'))
    await prack(rack())
    expect(Number(headerOf(peer.last('180'), 'rseq'))).toBe(first + 1)
  })

  it('a 200 waits while the session description of a 183 is not acknowledged', async () => {
    const { invite, peer, prack, rack } = await ringing(['Require: 100rel'])
    invite.progress(183, sdp)
    await soon()
    const { heard, delegate } = listener()
    const dialog = invite.accept(sdp)
    dialog.delegate = delegate
    await soon()
    expect(starts(peer)).toEqual(['100', '183'])
    await prack(rack())
    expect(starts(peer)).toEqual(['100', '183', '200', '200'])
    const to = headerOf(peer.last('200'), 'to') ?? ''
    peer.request('ACK', { to })
    await soon()
    peer.request('BYE', { to, cseq: 3 })
    await soon()
    expect(heard).toEqual(['bye'])
  })

  it('a late PRACK of a ringing is answered after the 200 as well', async () => {
    const { invite, peer } = await ringing(['Require: 100rel'])
    invite.progress(180)
    await soon()
    invite.accept(sdp)
    await soon()
    const rack = `${headerOf(peer.last('180'), 'rseq')} 1 INVITE`
    peer.request('PRACK', { to: headerOf(peer.last('180'), 'to') ?? '', cseq: 2, headers: [`RAck: ${rack}`] })
    await soon()
    expect(starts(peer)).toEqual(['100', '180', '200', '200'])
  })

  it('without a PRACK in 64*T1 the call is refused with 504, and the bridge hears of it', async () => {
    const { invite, peer } = await ringing(['Require: 100rel'])
    const cancelled = vi.fn()
    invite.onCancelled = cancelled
    invite.progress(183, sdp)
    await vi.advanceTimersByTimeAsync(32_100)
    expect(starts(peer).at(-1)).toBe('504')
    expect(cancelled).toHaveBeenCalledOnce()
  })

  it('the same when it was answered meanwhile: the dialog never begins, and says why', async () => {
    const { invite, peer } = await ringing(['Require: 100rel'])
    invite.progress(183, sdp)
    const { heard, delegate } = listener()
    invite.accept(sdp).delegate = delegate
    await vi.advanceTimersByTimeAsync(32_100)
    expect(starts(peer).at(-1)).toBe('504')
    expect(heard).toEqual(['call/timeout'])
  })

  it('a call that is hung up while its 200 waits is refused', async () => {
    const { invite, peer } = await ringing(['Require: 100rel'])
    invite.progress(183, sdp)
    await invite.accept(sdp).bye()
    await soon()
    expect(starts(peer)).toEqual(['100', '183', '480'])
  })

  it('CANCEL while the 200 waits gets 487', async () => {
    const { invite, peer } = await ringing(['Require: 100rel'])
    invite.progress(183, sdp)
    const { heard, delegate } = listener()
    invite.accept(sdp).delegate = delegate
    peer.request('CANCEL', { branch: 'z9hG4bKinvite' })
    await soon()
    expect(starts(peer).slice(-2)).toEqual(['200', '487'])
    expect(heard).toEqual(['call/cancelled'])
  })

  it('a BYE before the answer ends the call: 200 for it, 487 for the INVITE (RFC 3261 §15.1.2)', async () => {
    const { invite, peer } = await ringing([])
    const cancelled = vi.fn()
    invite.onCancelled = cancelled
    invite.progress(180)
    await soon()
    peer.request('BYE', { to: headerOf(peer.last('180'), 'to') ?? '', cseq: 2 })
    await soon()
    expect(starts(peer)).toEqual(['100', '180', '200', '487'])
    expect(cancelled).toHaveBeenCalledOnce()
  })

  it('UPDATE before the answer: a target refresh is taken, an offer has to wait (RFC 3311 §5.2)', async () => {
    const { invite, peer } = await ringing([])
    invite.progress(180)
    await soon()
    const to = headerOf(peer.last('180'), 'to') ?? ''
    peer.request('UPDATE', { to, cseq: 2 })
    await soon()
    peer.request('UPDATE', { to, cseq: 3, body: sdp })
    await soon()
    expect(starts(peer)).toEqual(['100', '180', '200', '500'])
    expect(headerOf(peer.last('500'), 'retry-after')).toMatch(/^\d+$/)
  })
})
