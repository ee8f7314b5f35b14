import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSipEndpoint } from '../../../electron/sip/endpoint.ts'
import { linkTransports } from './linked-transports.ts'
import { scriptedPeer } from './scripted-peer.ts'

const config = {
  aor: 'sip:alice@example.test',
  contact: { user: 'random', hostPort: '127.0.0.1:5001' },
  userAgent: 'test',
} as const

describe('a flood on the own flow', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('of what is no SIP is looked at up to the limit; the rest is counted as throttled', async () => {
    const { left, right } = linkTransports({ kind: 'udp' })
    const endpoint = createSipEndpoint(left, config)
    for (let n = 0; n < 6_000; n += 1) void right.send('nonsense\r\n\r\n')
    await vi.advanceTimersByTimeAsync(2)
    expect(endpoint.counts()).toEqual({ accepted: 0, refused: 0, discarded: 4_000, throttled: 2_000 })
    await endpoint.close()
  })

  it('over UDP what was throttled holds no place: it is taken when it is repeated', async () => {
    const { left, right } = linkTransports({ kind: 'udp' })
    const endpoint = createSipEndpoint(left, config)
    const peer = scriptedPeer(right)
    const last = (branch: string) => peer.request('OPTIONS', { cseq: 1, branch })
    for (let n = 0; n < 400; n += 1) last(`z9hG4bKfirst${n}`)
    last('z9hG4bKlate')
    await vi.advanceTimersByTimeAsync(2)
    expect(endpoint.counts()).toMatchObject({ accepted: 400, throttled: 1 })
    await vi.advanceTimersByTimeAsync(2_000)
    last('z9hG4bKlate')
    await vi.advanceTimersByTimeAsync(2)
    expect(endpoint.counts()).toMatchObject({ accepted: 401, throttled: 1 })
    await endpoint.close()
  })
})
