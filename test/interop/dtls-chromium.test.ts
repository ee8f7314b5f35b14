import { createSocket, type Socket } from 'node:dgram'
import { setInterval as every } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { recordHeard } from '../harness/browser/heard.ts'
import { findTone } from '../harness/tone.ts'
import { answeredHz, ChromiumCall, saidHz } from './media-call.ts'

/** Datagrams each of which ended a call when werift's socket was open to everyone (15 bytes: a DTLS record in clear). */
const record = (type: number) => Buffer.from([type, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0])
const clientHello = Buffer.from(
  `16fefd000000000000000000360100002a000000000000002afefd${'5a'.repeat(32)}00000002c02b0100`,
  'hex',
)
const sprays = [
  { name: 'alerts', datagrams: [record(21)] },
  { name: 'unknown records', datagrams: [record(26)] },
  { name: 'ClientHellos', datagrams: [clientHello] },
  { name: 'all 256 first bytes', datagrams: Array.from({ length: 256 }, (_, first) => record(first)) },
]

describe('strangers’ datagrams against a call with Chromium', () => {
  let call: ChromiumCall
  let stranger: Socket
  const running: (() => Promise<void>)[] = []
  beforeAll(async () => {
    call = await ChromiumCall.open()
    stranger = createSocket('udp4')
  })
  beforeEach(() => call.nextTrunk())
  afterEach(async () => {
    for (const stop of running.splice(0)) await stop()
  })
  afterAll(async () => {
    stranger?.close()
    await call?.close()
  })

  /** From before the handshake to the end of the call, every 5 ms as soon as the leg has a port. */
  function spray(datagrams: readonly Buffer[]): { sent: () => number } {
    const stop = new AbortController()
    let sent = 0
    const spraying = (async () => {
      for await (const _ of every(5, undefined, { signal: stop.signal })) {
        if (call.isOpen)
          stranger.send(datagrams[sent++ % datagrams.length] ?? clientHello, call.local.port, '127.0.0.1')
      }
    })().catch((error: unknown) => {
      if (!stop.signal.aborted) throw error
    })
    running.push(() => {
      stop.abort()
      return spraying
    })
    return { sent: () => sent }
  }

  test.each(sprays)('$name during set-up and in the call: both tones are heard', async ({ datagrams }) => {
    const { sent } = spray(datagrams)
    await call.connect()
    running.push(call.playTrunk())
    const heard = await recordHeard(call.page, 2.5)
    expect(sent()).toBeGreaterThan(100)
    expect(findTone(heard)?.hz).toBeCloseTo(answeredHz, -1)
    expect(findTone(call.heardByTrunk())?.hz).toBeCloseTo(saidHz, -1)
    expect(call.events.filter(({ type }) => type === 'legFailed')).toEqual([])
    await call.hangUp()
  })
})
