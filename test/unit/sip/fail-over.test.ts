import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EndpointConfig, RecoveryReason } from '../../../electron/sip/endpoint-config.ts'
import { headerOf } from '../../../electron/sip/message/raw-message.ts'
import { linkTransports } from './linked-transports.ts'
import { placing, soon, starts } from './scripted-calls.ts'
import { scriptedPeer } from './scripted-peer.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A call whose account can find another way: what it was asked, and the server at the end of that way. */
async function callWithWays(finds = true) {
  const asked: [RecoveryReason, number | undefined][] = []
  const next = linkTransports({ leftPort: 6001 })
  const there = scriptedPeer(next.right)
  const recover: EndpointConfig['recover'] = async (why, retryAfterS) => {
    asked.push([why, retryAfterS])
    if (why === 'silent' || !finds) return false
    await new Promise((resolve) => setTimeout(resolve, 100))
    made.endpoint.moveTo(next.left, { user: 'contact', hostPort: '127.0.0.1:6001', transport: 'tcp' })
    return true
  }
  const made = await placing({ recover })
  return { ...made, asked, there }
}

const aWhile = () => vi.advanceTimersByTimeAsync(500)

describe('a call that nobody has answered yet (RFC 3263 §4.3)', () => {
  it('goes to the next server after 503, with what was said about coming back', async () => {
    const { peer, invite, there, asked, dialogs } = await callWithWays()
    peer.respond(invite, 503, { tag: 'a', headers: ['Retry-After: 60'] })
    await aWhile()
    expect(asked).toEqual([['overloaded', 60]])
    const again = there.last('INVITE')
    expect(headerOf(again, 'call-id')).toBe(headerOf(invite, 'call-id'))
    expect(headerOf(again, 'cseq')).toBe('2 INVITE')
    expect(headerOf(again, 'via')).not.toBe(headerOf(invite, 'via'))
    expect(headerOf(again, 'contact')).toContain('127.0.0.1:6001')
    there.respond(again, 200, { tag: 'bob', body: 'v=0\r\n' })
    await soon()
    expect(dialogs).toHaveLength(1)
  })

  it('goes on over the next flow when this one is lost before a word was heard', async () => {
    const { link, there, asked } = await callWithWays()
    link.left.close()
    await aWhile()
    expect(asked).toEqual([['lost', undefined]])
    expect(starts(there)).toEqual(['INVITE'])
  })

  it('a server that says nothing for 4 s is looked after, and its call waits on', async () => {
    const { peer, asked, rejected } = await callWithWays()
    await vi.advanceTimersByTimeAsync(4_000)
    expect(asked).toEqual([['silent', undefined]])
    expect([starts(peer), rejected]).toEqual([['INVITE'], []])
  })

  it('one that says 100 is not', async () => {
    const { peer, invite, asked } = await callWithWays()
    peer.respond(invite, 100)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(asked).toEqual([])
  })

  it('a call that a server works on already is not sent to another when the flow is lost: it might ring twice', async () => {
    const { peer, invite, link, asked, rejected } = await callWithWays()
    peer.respond(invite, 100)
    await soon()
    link.left.close()
    await aWhile()
    expect(asked).toEqual([])
    expect(rejected).toEqual([expect.objectContaining({ status: 503 })])
  })

  it('503 of a phone that has rung is its answer', async () => {
    const { peer, invite, asked, rejected } = await callWithWays()
    peer.respond(invite, 180, { tag: 'a' })
    await soon()
    peer.respond(invite, 503, { tag: 'a' })
    await soon()
    expect([asked, rejected.map(({ status }) => status)]).toEqual([[], [503]])
  })

  it('is refused with what the server said when there is no other', async () => {
    const { peer, invite, rejected, asked } = await callWithWays(false)
    peer.respond(invite, 503, { tag: 'a' })
    await aWhile()
    expect(asked).toHaveLength(1)
    expect(rejected).toEqual([expect.objectContaining({ status: 503 })])
  })

  it('cancelled on the way, it is over at once and sent to nobody', async () => {
    const { peer, invite, there, call, rejected } = await callWithWays()
    peer.respond(invite, 503, { tag: 'a' })
    await soon()
    call.cancel()
    expect(rejected).toEqual([expect.objectContaining({ status: 487 })])
    await aWhile()
    expect(starts(there)).toEqual([])
  })

  it('three servers that refuse are enough', async () => {
    const ways: number[] = []
    const made = await placing({
      recover: async () => {
        ways.push(1)
        await new Promise((resolve) => setTimeout(resolve, 10))
        const next = linkTransports({ leftPort: 6000 + ways.length })
        const peer = scriptedPeer(next.right)
        made.endpoint.moveTo(next.left, { user: 'contact', hostPort: '127.0.0.1:6001', transport: 'tcp' })
        setTimeout(() => peer.respond(peer.last('INVITE'), 503, { tag: 'x' }), 5)
        return true
      },
    })
    made.peer.respond(made.invite, 503, { tag: 'a' })
    await aWhile()
    expect([ways.length, made.rejected.map(({ status }) => status)]).toEqual([3, [503]])
  })
})
