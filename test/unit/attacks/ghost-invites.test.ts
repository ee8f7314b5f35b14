import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../electron/sip/clock.ts'
import { createSipEndpoint } from '../../../electron/sip/endpoint.ts'
import type { EndpointConfig } from '../../../electron/sip/endpoint-config.ts'
import { connectUdp } from '../../../electron/sip/transport/udp.ts'
import { seededRandom } from '../media/srtp/random.ts'
import { linkTransports } from '../sip/linked-transports.ts'

/** Scanners ring every phone they can reach with INVITEs for extensions that they guess (CVE-2021-37624, -41157). */
const seed = 20_261_125
const invites = 10_000

const config = {
  aor: 'sip:alice@example.test',
  contact: { user: '5f1de2c09ab3477e8d10c6a4', hostPort: '127.0.0.1:5001' },
  userAgent: 'test',
  answersFor: 'contact',
} as const satisfies EndpointConfig

const users = ['alice', '100', '1000', 'admin', '', 'sip', '5060', 'random']
const methods = ['INVITE', 'INVITE', 'INVITE', 'OPTIONS', 'MESSAGE', 'SUBSCRIBE', 'NOTIFY', 'REFER', 'CANCEL', 'BYE']

function ghosts(count: number): string[] {
  const random = seededRandom(seed)
  const hex = (length: number) => Buffer.from(random.bytes(length)).toString('hex')
  const pick = <T>(list: readonly T[]): T => list[random.integer(list.length)] as T
  return Array.from({ length: count }, (_, n) => {
    const method = pick(methods)
    const user = pick([...users, hex(12), String(random.integer(1e6))])
    const tag = random.integer(3) === 0 ? `;tag=${hex(6)}` : ''
    return [
      `${method} sip:${user === '' ? '' : `${user}@`}127.0.0.1:5001 SIP/2.0`,
      `Via: SIP/2.0/UDP 203.0.113.9:${1024 + random.integer(60_000)};branch=z9hG4bK${n};rport`,
      'Max-Forwards: 70',
      `From: "friendly-scanner" <sip:${random.integer(1e4)}@203.0.113.9>;tag=${n}`,
      `To: <sip:${user || 'x'}@127.0.0.1>${tag}`,
      `Call-ID: ghost-${n}`,
      `CSeq: 1 ${method}`,
      'Contact: <sip:ghost@203.0.113.9>',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n')
  })
}

/** A clock that stands until it is moved on. */
function steppedClock(): Clock & { advance(ms: number): void } {
  let now = 0
  const due = new Map<object, { readonly at: number; readonly action: () => void }>()
  return {
    now: () => now,
    after(delayMs, action) {
      const key = {}
      due.set(key, { at: now + delayMs, action })
      return () => due.delete(key)
    },
    advance(ms) {
      now += ms
      for (const [key, { at, action }] of due) {
        if (at > now) continue
        due.delete(key)
        action()
      }
    },
  }
}

/**
 * All ghosts, with the source address of the account's own server forged. Time passes between them, so that no rate limit
 * helps.
 * @returns how often it rang and how many messages went out
 */
async function spoofed(
  answersFor: EndpointConfig['answersFor'],
  count: number,
): Promise<{ rang: number; answers: number }> {
  const clock = steppedClock()
  const { left, sent } = linkTransports({ kind: 'udp' })
  const endpoint = createSipEndpoint(left, { ...config, answersFor: answersFor ?? 'own', clock })
  let rang = 0
  endpoint.onInvite = (invite) => {
    rang += 1
    invite.progress(180)
    invite.reject(486)
  }
  for (const ghost of ghosts(count)) {
    clock.advance(40)
    left.onMessage?.(Buffer.from(ghost))
  }
  const counts = endpoint.counts()
  expect(counts.accepted + counts.discarded + counts.refused).toBe(count)
  await endpoint.close()
  return { rang, answers: sent.filter(({ from }) => from === 'left').length }
}

describe('10,000 calls from nowhere', () => {
  it('with the forged address of the own server ring nowhere and are not answered', async () => {
    expect(await spoofed('contact', invites)).toEqual({ rang: 0, answers: 0 })
  })

  it('canary: where the Contact may be guessed they ring and are answered', async () => {
    const { rang, answers } = await spoofed('own', 1_000)
    expect(rang).toBeGreaterThan(3)
    expect(answers).toBeGreaterThan(500)
  })

  it('and leave room for the call that is meant for us', async () => {
    const clock = steppedClock()
    const { left, sent } = linkTransports({ kind: 'udp' })
    const endpoint = createSipEndpoint(left, { ...config, clock })
    let rang = 0
    endpoint.onInvite = () => {
      rang += 1
    }
    // All at once, so that most of them meet the rate limit: neither kind of drop may hold a place.
    for (const ghost of ghosts(3_000)) left.onMessage?.(Buffer.from(ghost))
    clock.advance(5_000)
    const [wanted = ''] = ghosts(1)
    const invite = wanted.replace(/^\S+ sip:\S* /, `INVITE sip:${config.contact.user}@127.0.0.1:5001 `)
    left.onMessage?.(
      Buffer.from(
        invite
          .replace(/CSeq: 1 \w+/, 'CSeq: 1 INVITE')
          .replace(/;tag=\w+\r\nCall/, '\r\nCall')
          .replace('z9hG4bK0', 'z9hG4bKwanted'),
      ),
    )
    expect([rang, sent.filter(({ text }) => text.startsWith('SIP/2.0 100')).length]).toEqual([1, 1])
    await endpoint.close()
  })

  it('from their own addresses they do not even arrive: the kernel hands on what comes from the server', async () => {
    const server = createSocket('udp4').bind(0, '127.0.0.1')
    const stranger = createSocket('udp4').bind(0, '127.0.0.1')
    await Promise.all([once(server, 'listening'), once(stranger, 'listening')])
    let answers = 0
    stranger.on('message', () => {
      answers += 1
    })
    // A port that nobody reads from refuses, and Node tells the sender so.
    stranger.on('error', () => undefined)
    const flow = await connectUdp({ host: '127.0.0.1', port: server.address().port })
    const endpoint = createSipEndpoint(flow, { ...config, answersFor: 'any' })
    let rang = 0
    endpoint.onInvite = () => {
      rang += 1
    }
    try {
      for (const [n, ghost] of ghosts(invites).entries()) {
        stranger.send(ghost, flow.local.port, flow.local.address)
        if (n % 500 === 0) await sleep(1)
      }
      // The same from the server itself does arrive: the socket was listening all the time.
      server.send(ghosts(1)[0] ?? '', flow.local.port, flow.local.address)
      await expect.poll(() => Object.values(endpoint.counts()).reduce((sum, count) => sum + count, 0)).toBe(1)
      expect([rang <= 1, answers]).toEqual([true, 0])
    } finally {
      await endpoint.close()
      server.close()
      stranger.close()
    }
  })
})
