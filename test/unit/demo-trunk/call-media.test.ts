import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CallMedia, openCallMedia } from '../../../electron/demo-trunk/call-media.ts'
import { spokenCodecs } from '../../../electron/demo-trunk/negotiation.ts'
import type { SdesKeys } from '../../../electron/media/protocol.ts'
import { createReferenceEngine } from '../../../electron/media/srtp/reference/engine.ts'
import { fakeClock } from './fake-clock.ts'

const engine = createReferenceEngine()
let ours: CallMedia
let theirs: CallMedia

beforeEach(async () => {
  const parts = { engine, clock: fakeClock(), address: '127.0.0.1', codecs: spokenCodecs, protection: 'sdes' } as const
  ours = await openCallMedia(parts)
  theirs = await openCallMedia(parts)
})
afterEach(() => Promise.all([ours.close(), theirs.close()]))

function answerTo(offer: string): string {
  const outcome = ours.answer(offer)
  return outcome.kind === 'answer' ? outcome.sdp : expect.fail(outcome.warning.text)
}

function keyText(keys: SdesKeys | undefined): string | undefined {
  const [key] = keys?.keys ?? []
  return key && Buffer.concat([key.masterKey, key.masterSalt]).toString('hex')
}

const versionOf = (sdp: string) => Number(/o=- \d+ (\d+) /.exec(sdp)?.[1])

test('the answer to the same offer is the same, version and key included (RFC 4028 §7.4)', () => {
  const offer = theirs.offer()
  expect(answerTo(offer)).toBe(answerTo(offer))
})

test('a changed answer has the next version, and a refused offer uses none up (RFC 3264 §8)', () => {
  const offer = theirs.offer()
  const first = versionOf(answerTo(offer))
  expect(ours.answer(offer.replace(/a=crypto:.*\r\n/, ''))).toMatchObject({ kind: 'refused', sipStatus: 488 })
  expect(versionOf(answerTo(offer.replace('a=sendrecv', 'a=sendonly')))).toBe(first + 1)
  expect(versionOf(answerTo(offer))).toBe(first + 2)
})

test('a refused offer leaves in force what was agreed on', () => {
  const offer = theirs.offer()
  answerTo(offer)
  const before = ours.session.remote
  ours.answer(offer.replace('RTP/SAVP', 'RTP/AVP').replace(/a=crypto:.*\r\n/, ''))
  expect(ours.session.remote).toBe(before)
})

test('offer and answer give both sides each other’s keys and ports', () => {
  expect(theirs.accept(answerTo(theirs.offer()))).toEqual({ kind: 'agreed' })
  const [here, there] = [ours.session.remote, theirs.session.remote]
  expect(here?.rtp.port).toBe(theirs.session.rtpPort)
  expect(there?.rtcp.port).toBe(ours.session.rtcpPort)
  expect(keyText(here?.srtp?.send)).toBe(keyText(there?.srtp?.receive))
  expect(keyText(here?.srtp?.receive)).toBe(keyText(there?.srtp?.send))
  expect(keyText(here?.srtp?.send)).not.toBe(keyText(here?.srtp?.receive))
})
