import { afterEach, beforeEach, expect, test } from 'vitest'
import { DtlsSide } from '../../../electron/bridge/dtls-side.ts'
import { offerlessCodecs } from '../../../electron/bridge/local-media.ts'
import type { DtlsRemote } from '../../../electron/media/protocol.ts'
import type { TrunkPhone } from '../../fakes/trunk-phone.ts'
import type { Rtp } from '../media/worker/support/rtp.ts'
import { until } from '../media/worker/support/until.ts'
import { ask, LiveBridge } from './support/live-bridge.ts'

/** Case 55 of docs/negotiation.md, on real media legs: each side says what it wants to receive, and sends what the other said. */
let kedge: LiveBridge
let trunk: TrunkPhone
beforeEach(async () => {
  kedge = await LiveBridge.open()
  trunk = await kedge.trunkPhone()
})
afterEach(() => kedge.close())

type Formats = Readonly<Record<number, string>>
/** The window's own numbers are those of Chromium. */
const windows = { opus: 111, event: 126 }
const trunks = { 96: 'opus/48000/2', 101: 'telephone-event/8000' }

const numbered = (sdp: string, formats: Formats) =>
  sdp.replace(/^(m=audio .*) 0\r\n/m, `$1 ${Object.keys(formats).join(' ')}\r\n`) +
  Object.entries(formats)
    .map(([payloadType, rtpmap]) => `a=rtpmap:${payloadType} ${rtpmap}\r\n`)
    .join('')
const formatsOf = (sdp: string) =>
  [...sdp.matchAll(/^a=rtpmap:(\d+) (.*?)\r?$/gm)].map(([, payloadType, rtpmap]) => `${payloadType} ${rtpmap}`)

let seq = 2000
/** Under which number a packet arrives that left under `payloadType`. */
async function arrivesAs(
  from: { send(packet: Partial<Rtp>): void },
  to: { readonly received: readonly Rtp[] },
  payloadType: number,
  ssrc = 5,
): Promise<number | undefined> {
  const payload = Buffer.from([seq % 16, 10, 0, 160])
  const before = to.received.length
  from.send({ seq, ssrc, timestamp: seq * 960, payload, payloadType })
  seq++
  await until(() => to.received.length > before, `a packet with payload type ${payloadType} arrives`)
  return to.received.at(-1)?.payloadType
}

/** An answered call in which the trunk has numbers of its own. */
async function connected(formats: Formats) {
  const window = await kedge.windowPhone()
  const { invite, sent } = await kedge.dial(window)
  trunk.read(sent.request.offer, 1)
  const body = numbered(trunk.sdp(), formats)
  sent.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'a', body }, sent.dialog)
  await until(() => invite.log.length > 0, 'the window is answered')
  window.read(invite.log.at(-1) ?? '')
  await window.connect()
  return { window, invite, sent }
}

test('case 55: a trunk that answers with numbers of its own is heard under those of our offer and under its own', async () => {
  const { window, sent } = await connected(trunks)
  expect(formatsOf(sent.request.offer)).toEqual(
    expect.arrayContaining(['111 opus/48000/2', '126 telephone-event/8000']),
  )
  for (const number of [111, 96]) expect(await arrivesAs(trunk.peer, window.client, number)).toBe(windows.opus)
  for (const number of [126, 101]) expect(await arrivesAs(trunk.peer, window.client, number)).toBe(windows.event)
  expect(await arrivesAs(window.client, trunk.peer, windows.opus)).toBe(96)
  expect(await arrivesAs(window.client, trunk.peer, windows.event)).toBe(101)
  expect(kedge.bridge.calls()[0]?.hops[1]).toMatchObject({ codec: 'opus' })
})

test('case 55: our next offer repeats the numbers of the first; an offer of the trunk is answered with its own', async () => {
  const { window, invite, sent } = await connected(trunks)
  const held = ask(invite.dialog, window.offer({ direction: 'sendonly' }))
  await until(() => sent.dialog.offers.length === 1, 'our offer')
  await held
  const [offer] = sent.dialog.offers
  expect(formatsOf(offer?.offer ?? '')).toEqual(['111 opus/48000/2', '126 telephone-event/8000'])
  const body = numbered(trunk.sdp({ direction: 'recvonly' }), trunks)
  offer?.respond({ status: 200, reason: 'OK', body })
  await arrivesAs(window.client, trunk.peer, windows.opus)
  const answer = await ask(sent.dialog, numbered(trunk.sdp(), { 97: 'opus/48000/2', 98: 'telephone-event/8000' }))
  expect(formatsOf(answer)).toEqual(['97 opus/48000/2', '98 telephone-event/8000'])
  for (const number of [97, 111]) expect(await arrivesAs(trunk.peer, window.client, number)).toBe(windows.opus)
  for (const number of [98, 126]) expect(await arrivesAs(trunk.peer, window.client, number)).toBe(windows.event)
  expect(await arrivesAs(window.client, trunk.peer, windows.opus)).toBe(97)
})

test('case 55: a number that we have given is never another codec, whatever the trunk calls it', async () => {
  const crossed = { 126: 'opus/48000/2', 111: 'telephone-event/8000' }
  const { window, sent } = await connected(crossed)
  const holds = async () => {
    expect(await arrivesAs(trunk.peer, window.client, 111)).toBe(windows.opus)
    expect(await arrivesAs(trunk.peer, window.client, 126)).toBe(windows.event)
    expect(await arrivesAs(window.client, trunk.peer, windows.opus)).toBe(126)
    expect(await arrivesAs(window.client, trunk.peer, windows.event)).toBe(111)
  }
  await holds()
  const answer = await ask(sent.dialog, numbered(trunk.sdp(), crossed))
  expect(formatsOf(answer)).toEqual(['111 opus/48000/2', '126 telephone-event/8000'])
  await holds()
})

test('case 55: two forks that took different codecs are both heard under the numbers of our offer, until one is taken', async () => {
  const other = await kedge.trunkPhone()
  const window = await kedge.windowPhone()
  const { invite, sent } = await kedge.dial(window)
  const both = { 0: 'PCMU/8000', ...trunks }
  const answers = [
    [trunk, 'a', both],
    [other, 'b', { 0: 'PCMU/8000' }],
  ] as const
  for (const [phone, toTag, formats] of answers) {
    phone.read(sent.request.offer, 1)
    const body = numbered(phone.sdp(), formats)
    sent.delegate.onProgress({ status: 183, reason: 'Session Progress', toTag, body })
  }
  await until(() => invite.log.length > 0, 'early media')
  window.read(invite.log[0]?.slice(4) ?? '')
  await window.connect()
  expect(await arrivesAs(trunk.peer, window.client, 111, 1)).toBe(windows.opus)
  expect(await arrivesAs(other.peer, window.client, 0, 2)).toBe(0)
  const body = numbered(trunk.sdp(), both)
  sent.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'a', body }, sent.dialog)
  await until(() => invite.log.length > 1, 'answered')
  for (const number of [111, 96]) expect(await arrivesAs(trunk.peer, window.client, number, 3)).toBe(windows.opus)
})

test('case 55: a window that answers a call with numbers of its own is heard as well', async () => {
  const window = await kedge.windowPhone()
  const invite = kedge.ring(numbered(trunk.sdp(), trunks))
  await until(() => kedge.window.invites.length > 0, 'the window rings')
  const rung = kedge.window.invites[0]
  window.read(rung?.request.offer ?? '')
  expect(formatsOf(rung?.request.offer ?? '')).toEqual(expect.arrayContaining(['96 opus/48000/2']))
  rung?.delegate.onAccepted({ status: 200, reason: 'OK', body: window.answer('111 126') }, rung.dialog)
  await until(() => invite.log.length > 0, 'the trunk is answered')
  trunk.read(invite.log[0]?.slice(4) ?? '')
  await window.connect()
  for (const number of [96, 111]) expect(await arrivesAs(window.client, trunk.peer, number)).toBe(96)
  for (const number of [101, 126]) expect(await arrivesAs(window.client, trunk.peer, number)).toBe(101)
  expect(await arrivesAs(trunk.peer, window.client, 96)).toBe(windows.opus)
})

test('case 55: who takes the place of the far end (RFC 3891) is a dialog of its own, with numbers of its own', async () => {
  const { window, sent } = await connected(trunks)
  const other = await kedge.trunkPhone()
  const { callId, localTag, remoteTag } = sent.dialog
  const theirs = { 111: 'telephone-event/8000', 126: 'opus/48000/2' }
  const replaces = [`${callId};to-tag=${localTag};from-tag=${remoteTag}`]
  const invite = kedge.ring(numbered(other.sdp(), theirs), { replaces })
  await until(() => sent.dialog.byes > 0, 'the old dialog ends')
  expect(formatsOf(invite.log[0] ?? '')).toEqual(['126 opus/48000/2', '111 telephone-event/8000'])
  other.read(invite.log[0]?.slice(4) ?? '')
  expect(await arrivesAs(other.peer, window.client, 126)).toBe(windows.opus)
  expect(await arrivesAs(other.peer, window.client, 111)).toBe(windows.event)
  expect(await arrivesAs(window.client, other.peer, windows.opus)).toBe(126)
})

test('case 55: a peer that keys by DTLS, too: the worker is told what is sent and what may come', async () => {
  const remotes: DtlsRemote[] = []
  const fingerprint = { algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') }
  const call = async (command: string, input: { remote?: DtlsRemote }) => {
    if (command === 'openDtlsLeg') return { address: '127.0.0.1', rtpPort: 40_000, rtcpPort: 40_001, fingerprint }
    if (input.remote) remotes.push(input.remote)
    return null
  }
  const media = { call } as ConstructorParameters<typeof DtlsSide>[0]['media']
  const side = new DtlsSide({ legId: 'a', media, address: '127.0.0.1', policy: 'required' })
  await side.open()
  const offer = side.offer(offerlessCodecs)
  const keyed = ['a=setup:active', `a=fingerprint:sha-256 ${fingerprint.value.replaceAll('AB', 'CD')}`]
  side.takeAnswer(numbered(trunk.sdp({ profile: 'UDP/TLS/RTP/SAVP', crypto: [], lines: keyed }), trunks))
  await side.connect()
  expect(offer).toContain('a=rtpmap:111 opus/48000/2')
  expect(remotes[0]?.codecs.map(({ payloadType }) => payloadType)).toEqual([96, 101])
  expect(remotes[0]?.receives?.map(({ payloadType }) => payloadType)).toEqual([111, 101, 96])
})
