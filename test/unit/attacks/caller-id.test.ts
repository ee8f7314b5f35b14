import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { createSipEndpoint } from '../../../electron/sip/endpoint.ts'
import { createSipEndpoint as currentBuild } from '../../../electron/sip/endpoint.ts'
import type { IncomingInvite } from '../../../electron/sip/types.ts'
import { spoofedNames } from '../../fakes/spoofed-names.ts'
import { linkTransports } from '../sip/linked-transports.ts'
import { buildWithout } from './build-without.ts'

/** A name that is shown is what the caller chose: it must not look like something that it is not. */
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

type Build = typeof createSipEndpoint

/** What the stack hands on of 500 callers, in order; callers that were refused are left out. */
/** A flow holds 256 transactions at a time: each part gets one of its own. */
async function callers(build: Build): Promise<IncomingInvite['from'][]> {
  const all: IncomingInvite['from'][] = []
  for (let at = 0; at < spoofedNames.length; at += 125)
    all.push(...(await callersOf(build, spoofedNames.slice(at, at + 125))))
  return all
}

async function callersOf(build: Build, names: readonly string[]): Promise<IncomingInvite['from'][]> {
  const { left, right } = linkTransports()
  const endpoint = build(left, {
    aor: 'sip:alice@example.test',
    contact: { user: 'contact', hostPort: '127.0.0.1:5001', transport: 'tcp' },
    userAgent: 'test',
  })
  const from: IncomingInvite['from'][] = []
  endpoint.onInvite = (invite) => {
    from.push(invite.from)
    invite.reject(486)
  }
  right.onMessage = () => undefined
  for (const [at, name] of names.entries()) {
    const quoted = name.replace(/[\\"]/g, '\\$&')
    const message = [
      'INVITE sip:alice@example.test SIP/2.0',
      `Via: SIP/2.0/TCP 127.0.0.1:5002;branch=z9hG4bKspoof${at}`,
      `From: "${quoted}" <sip:+19005550199@evil.test>;tag=${at}`,
      'To: <sip:alice@example.test>',
      'P-Asserted-Identity: "The Bank" <sip:+442079460018@bank.test>',
      'Remote-Party-ID: "The Bank" <sip:+442079460018@bank.test>',
      `Call-ID: spoof-${at}`,
      'CSeq: 1 INVITE',
      'Contact: <sip:peer@127.0.0.1:5002>',
      'Content-Length: 0',
      '',
      '',
    ]
    left.onMessage?.(Buffer.from(message.join('\r\n')))
    await vi.advanceTimersByTimeAsync(20)
  }
  await endpoint.close()
  return from
}

const unseen = /[\p{Cc}\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\u3164\ufeff]/u
const faults = (from: readonly IncomingInvite['from'][]) =>
  from.filter(({ displayName = '' }) => unseen.test(displayName) || [...displayName].length > 64)

describe('500 names that callers give themselves', () => {
  it('come without what cannot be seen or turns text around, 64 characters at most, beside the true number', async () => {
    const from = await callers(currentBuild)
    expect(from.length).toBeGreaterThan(400)
    expect(faults(from)).toEqual([])
    expect(new Set(from.map(({ user, host }) => `${user}@${host}`))).toEqual(new Set(['+19005550199@evil.test']))
  })

  it('canary: without the filter they are full of it', async () => {
    const { createSipEndpoint: build } = await buildWithout<{ createSipEndpoint: Build }>(
      'sip/message/display-text.ts',
      () => ({ displayText: (text?: string) => text }),
      'sip/endpoint.ts',
    )
    expect(faults(await callers(build)).length).toBeGreaterThan(100)
  })
})
