import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { maxForks } from '../../../electron/sip/fork-limit.ts'
import { placing, soon, starts } from './scripted-calls.ts'

const sdp = 'v=0\r\n'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('an INVITE that rings many phones (RFC 3261 §12.1)', () => {
  it('is followed on 64 of them, each of which has a dialog here; whoever answers is heard', async () => {
    const { peer, invite, progress, dialogs } = await placing()
    for (let fork = 0; fork < 200; fork += 1) peer.respond(invite, 183, { tag: `fork${fork}`, body: sdp })
    await soon()
    expect(progress).toHaveLength(maxForks)
    peer.respond(invite, 180, { tag: 'fork3' })
    await soon()
    expect(progress).toHaveLength(maxForks + 1)
    peer.respond(invite, 200, { tag: 'fork100', body: sdp })
    await soon()
    expect(dialogs.map(({ remoteTag }) => remoteTag)).toEqual(['fork100'])
  })

  it('is answered by 64 of them at most, all but one of which are said goodbye to', async () => {
    const { peer, invite, dialogs } = await placing()
    for (let fork = 0; fork < 200; fork += 1) peer.respond(invite, 200, { tag: `fork${fork}`, body: sdp })
    await soon()
    expect(dialogs).toHaveLength(1)
    expect(starts(peer).filter((start) => start === 'BYE')).toHaveLength(maxForks - 1)
  })

  it('keeps no dialog of those that another one has answered before', async () => {
    const { peer, invite, request } = await placing()
    for (const tag of ['carol', 'bob']) peer.respond(invite, 183, { tag, body: sdp })
    peer.respond(invite, 200, { tag: 'bob', body: sdp })
    await vi.advanceTimersByTimeAsync(64_000)
    request('OPTIONS', 1)
    await soon()
    request('OPTIONS', 2, { from: '<sip:carol@example.test>;tag=carol' })
    await soon()
    expect(starts(peer).slice(-2)).toEqual(['200', '481'])
  })

  it('gets a limit of its own with each try', async () => {
    const { peer, progress } = await placing()
    for (const round of [1, 2]) {
      const invite = peer.last('INVITE')
      for (let fork = 0; fork < 70; fork += 1) peer.respond(invite, 183, { tag: `fork${round}-${fork}` })
      peer.respond(invite, 422, { tag: 'proxy', headers: ['Min-SE: 3600'] })
      await soon()
    }
    expect(progress).toHaveLength(2 * maxForks)
  })
})
