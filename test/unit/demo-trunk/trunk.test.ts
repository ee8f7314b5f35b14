import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { playTone } from '../../../electron/demo-trunk/media/players.ts'
import { createTrunk, type Trunk } from '../../../electron/demo-trunk/trunk.ts'
import type { TrunkEvent } from '../../../electron/demo-trunk/trunk-event.ts'
import { createReferenceEngine } from '../../../electron/media/srtp/reference/engine.ts'
import { systemClock } from '../../../electron/sip/clock.ts'
import { findTone } from '../../harness/tone.ts'
import { decodeMuLaw } from '../media/audio/g711-decoder.ts'
import { Phone, type PhoneCall } from './phone.ts'
import { transportPair } from './transport-pair.ts'

const user = { realm: 'demo.kedge.invalid', username: 'demo', password: 'a password of the test' }
const engine = createReferenceEngine()
let trunk: Trunk
let phone: Phone
let messages: string[]
let events: TrunkEvent[]
let logged: string[]
let stack: AsyncDisposableStack

beforeEach(() => {
  events = []
  logged = []
  const note = (message: string, details?: object) => void logged.push(`${message} ${JSON.stringify(details)}`)
  const log = { debug: note, warn: note }
  stack = new AsyncDisposableStack()
  trunk = createTrunk({ user, engine, clock: systemClock, log, emit: (event) => events.push(event) })
  stack.defer(() => trunk.close())
  phone = connect()
})
afterEach(async () => {
  await stack.disposeAsync()
  expect(logged.filter((line) => line.includes(user.password) || /inline:|response=/.test(line))).toEqual([])
})

function connect(password = user.password, username = user.username): Phone {
  const pair = transportPair()
  messages = pair.messages
  trunk.serve(pair.server)
  return stack.use(new Phone(pair.client, engine, password, username))
}

/** µ-law audio that a call receives, decoded, with the ways it can be looked at. */
function listen({ media }: Pick<PhoneCall, 'media'>) {
  const samples: number[] = []
  const headers: { seq: number; timestamp: number; ssrc: number; payloadType: number }[] = []
  media.session.onAudio = (packet, length) => {
    const view = new DataView(packet.buffer, packet.byteOffset)
    headers.push({
      payloadType: view.getUint8(1) & 0x7f,
      seq: view.getUint16(2),
      timestamp: view.getUint32(4),
      ssrc: view.getUint32(8),
    })
    for (const octet of packet.subarray(12, length)) samples.push(decodeMuLaw(octet))
  }
  const tone = () => findTone({ rateHz: 8000, samples: Int16Array.from(samples) }, { minSeconds: 0.5 })
  return { headers, tone }
}

test('the right password registers, with SHA-256 as the topmost challenge', async () => {
  const response = await phone.register(60)
  expect(response.status).toBe(200)
  expect(response.headers('Contact')).toEqual(['<sip:phone@127.0.0.1:40000;transport=tls>;expires=60'])
  expect(
    messages.filter((message) => message.includes('algorithm=SHA-256, ') && message.startsWith('REGISTER')),
  ).toHaveLength(1)
  expect(events).toEqual([{ type: 'registered', contactUri: 'sip:phone@127.0.0.1:40000;transport=tls' }])
})

test('a wrong password, and another user, are not registered', async () => {
  expect((await connect('wrong').register()).status).toBe(401)
  expect((await connect(user.password, 'eve').register()).status).toBe(401)
  await expect(trunk.call('tone')).rejects.toMatchObject({ code: 'call/unavailable' })
})

test('the right password does not register somebody else', async () => {
  const headers = [`Contact: ${phone.endpoint.contact}`]
  const options = { target: `sip:${user.realm}`, to: `sip:eve@${user.realm}`, headers }
  expect((await phone.endpoint.request('REGISTER', options)).status).toBe(404)
  expect(events).toEqual([])
})

test('after unregistering nobody can be called', async () => {
  await phone.register()
  expect((await phone.register(0)).headers('Contact')).toEqual([])
  await expect(trunk.call('tone')).rejects.toMatchObject({ code: 'call/unavailable' })
  expect(events.at(-1)).toEqual({ type: 'unregistered' })
})

test('an INVITE without credentials is challenged with 407 and not answered', async () => {
  const call = await connect('wrong').call('echo')
  expect((await call.final).status).toBe(407)
})

test.each([
  { target: 'busy', status: 486 },
  { target: 'reject', status: 603 },
  { target: 'nobody', status: 404 },
])('$target ends with $status', async ({ target, status }) => {
  expect((await (await phone.call(target)).final).status).toBe(status)
})

test('echo sends back what it hears as one stream of its own', async () => {
  const call = await phone.call('echo')
  expect((await call.final).status).toBe(200)
  const heard = listen(call)
  const stop = playTone(call.media.session, 1000, systemClock)
  await vi.waitFor(() => expect(heard.headers.length).toBeGreaterThan(40), 5000)
  stop()
  expect(heard.tone()?.hz).toBeCloseTo(1000, -1)
  expect(new Set(heard.headers.map(({ ssrc }) => ssrc)).size).toBe(1)
  expect(heard.headers[0]?.ssrc).not.toBe(call.media.session.stream.ssrc)
  const [first] = heard.headers
  heard.headers.forEach(({ seq, timestamp }, index) => {
    expect(seq).toBe(((first?.seq ?? 0) + index) & 0xffff)
    expect(timestamp).toBe(((first?.timestamp ?? 0) + index * 160) >>> 0)
  })
})

test('tone is heard in early media for a second before the answer', async () => {
  const call = await phone.call('tone')
  const heard = listen(call)
  await vi.waitFor(() => expect(heard.headers.length).toBeGreaterThan(10), 5000)
  expect(call.progress.map(({ status }) => status)).toEqual([183])
  const early = call.progress[0]?.body
  expect((await call.final).body).toBe(early)
  expect(heard.tone()?.hz).toBeCloseTo(440, -1)
})

test('hangup plays a tone and ends the call with BYE by itself', async () => {
  const call = await phone.call('hangup')
  const heard = listen(call)
  await call.final
  await call.ended
  expect(heard.tone()?.hz).toBeCloseTo(440, -1)
  expect(messages.some((message) => message.startsWith('BYE '))).toBe(true)
})

test('noanswer rings until the caller gives up', async () => {
  const call = await phone.call('noanswer')
  await vi.waitFor(() => expect(call.progress.map(({ status }) => status)).toEqual([180]))
  call.cancel()
  expect((await call.final).status).toBe(487)
})

test('plain answers an encrypted offer with RTP/AVP and no key', async () => {
  const call = await phone.call('plain')
  const { status, body } = await call.final
  expect(status).toBe(200)
  expect(body).toMatch(/m=audio \d+ RTP\/AVP /)
  expect(body).not.toContain('a=crypto')
  expect(call.media.accept(body ?? '')).toMatchObject({ kind: 'refused', code: 'security/answer-not-encrypted' })
})

test.each(['echo', 'tone', 'hangup'])('%s refuses an offer without keys with 488', async (target) => {
  const call = await phone.call(target, { protection: 'none' })
  expect(await call.final).toMatchObject({ status: 488, warning: expect.stringContaining('not encrypted') })
})

test('an offer of suites that the trunk lacks is refused with 488', async () => {
  const alter = (sdp: string) => sdp.replace('AES_CM_128_HMAC_SHA1_80', 'F8_128_HMAC_SHA1_80')
  expect((await (await phone.call('echo', { alter })).final).status).toBe(488)
})

test('the answer has the tag and suite of the offer and a key of its own (RFC 4568 §5.1.2)', async () => {
  let offer = ''
  const call = await phone.call('echo', { alter: (sdp) => (offer = sdp.replace('a=crypto:1 ', 'a=crypto:7 ')) })
  const { body = '' } = await call.final
  const line = /a=crypto:(\d+) (\S+) (\S+)/
  const [, tag, suite, key] = line.exec(body) ?? []
  expect([tag, suite]).toEqual(['7', 'AES_CM_128_HMAC_SHA1_80'])
  expect(line.exec(offer)?.[3]).not.toBe(key)
})

test('a key pressed at the phone is told once', async () => {
  const call = await phone.call('echo')
  await call.final
  const { session } = call.media
  const buffer = new Uint8Array(200)
  for (const duration of [160, 320, 480]) {
    const event = Uint8Array.of(5, 10, duration >> 8, duration & 0xff)
    session.transmit(buffer, session.stream.write(buffer, event, { payloadType: 101, marker: false, timestamp: 9000 }))
  }
  await vi.waitFor(() => expect(events).toContainEqual({ type: 'dtmf', digit: '5' }))
  await delay(50)
  expect(events.filter(({ type }) => type === 'dtmf')).toHaveLength(1)
})

test('a re-INVITE with the same key keeps the answer’s key and the stream (RFC 4568 §7.1.4)', async () => {
  const call = await phone.call('tone')
  const before = (await call.final).body ?? ''
  const heard = listen(call)
  await vi.waitFor(() => expect(heard.headers.length).toBeGreaterThan(5))
  const held = await call.dialog?.reinvite(lastOffer().replace('a=sendrecv', 'a=inactive'))
  expect(held?.status).toBe(200)
  expect(held?.body).toContain('a=inactive')
  expect(cryptoOf(held?.body)).toBe(cryptoOf(before))
  await delay(60)
  const silentFrom = heard.headers.length
  await delay(200)
  expect(heard.headers.length).toBe(silentFrom)
  const resumed = await call.dialog?.reinvite(lastOffer().replace('a=inactive', 'a=sendrecv'))
  expect(cryptoOf(resumed?.body)).toBe(cryptoOf(before))
  await vi.waitFor(() => expect(heard.headers.length).toBeGreaterThan(silentFrom + 5))
  expect(new Set(heard.headers.map(({ ssrc }) => ssrc)).size).toBe(1)
})

test.each(['tone', 'echo', 'plain'] as const)('%s: the trunk calls the registered user', async (scenario) => {
  await phone.register()
  await trunk.call(scenario)
  await vi.waitFor(() => expect(phone.incoming).toHaveLength(1))
  const [invite] = phone.incoming
  const profile = scenario === 'plain' ? 'RTP/AVP' : 'RTP/SAVP'
  expect(invite?.offer).toMatch(new RegExp(`m=audio \\d+ ${profile} 0 8 101\\r\\n`))
  expect(invite?.offer?.match(/a=crypto:/g)?.length).toBe(scenario === 'plain' ? undefined : 1)
  const media = await phone.openMedia(scenario === 'plain' ? 'none' : 'sdes')
  const answer = media.answer(invite?.offer ?? '')
  const heard = listen({ media })
  const dialog = answer.kind === 'answer' ? invite?.accept(answer.sdp) : undefined
  const stop = scenario === 'echo' ? playTone(media.session, 700, systemClock) : () => undefined
  await vi.waitFor(() => expect(heard.headers.length).toBeGreaterThan(40), 5000)
  stop()
  expect(heard.tone()?.hz).toBeCloseTo(scenario === 'echo' ? 700 : 440, -1)
  await dialog?.bye()
  await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ type: 'callEnded', target: scenario }))
})

test('a call of the trunk that the user declines is told with its status', async () => {
  await phone.register()
  await trunk.call('tone')
  await vi.waitFor(() => expect(phone.incoming).toHaveLength(1))
  phone.incoming[0]?.reject(486)
  await vi.waitFor(() => expect(events.at(-1)).toEqual({ type: 'callRefused', target: 'tone', status: 486 }))
})

test('close hangs up a running call and stops its media', async () => {
  const call = await phone.call('echo')
  await call.final
  await trunk.close()
  await call.ended
  expect(events.at(-1)).toMatchObject({ type: 'callEnded', target: 'echo' })
})

test('a lost connection takes registration and calls along', async () => {
  await phone.register()
  const call = await phone.call('echo')
  await call.final
  await phone.endpoint.close()
  await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ type: 'callEnded', target: 'echo' }))
  await expect(trunk.call('tone')).rejects.toMatchObject({ code: 'call/unavailable' })
})

/** SDP of the last request with an offer that the phone sent. */
function lastOffer(): string {
  return messages.findLast((message) => message.startsWith('INVITE '))?.split('\r\n\r\n')[1] ?? ''
}

function cryptoOf(sdp: string | undefined): string | undefined {
  return /a=crypto:.*/.exec(sdp ?? '')?.[0]
}
