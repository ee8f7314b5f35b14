import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSipEndpoint } from '../../../electron/sip/endpoint.ts'
import { headerOf } from '../../../electron/sip/message/raw-message.ts'
import type { SipTransport } from '../../../electron/sip/transport/transport.ts'
import { KedgeError } from '../../../shared/errors.ts'
import { linkTransports } from './linked-transports.ts'
import { soon, starts } from './scripted-calls.ts'
import { type ScriptedPeer, scriptedPeer } from './scripted-peer.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const small = 'v=0\r\n'
const large = `v=0\r\n${'a=x\r\n'.repeat(300)}`

/** An endpoint on UDP whose server can be reached by TCP as well, unless it refuses. */
function overUdp(refuses = false) {
  const udp = linkTransports({ kind: 'udp' })
  const streams: { transport: SipTransport; peer: ScriptedPeer }[] = []
  let tries = 0
  udp.left.openStream = async () => {
    tries += 1
    if (refuses) throw new KedgeError('net/refused', 'nobody listens')
    const tcp = linkTransports({ kind: 'tcp', leftPort: 7000 + tries })
    streams.push({ transport: tcp.left, peer: scriptedPeer(tcp.right) })
    return tcp.left
  }
  const endpoint = createSipEndpoint(udp.left, {
    aor: 'sip:alice@example.test',
    contact: { user: 'contact', hostPort: '127.0.0.1:5001' },
    userAgent: 'test',
  })
  const told: string[] = []
  const place = (offer: string) =>
    endpoint.invite(
      { target: 'sip:bob@example.test', offer },
      {
        onProgress: ({ status }) => told.push(String(status)),
        onAccepted: (_response, dialog) => {
          told.push('accepted')
          void dialog.bye()
        },
        onRejected: ({ status }) => told.push(`rejected ${status}`),
      },
    )
  const stream = () => streams.at(-1) ?? expect.fail('no stream was opened')
  return { endpoint, datagrams: scriptedPeer(udp.right), place, told, stream, tries: () => tries }
}

describe('a request of more than 1300 bytes on UDP (RFC 3261 §18.1.1)', () => {
  it('goes by TCP, says so in its Via, and is not repeated', async () => {
    const { datagrams, place, stream } = overUdp()
    place(large)
    await vi.advanceTimersByTimeAsync(10_000)
    const { peer } = stream()
    expect([starts(peer), starts(datagrams)]).toEqual([['INVITE'], []])
    expect(headerOf(peer.last('INVITE'), 'via')).toMatch(/^SIP\/2\.0\/TCP 127\.0\.0\.1:5001;/)
    // Requests of the other side still come by UDP.
    expect(headerOf(peer.last('INVITE'), 'contact')).not.toContain('transport')
  })

  it('a small one stays', async () => {
    const { datagrams, place, tries } = overUdp()
    place(small)
    await soon()
    expect([starts(datagrams), tries()]).toEqual([['INVITE'], 0])
  })

  it('its responses are heard, and ACK and BYE are small again', async () => {
    const { datagrams, place, stream, told } = overUdp()
    place(large)
    await soon()
    const { peer } = stream()
    peer.respond(peer.last('INVITE'), 180, { tag: 'bob' })
    await soon()
    peer.respond(peer.last('INVITE'), 200, { tag: 'bob', body: small })
    await soon()
    expect(told).toEqual(['180', 'accepted'])
    expect(starts(datagrams)).toEqual(['ACK', 'BYE'])
  })

  it('CANCEL and the ACK of its refusal take the same stream (§9.1, §17.1.1.3)', async () => {
    const { datagrams, place, stream, told } = overUdp()
    const call = place(large)
    await soon()
    const { peer } = stream()
    peer.respond(peer.last('INVITE'), 100)
    await soon()
    call.cancel()
    await soon()
    peer.respond(peer.last('CANCEL'), 200)
    peer.respond(peer.last('INVITE'), 487, { tag: 'bob' })
    await soon()
    expect([starts(peer), starts(datagrams), told]).toEqual([['INVITE', 'CANCEL', 'ACK'], [], ['rejected 487']])
    expect(headerOf(peer.last('ACK'), 'via')).toBe(headerOf(peer.last('INVITE'), 'via'))
  })

  it('where TCP is refused it goes by UDP after all, is repeated there, and TCP is not asked again for an hour', async () => {
    const { datagrams, place, tries } = overUdp(true)
    place(large)
    await vi.advanceTimersByTimeAsync(1_600)
    expect(starts(datagrams)).toEqual(['INVITE', 'INVITE', 'INVITE'])
    expect(headerOf(datagrams.last('INVITE'), 'via')).toContain('SIP/2.0/UDP')
    place(large)
    await soon()
    expect(tries()).toBe(1)
    await vi.advanceTimersByTimeAsync(3_600_000)
    place(large)
    await soon()
    expect(tries()).toBe(2)
  })

  it('what the server sends on the stream is answered there', async () => {
    const { datagrams, place, stream } = overUdp()
    place(large)
    await soon()
    const { peer } = stream()
    peer.request('OPTIONS')
    await soon()
    expect([starts(peer).at(-1), starts(datagrams)]).toEqual(['200', []])
  })

  it('a stream that ends before a word was heard: the request goes by UDP', async () => {
    const { datagrams, place, stream } = overUdp()
    place(large)
    await soon()
    stream().transport.close()
    await soon()
    expect(starts(datagrams)).toEqual(['INVITE'])
  })

  it('one that ends after a 100: nothing is sent twice', async () => {
    const { datagrams, place, stream } = overUdp()
    place(large)
    await soon()
    const { peer, transport } = stream()
    peer.respond(peer.last('INVITE'), 100)
    await soon()
    transport.close()
    await soon()
    expect(starts(datagrams)).toEqual([])
  })

  it('the stream ends with the flow', async () => {
    const { endpoint, place, stream } = overUdp()
    place(large)
    await soon()
    const closed = vi.fn()
    stream().transport.onClose = closed
    await endpoint.close()
    await soon()
    expect(closed).toHaveBeenCalled()
  })
})
