import { describe, expect, it } from 'vitest'
import { createSipEndpoint } from '../../../electron/sip/endpoint.ts'
import { tapTransport } from '../../../electron/sip/transport/tap.ts'
import type { KeepAlivePlan } from '../../../electron/sip/transport/transport.ts'
import { linkTransports } from './linked-transports.ts'

describe('a tapped flow', () => {
  it('shows what comes before anything judges it, what goes, and is otherwise the same flow', async () => {
    const { left, right } = linkTransports()
    const seen: string[] = []
    const tapped = tapTransport(left, (direction, message) => {
      seen.push(`${direction} ${Buffer.from(message).toString().split('\r\n')[0]}`)
    })
    const endpoint = createSipEndpoint(tapped, {
      aor: 'sip:alice@example.test',
      contact: { user: 'contact', hostPort: '127.0.0.1:5001', transport: 'tcp' },
      userAgent: 'test',
    })
    let closed = false
    endpoint.onFlowClosed = () => {
      closed = true
    }
    const answers: string[] = []
    right.onMessage = (message) => answers.push(Buffer.from(message).toString())
    for (const text of [
      'not SIP at all\r\n\r\n',
      'INVITE sip:alice@example.test SIP/7.0\r\nVia: SIP/2.0/TCP x;branch=z9hG4bKx\r\nCSeq: 1 INVITE\r\n\r\n',
    ]) {
      await right.send(text)
    }
    await expect.poll(() => answers).toHaveLength(1)
    expect(seen).toEqual([
      'received not SIP at all',
      'received INVITE sip:alice@example.test SIP/7.0',
      'sent SIP/2.0 505 Version Not Supported',
    ])
    expect(endpoint.counts()).toMatchObject({ refused: 1, discarded: 1 })
    expect([tapped.kind, tapped.local, tapped.remote]).toEqual([left.kind, left.local, left.remote])
    right.close()
    expect(closed).toBe(true)
    await endpoint.close()
  })

  it('is kept alive like the flow beneath', () => {
    const plans: KeepAlivePlan[] = []
    const { left } = linkTransports()
    left.keepAlive = (plan) => plans.push(plan)
    tapTransport(left, () => undefined).keepAlive?.({ everyMs: 90_000, answered: true })
    expect(plans).toEqual([{ everyMs: 90_000, answered: true }])
  })

  it('shows what goes over the stream of large messages, as that stream’s', async () => {
    const [datagrams, stream] = [linkTransports({ kind: 'udp' }).left, linkTransports({ kind: 'tcp' }).left]
    datagrams.openStream = async () => stream
    const seen: string[] = []
    const tapped = tapTransport(datagrams, (direction, message, { kind }) =>
      seen.push(`${direction} ${kind} ${message}`),
    )
    await tapped.send('small')
    await (await tapped.openStream?.())?.send('large')
    expect(seen).toEqual(['sent udp small', 'sent tcp large'])
  })
})
