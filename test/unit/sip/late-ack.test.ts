import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { headerOf } from '../../../electron/sip/message/raw-message.ts'
import { listener, phone, soon } from './scripted-calls.ts'

const sdp = 'v=0\r\n'
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('the ACK of the first 2xx that comes after a re-INVITE without an offer is not the answer to ours', async () => {
  const { peer, invites } = phone()
  peer.request('INVITE', { body: sdp, branch: 'z9hG4bKfirst' })
  await soon()
  const dialog = invites[0]?.accept(sdp)
  if (!dialog) throw new Error('not told')
  const acks: (string | undefined)[] = []
  dialog.delegate = listener({
    onReinvite: (asked) => asked.accept('v=1\r\n'),
    onAck: (body) => acks.push(body),
  }).delegate
  await soon()
  const to = headerOf(peer.last('200'), 'to') ?? ''
  // Over UDP the ACK of the first was lost, or is overtaken; our first 200 is sent again, and it comes with that.
  peer.request('INVITE', { to, cseq: 2, branch: 'z9hG4bKagain' })
  await soon()
  peer.request('ACK', { to, cseq: 1 })
  await soon()
  expect(acks).toEqual([])
  peer.request('ACK', { to, cseq: 2, body: 'v=2\r\n' })
  await soon()
  expect(acks).toEqual(['v=2\r\n'])
})

it('a PRACK with an offer is answered with an answer, or not with 2xx (RFC 3262 §5)', async () => {
  const { peer, invites } = phone()
  peer.request('INVITE', { body: sdp, headers: ['Supported: 100rel'], branch: 'z9hG4bKfirst' })
  await soon()
  invites[0]?.progress(183, sdp)
  await soon()
  const early = peer.last('183')
  const headers = [`RAck: ${headerOf(early, 'rseq')} 1 INVITE`]
  peer.request('PRACK', { to: headerOf(early, 'to') ?? '', cseq: 2, headers, body: 'v=2\r\n' })
  await soon()
  const answer = peer.received.at(-1)
  const accepted = answer?.start.kind === 'response' && answer.start.status < 300
  expect([accepted, answer?.body !== '']).not.toEqual([true, false])
})
