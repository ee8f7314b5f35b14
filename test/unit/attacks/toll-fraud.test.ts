import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { OutgoingInviteDelegate } from '../../../electron/sip/types.ts'
import { answered, phone, placing, soon, starts } from '../sip/scripted-calls.ts'

/** A REFER or a redirection sends the phone to a number that somebody is paid for. */
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const premium = 'sip:+19005550199@example.test'
const invites = (peer: Parameters<typeof starts>[0]) => starts(peer).filter((start) => start === 'INVITE').length

describe('a call is placed by the user and by nobody else', () => {
  it.each([300, 301, 302, 305, 380])('a %i with a Contact is not followed', async (status) => {
    const { peer, invite, rejected } = await placing()
    peer.respond(invite, status, { tag: 'bob', headers: [`Contact: <${premium}>`] })
    await vi.advanceTimersByTimeAsync(40_000)
    expect(invites(peer)).toBe(1)
    expect(rejected.map((response) => response.status)).toEqual([status])
  })

  it.each(['REFER', 'NOTIFY', 'MESSAGE', 'OPTIONS', 'SUBSCRIBE'])(
    'a %s outside any call is not carried out',
    async (method) => {
      const { peer, endpoint } = phone()
      const event = method === 'NOTIFY' ? ['Event: check-sync', 'Subscription-State: active'] : []
      peer.request(method, { headers: [`Refer-To: <${premium}>`, `Contact: <${premium}>`, ...event] })
      await vi.advanceTimersByTimeAsync(40_000)
      expect(invites(peer)).toBe(0)
      await endpoint.close()
    },
  )

  it.each(['', ';method=INVITE', '?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc'])(
    'a REFER within a call, %j, rings nobody as long as nobody here takes it',
    async (more) => {
      const { peer, request } = await answered()
      const before = invites(peer)
      request('REFER', 1, { headers: [`Refer-To: <${premium}${more}>`] })
      await vi.advanceTimersByTimeAsync(40_000)
      expect(invites(peer)).toBe(before)
      expect(starts(peer).some((start) => start === '603' || start === '400')).toBe(true)
    },
  )

  it('canary: a phone that carries out a REFER by itself is found out', async () => {
    const { peer, request, endpoint, dialog } = await answered()
    const nothing = () => undefined
    if (dialog.delegate)
      dialog.delegate.onRefer = () => {
        endpoint.invite(
          { target: premium, offer: 'v=0\r\n' },
          { onProgress: nothing, onAccepted: nothing, onRejected: nothing },
        )
      }
    const before = invites(peer)
    request('REFER', 1, { headers: [`Refer-To: <${premium}>`] })
    await soon()
    expect(invites(peer)).toBe(before + 1)
  })

  it('canary: a phone that follows redirections is found out', async () => {
    const made = await placing(
      {},
      followingRedirections(() => made),
    )
    made.peer.respond(made.invite, 302, { tag: 'bob', headers: [`Contact: <${premium}>`] })
    await soon()
    expect(invites(made.peer)).toBe(2)
  })
})

function followingRedirections(made: () => Awaited<ReturnType<typeof placing>>): Partial<OutgoingInviteDelegate> {
  const nothing = () => undefined
  return {
    onRejected(response) {
      if (response.status !== 302) return
      made().endpoint.invite(
        { target: premium, offer: 'v=0\r\n' },
        { onProgress: nothing, onAccepted: nothing, onRejected: nothing },
      )
    },
  }
}
