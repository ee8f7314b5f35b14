import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Baresip, type BaresipOptions, startBaresip } from '../harness/baresip.ts'
import { startCapture } from '../harness/capture.ts'
import { type Authority, createAuthority } from '../harness/certificates.ts'
import { type Kamailio, startKamailio } from '../harness/kamailio.ts'
import { judgeStreams } from '../harness/rtp-judge.ts'

/**
 * The judges of all other interop tests, tried on peers that are not ours: what they find in a call that is right,
 * and that they do find what is wrong in one that is not.
 */
const domain = 'pbx.test'
const users = { alice: 'wonder', bob: 'builder' }
const aliceHz = 620
const bobHz = 1040

describe.for([
  { name: 'SRTP mandatory on both sides', mediaEncryption: 'srtp-mand', transport: 'tls', plaintext: false },
  { name: 'no encryption at all', mediaEncryption: 'none', transport: 'tcp', plaintext: true },
] as const)('baresip calls baresip through Kamailio, $name', ({ mediaEncryption, transport, plaintext }) => {
  const peers = new AsyncDisposableStack()
  let alice: Baresip
  let bob: Baresip

  beforeAll(async () => {
    const authority = await createAuthority()
    const kamailio = peers.use(
      await startKamailio({ domain, users, credentials: await authority.issue({ names: [domain] }) }),
    )
    const phone = (options: Pick<BaresipOptions, 'user' | 'toneHz' | 'answer'>) =>
      startPhone({ ...options, authority, kamailio, mediaEncryption, transport })
    alice = peers.use(await phone({ user: 'alice', toneHz: aliceHz, answer: 'manual' }))
    bob = peers.use(await phone({ user: 'bob', toneHz: bobHz, answer: 'auto' }))
  })
  afterAll(() => peers.disposeAsync())

  test(`each hears the other's tone, and the trace ${plaintext ? 'shows both tones in clear' : 'shows no plaintext RTP'}`, async () => {
    await using capture = await startCapture([alice.rtpPorts, bob.rtpPorts])
    alice.dial(`sip:bob@${domain}`)
    await alice.next('CALL_ESTABLISHED')
    await bob.next('CALL_ESTABLISHED')
    expect((await alice.hearsTone())?.hz).toBeCloseTo(bobHz, -1)
    expect((await bob.hearsTone())?.hz).toBeCloseTo(aliceHz, -1)
    bob.hangUp()
    await alice.next('CALL_CLOSED')

    const streams = judgeStreams(await capture.stop())
    expect(streams.map((stream) => stream.plaintext)).toEqual([plaintext, plaintext])
    for (const stream of streams) expect(stream.packets).toBeGreaterThan(50)
    const inClear = streams.map((stream) => stream.tone && Math.round(stream.tone.hz / 10) * 10).sort()
    expect(inClear).toEqual(plaintext ? [bobHz, aliceHz].sort() : [undefined, undefined])
  })
})

interface Phone extends Pick<BaresipOptions, 'user' | 'toneHz' | 'answer' | 'mediaEncryption'> {
  readonly authority: Authority
  readonly kamailio: Kamailio
  readonly transport: 'tcp' | 'tls'
}

function startPhone({ authority, kamailio, transport, ...options }: Phone): Promise<Baresip> {
  return startBaresip({
    ...options,
    password: users[options.user as keyof typeof users],
    domain,
    proxy: { port: transport === 'tls' ? kamailio.ports.tls : kamailio.ports.plain, transport },
    caPem: authority.certPem,
  })
}
