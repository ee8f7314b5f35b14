import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { OfferedInDialog } from '../../../electron/sip/types.ts'
import { answered, soon, starts } from './scripted-calls.ts'

const sdp = 'v=0\r\n'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A call whose offers nobody has answered yet. */
async function asked() {
  const call = await answered()
  const offers: OfferedInDialog[] = []
  call.dialog.delegate = { onBye: () => undefined, onReinvite: (offer) => void offers.push(offer) }
  return { ...call, offers }
}

describe.each(['INVITE', 'UPDATE'])('an offer in %s that nobody has answered when the call ends', (method) => {
  test('is answered with 487 when the other side ends it (RFC 3261 15.1.2), once', async () => {
    const { peer, request, offers } = await asked()
    request(method, 7, { body: sdp })
    await soon()
    request('BYE', 8)
    await soon()
    const all = ['200', '487']
    expect(starts(peer).slice(-2).sort()).toEqual(all)
    offers[0]?.accept(sdp)
    offers[0]?.reject(488)
    await soon()
    expect(starts(peer).slice(-2).sort()).toEqual(all)
  })

  test('is answered with 487 when we end it', async () => {
    const { peer, request, dialog } = await asked()
    request(method, 7, { body: sdp })
    await soon()
    void dialog.bye()
    await soon()
    expect(starts(peer).slice(-2)).toEqual(['487', 'BYE'])
  })

  test('is left alone when it had been answered', async () => {
    const { peer, request, offers } = await asked()
    request(method, 7, { body: sdp })
    await soon()
    offers[0]?.reject(488)
    await soon()
    request('BYE', 8)
    await soon()
    expect(starts(peer).slice(-2)).toEqual(['488', '200'])
  })
})
