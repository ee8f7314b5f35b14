import { beforeAll, describe, expect, test } from 'vitest'
import type { SdesKeys } from '../../../../electron/media/protocol.ts'
import { loadEngine } from '../../../../electron/media/srtp/engine.ts'
import type { SrtpEngine } from '../../../../electron/media/srtp/types.ts'
import { DialogReceivers } from '../../../../electron/media/worker/dialog-receivers.ts'
import { writeRtp } from './support/rtp.ts'
import { freshKeys } from './support/sip-peer.ts'

const suite = 'AES_CM_128_HMAC_SHA1_80'
let engine: SrtpEngine
beforeAll(async () => {
  engine = await loadEngine()
})

/** Protects packets of one phone. */
function phone(keys: SdesKeys) {
  const sender = engine.createSender(keys.suite, keys.keys[0] as SdesKeys['keys'][number])
  return (seq: number) => {
    const clear = writeRtp({ seq, ssrc: 7 })
    const buffer = Buffer.concat([clear, Buffer.alloc(sender.maxOverheadBytes)])
    return buffer.subarray(0, sender.protectRtp(buffer, clear.length))
  }
}
const opens = (receivers: DialogReceivers, packet: Buffer) =>
  receivers.unprotectRtp(Buffer.from(packet), packet.length) > 0

describe('receive contexts of early dialogs (case 34)', () => {
  test('open what each phone sends, and say whether it was the current one', () => {
    const [a, b, ours] = [freshKeys(suite), freshKeys(suite), freshKeys(suite)]
    const early = [{ dialog: 'a', receive: a }]
    const receivers = new DialogReceivers(engine, { send: ours, receive: b, dialog: 'b', early })
    expect(opens(receivers, phone(b)(1))).toBe(true)
    expect(receivers.wasCurrent).toBe(true)
    expect(opens(receivers, phone(a)(1))).toBe(true)
    expect(receivers.wasCurrent).toBe(false)
    expect(opens(receivers, phone(freshKeys(suite))(1))).toBe(false)
  })

  test('of the losers are gone once one was chosen, and the winner’s goes on with its replay list', () => {
    const [a, b, ours] = [freshKeys(suite), freshKeys(suite), freshKeys(suite)]
    const early = [{ dialog: 'a', receive: a }]
    const receivers = new DialogReceivers(engine, { send: ours, receive: b, dialog: 'b', early })
    const [sendA, sendB] = [phone(a), phone(b)]
    const first = sendA(1)
    expect(opens(receivers, first)).toBe(true)
    receivers.apply({ send: ours, receive: a, dialog: 'a' })
    expect(opens(receivers, sendB(1))).toBe(false)
    expect(opens(receivers, sendA(2))).toBe(true)
    expect(opens(receivers, first)).toBe(false)
  })

  test('follow a new key of the same dialog, and still open the old one until then (case 25)', () => {
    const [old, renewed, ours] = [freshKeys(suite), freshKeys(suite), freshKeys(suite)]
    const receivers = new DialogReceivers(engine, { send: ours, receive: old })
    const sendOld = phone(old)
    expect(opens(receivers, sendOld(1))).toBe(true)
    receivers.apply({ send: ours, receive: renewed })
    expect(opens(receivers, sendOld(2))).toBe(true)
    const sendNew = phone(renewed)
    expect(opens(receivers, sendNew(3))).toBe(true)
    expect(opens(receivers, sendOld(4))).toBe(false)
  })

  test('are not renewed by the same keys again: what was received once is not received twice (case 24)', () => {
    const [keys, ours] = [freshKeys(suite), freshKeys(suite)]
    const receivers = new DialogReceivers(engine, { send: ours, receive: keys })
    const packet = phone(keys)(1)
    expect(opens(receivers, packet)).toBe(true)
    receivers.apply({ send: ours, receive: { ...keys, keys: keys.keys.map((key) => ({ ...key })) } })
    expect(opens(receivers, packet)).toBe(false)
  })
})
