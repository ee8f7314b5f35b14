import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MediaCommands } from '../../electron/media/protocol.ts'
import { startCapture } from '../harness/capture.ts'
import type { PortRange } from '../harness/ports.ts'
import { type Datagram, judgeStreams } from '../harness/rtp-judge.ts'
import { domain, type KedgeCore, startKedgeCore, windowHz } from './support/kedge-core.ts'

/** baresip calls Kedge in each of its ways to ask for encryption; sound is proven by tones in both directions. */
let kedge: KedgeCore
/** Keys that we were to send under, as the worker was told. */
const sendKeys: string[] = []
beforeAll(async () => {
  kedge = await startKedgeCore({
    onMediaCall(command, input) {
      if (command !== 'connectSipLeg') return
      const { srtp } = (input as MediaCommands['connectSipLeg']['input']).remote
      if (srtp) sendKeys.push(Buffer.from(srtp.send.keys[0]?.masterKey ?? []).toString('hex'))
    },
  })
})
afterAll(() => kedge?.[Symbol.asyncDispose]())

const farHz = 1040

/** RTP on its way to these ports; RTCP goes on during a hold (RFC 3264 §8.4). */
function soundTo({ first, last }: PortRange, datagrams: readonly Datagram[]): Datagram[] {
  return datagrams.filter(
    ({ destinationPort: port, payload }) => port >= first && port <= last && ((payload[1] ?? 0) & 0xe0) !== 0xc0,
  )
}

describe.each([
  { mediaEncryption: 'srtp-mand', profile: 'RTP/SAVP', policy: 'required' },
  { mediaEncryption: 'srtp-mandf', profile: 'RTP/SAVPF', policy: 'required' },
  { mediaEncryption: 'srtp', profile: 'RTP/AVP', policy: 'required' },
  { mediaEncryption: 'srtp', profile: 'RTP/AVP', policy: 'preferred' },
] as const)('baresip with $mediaEncryption under $policy', ({ mediaEncryption, profile, policy }) => {
  test(`is answered ${profile} with keys, heard both ways, and nothing of it can be listened to`, async () => {
    await kedge.account({ encryption: policy })
    await using baresip = await kedge.baresip({ toneHz: farHz, mediaEncryption })
    await using capture = await startCapture([baresip.rtpPorts])
    baresip.dial(`sip:kedge@${domain}`)
    await baresip.next('CALL_ESTABLISHED')
    const call = await kedge.window.rung()
    const [heardHere, heardThere] = await Promise.all([call.voice.hearsTone(), baresip.hearsTone()])
    expect(heardHere?.hz).toBeCloseTo(farHz, -1)
    expect(heardThere?.hz).toBeCloseTo(windowHz, -1)
    const { hops } = await kedge.sees(({ security }) => security === 'proven', 'proven on both hops')
    expect(hops[1]).toMatchObject({ mode: 'srtp', profile, keyExchange: 'sdes' })
    baresip.hangUp()
    await kedge.sees(({ state }) => state === 'ended', 'the end')
    const datagrams = await capture.stop()
    const streams = judgeStreams(datagrams)
    expect(streams).toHaveLength(2)
    expect(streams.map(({ plaintext }) => plaintext)).toEqual([false, false])
    // Voice and its reports leave marked as such (Expedited Forwarding, RFC 4594 §4.1).
    const { first, last } = baresip.rtpPorts
    const ours = datagrams.filter(({ destinationPort: port }) => port >= first && port <= last)
    expect(new Set(ours.map(({ dscp }) => dscp))).toEqual(new Set([46]))
  })
})

describe('baresip in clear', () => {
  test('is refused with 488 under required; the window does not ring', async () => {
    await kedge.account({ encryption: 'required' })
    await using baresip = await kedge.baresip({ toneHz: farHz, mediaEncryption: 'none' })
    baresip.dial(`sip:kedge@${domain}`)
    expect((await baresip.next('CALL_CLOSED')).param).toMatch(/^488 /)
    expect(kedge.window.answered).toEqual([])
  })

  test.each(['preferred', 'off'] as const)(
    'is heard both ways under %s, and shown as not encrypted',
    async (encryption) => {
      await kedge.account({ encryption })
      await using baresip = await kedge.baresip({ toneHz: farHz, mediaEncryption: 'none' })
      baresip.dial(`sip:kedge@${domain}`)
      await baresip.next('CALL_ESTABLISHED')
      const call = await kedge.window.rung()
      const [heardHere, heardThere] = await Promise.all([call.voice.hearsTone(), baresip.hearsTone()])
      expect([heardHere?.hz, heardThere?.hz].map((hz) => Math.round((hz ?? 0) / 10) * 10)).toEqual([farHz, windowHz])
      expect(await kedge.sees(({ state }) => state === 'connected', 'connected')).toMatchObject({ security: 'clear' })
      call.hangUp()
      await baresip.next('CALL_CLOSED')
    },
  )
})

test('a hold and its end by baresip (case 31): our sound stops and comes back under the same keys', async () => {
  await kedge.account({ encryption: 'required' })
  await using baresip = await kedge.baresip({ toneHz: farHz })
  baresip.dial(`sip:kedge@${domain}`)
  await baresip.next('CALL_ESTABLISHED')
  const call = await kedge.window.rung()
  expect((await call.voice.hearsTone())?.hz).toBeCloseTo(farHz, -1)
  expect((await baresip.hearsTone())?.hz).toBeCloseTo(windowHz, -1)
  sendKeys.splice(0, sendKeys.length - 1)
  baresip.command('hold')
  await kedge.sees(({ heldByRemote }) => heldByRemote === true, 'held')
  {
    await using capture = await startCapture([baresip.rtpPorts])
    await delay(500)
    expect(soundTo(baresip.rtpPorts, await capture.stop())).toEqual([])
  }
  baresip.command('resume')
  await kedge.sees(({ heldByRemote, state }) => heldByRemote === undefined && state === 'connected', 'taken back')
  const from = call.phone.client.received.length
  expect((await call.voice.hearsTone(6_000, from))?.hz).toBeCloseTo(farHz, -1)
  expect((await baresip.hearsNow(windowHz))?.hz).toBeCloseTo(windowHz, -1)
  {
    // The same look as before, now that there is something to see.
    await using capture = await startCapture([baresip.rtpPorts])
    await delay(500)
    expect(soundTo(baresip.rtpPorts, await capture.stop())).not.toEqual([])
  }
  expect(sendKeys.length).toBeGreaterThan(2)
  expect(new Set(sendKeys).size).toBe(1)
  call.hangUp()
  await baresip.next('CALL_CLOSED')
})

describe('over UDP, with the account’s switch for exposed keys (case 39)', () => {
  const overUdp = () => ({ port: kedge.kamailio.ports.plain, transport: 'udp' as const })
  const phone = () => kedge.baresip({ user: 'erin', toneHz: farHz, answer: 'auto', proxy: overUdp() })

  test.each(['baresip calls', 'the window calls'] as const)(
    '%s: RTP/SAVP, heard both ways, marked exposed',
    async (who) => {
      await kedge.account({ ...overUdp(), encryption: 'required', allowExposedKeys: true })
      await using baresip = await phone()
      if (who === 'baresip calls') baresip.dial(`sip:kedge@${domain}`)
      const call = who === 'baresip calls' ? await kedge.window.rung() : await kedge.window.dial('erin', 'work')
      const [heardHere, heardThere] = await Promise.all([call.voice.hearsTone(), baresip.hearsTone()])
      expect([heardHere?.hz, heardThere?.hz].map((hz) => Math.round((hz ?? 0) / 10) * 10)).toEqual([farHz, windowHz])
      const { hops } = await kedge.sees(({ security }) => security === 'exposed', 'exposed keys')
      expect(hops[1]).toMatchObject({ profile: 'RTP/SAVP', keyExchange: 'sdes', signalling: { transport: 'udp' } })
      call.hangUp()
      await baresip.next('CALL_CLOSED')
    },
  )

  test('without the switch baresip is refused and the window does not ring', async () => {
    await kedge.account({ ...overUdp(), encryption: 'required' })
    await using baresip = await phone()
    baresip.dial(`sip:kedge@${domain}`)
    expect((await baresip.next('CALL_CLOSED')).param).toMatch(/^488 /)
    expect(kedge.window.answered).toEqual([])
  })
})

describe('baresip keyed by DTLS without ICE (RFC 5763, case 11)', () => {
  const phone = () => kedge.baresip({ toneHz: farHz, mediaEncryption: 'dtls_srtp' })
  const tls = () => ({ port: kedge.kamailio.ports.tls, transport: 'tls' as const, encryption: 'required' as const })

  test.each(['baresip calls', 'the window calls'] as const)(
    '%s: heard both ways, and nothing in clear',
    async (who) => {
      await kedge.account({ ...tls(), ...(who === 'the window calls' && { mediaKeys: 'dtls' }) })
      await using baresip = await phone()
      await using capture = await startCapture([baresip.rtpPorts])
      if (who === 'baresip calls') baresip.dial(`sip:kedge@${domain}`)
      const call = who === 'baresip calls' ? await kedge.window.rung() : await kedge.window.dial('bob', 'work')
      const [heardHere, heardThere] = await Promise.all([call.voice.hearsTone(), baresip.hearsTone()])
      expect([heardHere?.hz, heardThere?.hz].map((hz) => Math.round((hz ?? 0) / 10) * 10)).toEqual([farHz, windowHz])
      const { hops } = await kedge.sees(({ security }) => security === 'proven', 'proven on both hops')
      // The offer's own: baresip writes SAVPF, we write SAVP.
      const profile = who === 'baresip calls' ? 'UDP/TLS/RTP/SAVPF' : 'UDP/TLS/RTP/SAVP'
      expect(hops[1]).toMatchObject({ mode: 'dtls-srtp', profile, keyExchange: 'dtls' })
      call.hangUp()
      await baresip.next('CALL_CLOSED')
      const streams = judgeStreams(await capture.stop())
      expect(streams.filter(({ plaintext }) => plaintext)).toEqual([])
    },
  )
})
