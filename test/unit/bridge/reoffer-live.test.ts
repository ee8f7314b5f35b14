import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { aes80, cryptoLine, cryptoOf, mediaOf, originOf, type TrunkPhone } from '../../fakes/trunk-phone.ts'
import { freshKeys } from '../media/worker/support/sip-peer.ts'
import { until } from '../media/worker/support/until.ts'
import { ask, carries, LiveBridge, stops } from './support/live-bridge.ts'

/** The numbered cases about offers inside a call, on real media legs; docs/negotiation.md lists them all. */
let kedge: LiveBridge
let trunk: TrunkPhone
beforeEach(async () => {
  kedge = await LiveBridge.open()
  trunk = await kedge.trunkPhone()
})
afterEach(() => kedge.close())

const view = () => kedge.bridge.calls()[0]
const reinvite = async (dialog: Parameters<typeof ask>[0], offer: string | undefined) => {
  const answer = await ask(dialog, offer)
  return { status: Number(answer.slice(0, 3)), sdp: answer.slice(4) }
}

describe('a re-INVITE of the trunk', () => {
  test('case 24: with the same key and address repeats our key and tag and keeps context, ROC and stream', async () => {
    const { window, sent } = await kedge.connected(trunk)
    const ours = cryptoOf(sent.request.offer)
    // Past the wrap of the sequence number: a context that began anew would be at ROC 0 and hear nothing.
    for (const seq of [65_000, 65_534, 65_535, 0, 1]) await carries(trunk.peer, window.client, { seq, ssrc: 5 })
    await carries(window.client, trunk.peer)
    const ssrc = trunk.peer.received.at(-1)?.ssrc
    const { status, sdp } = await reinvite(sent.dialog, trunk.sdp())
    expect(status).toBe(200)
    expect(cryptoOf(sdp)).toEqual(ours)
    trunk.read(sdp)
    await carries(trunk.peer, window.client, { seq: 2, ssrc: 5 })
    await carries(window.client, trunk.peer)
    expect(trunk.peer.received.at(-1)?.ssrc).toBe(ssrc)
    expect(view()?.hops[1]?.counters.authFailed).toBe(0)
  })

  test('case 24: under another tag echoes that tag with the same key', async () => {
    const { window, sent } = await kedge.connected(trunk)
    const { sdp } = await reinvite(sent.dialog, trunk.sdp({ tag: 4 }))
    expect(cryptoOf(sdp)).toEqual(cryptoOf(sent.request.offer).map((line) => line.replace('crypto:1', 'crypto:4')))
    await carries(trunk.peer, window.client)
  })

  test('case 25: with a new key is heard under the new one, and under the old one until then', async () => {
    const { window, sent } = await kedge.connected(trunk)
    await carries(trunk.peer, window.client, { seq: 100, ssrc: 5 })
    const late = trunk.peer.protect({ seq: 101, ssrc: 5, timestamp: 160, payload: Buffer.alloc(160, 0xab) })
    trunk.newKey()
    const { sdp } = await reinvite(sent.dialog, trunk.sdp())
    expect(cryptoOf(sdp)).toEqual(cryptoOf(sent.request.offer))
    const before = window.client.received.length
    trunk.peer.sendRaw(late)
    await until(() => window.client.received.length > before, 'a packet under the old key')
    await carries(trunk.peer, window.client, { seq: 102, ssrc: 5 })
    await carries(window.client, trunk.peer)
  })

  test('case 25: with a new key and a stream at ROC 1 is heard, whether the ROC goes on or starts again', async () => {
    const { window, sent } = await kedge.connected(trunk)
    for (const seq of [65_535, 0, 1]) await carries(trunk.peer, window.client, { seq, ssrc: 5 })
    trunk.newKey()
    await reinvite(sent.dialog, trunk.sdp())
    // This peer's new context begins at ROC 0.
    await carries(trunk.peer, window.client, { seq: 2, ssrc: 5 })
    await carries(trunk.peer, window.client, { seq: 3, ssrc: 5 })
  })

  test('case 25: with another suite gets a fresh key of ours under it, and a fresh SSRC', async () => {
    const { window, sent } = await kedge.connected(trunk)
    await carries(window.client, trunk.peer)
    const ssrc = trunk.peer.received.at(-1)?.ssrc
    trunk.newKey('AEAD_AES_128_GCM')
    const { sdp } = await reinvite(sent.dialog, trunk.sdp({ tag: 2 }))
    expect(cryptoOf(sdp)).toEqual([expect.stringContaining('crypto:2 AEAD_AES_128_GCM ')])
    trunk.read(sdp)
    await carries(trunk.peer, window.client)
    await carries(window.client, trunk.peer)
    expect(trunk.peer.received.at(-1)?.ssrc).not.toBe(ssrc)
    expect(view()?.hops[1]).toMatchObject({ suite: 'AEAD_AES_128_GCM' })
  })

  test('case 27: that moves the media is followed with the same keys', async () => {
    const { window, sent } = await kedge.connected(trunk)
    const elsewhere = await kedge.trunkPhone()
    // The same phone on another socket: keys and streams are those of before.
    const { sdp } = await reinvite(sent.dialog, trunk.sdp({ port: elsewhere.peer.rtp.address().port }))
    expect(cryptoOf(sdp)).toEqual(cryptoOf(sent.request.offer))
    elsewhere.read(sent.request.offer, 1)
    await carries(window.client, elsewhere.peer)
    expect(elsewhere.peer.refused).toBe(0)
  })

  test('case 28: that is refused changes neither keys nor addresses nor the description of the call', async () => {
    const { window, sent } = await kedge.connected(trunk)
    const before = view()?.hops[1]
    const other = await kedge.trunkPhone()
    const refusedOffers = {
      'in clear': trunk.sdp({ profile: 'RTP/AVP', crypto: [] }),
      'without a usable line': trunk.sdp({ crypto: ['a=crypto:1 F8_128_HMAC_SHA1_80 inline:abc'] }),
      'with a codec nobody has': trunk.sdp().replace('RTP/SAVP 0', 'RTP/SAVP 3'),
      'to a multicast address': other.sdp({ address: '224.0.0.1' }),
    }
    for (const [name, offer] of Object.entries(refusedOffers)) {
      const { status } = await reinvite(sent.dialog, offer)
      expect([488, 400], name).toContain(status)
      await carries(trunk.peer, window.client)
      await carries(window.client, trunk.peer)
    }
    expect(view()).toMatchObject({ state: 'connected' })
    expect({ ...view()?.hops[1], counters: 0 }).toEqual({ ...before, counters: 0 })
  })

  test('case 30: as a session refresh is answered word for word as before, version and key included', async () => {
    const { window, sent } = await kedge.connected(trunk)
    const offer = trunk.sdp({ version: 9 })
    const answers = [await reinvite(sent.dialog, offer), await reinvite(sent.dialog, offer)]
    expect(answers[1]).toEqual(answers[0])
    const [before, after] = [sent.request.offer, answers[0]?.sdp ?? ''].map((sdp) => originOf(sdp).split(' '))
    expect(after?.[1]).toBe(before?.[1])
    // The answer names one codec where our offer named four: that is a change, so the version counts.
    expect(Number(after?.[2])).toBe(Number(before?.[2]) + 1)
    await carries(trunk.peer, window.client)
  })

  test.each([
    ['sendonly', { direction: 'sendonly' }, 'recvonly'],
    ['inactive', { direction: 'inactive' }, 'inactive'],
    ['c=0.0.0.0', { address: '0.0.0.0' }, 'recvonly'],
    ['c=0.0.0.0 and inactive', { address: '0.0.0.0', direction: 'inactive' }, 'inactive'],
  ])('case 31: that holds by %s stops our sound, keeps key and RTCP, and is taken back', async (_, hold, direction) => {
    const { window, sent } = await kedge.connected(trunk)
    await carries(window.client, trunk.peer)
    const held = await reinvite(sent.dialog, trunk.sdp(hold))
    expect(held.sdp).toContain(`a=${direction}\r\n`)
    expect(cryptoOf(held.sdp)).toEqual(cryptoOf(sent.request.offer))
    expect(view()).toMatchObject({ heldByRemote: true, state: 'connected' })
    await stops(window.client, trunk.peer)
    // Music on hold is heard under the key of before.
    await carries(trunk.peer, window.client)
    const back = await reinvite(sent.dialog, trunk.sdp())
    expect(back.sdp).toContain('a=sendrecv\r\n')
    expect(view()?.heldByRemote).toBeUndefined()
    await carries(window.client, trunk.peer)
  })

  test('case 31: RTCP goes on while the trunk holds', async () => {
    const { sent } = await kedge.connected(trunk)
    await reinvite(sent.dialog, trunk.sdp({ direction: 'inactive' }))
    const before = trunk.peer.receivedRtcp.length
    await until(() => trunk.peer.receivedRtcp.length > before, 'a report while held', 10_000)
  })

  test('case 29: without SDP is offered the current key and tag and no other line; the ACK’s key is for receiving alone', async () => {
    const { window, sent } = await kedge.connected(trunk)
    const { status, sdp } = await reinvite(sent.dialog, undefined)
    expect(status).toBe(200)
    expect(mediaOf(sdp)).toEqual([expect.stringContaining('RTP/SAVP 0')])
    expect(cryptoOf(sdp)).toEqual(cryptoOf(sent.request.offer))
    trunk.newKey()
    sent.dialog.delegate?.onAck?.(trunk.sdp())
    await carries(trunk.peer, window.client)
    await carries(window.client, trunk.peer)
    expect(trunk.peer.refused).toBe(0)
  })

  test('case 29: an ACK in clear, or none with an answer, ends the call with the reason', async () => {
    for (const [ack, code] of [
      [trunk.sdp({ profile: 'RTP/AVP', crypto: [] }), 'security/answer-not-encrypted'],
      [undefined, 'sdp/answer-mismatch'],
    ] as const) {
      const phone = await kedge.trunkPhone()
      const { sent, invite } = await kedge.connected(phone)
      await reinvite(sent.dialog, undefined)
      sent.dialog.delegate?.onAck?.(ack)
      await until(() => sent.dialog.byes === 1, 'BYE')
      expect(invite.dialog.byes).toBe(1)
      expect(kedge.bridge.calls().at(-1)).toMatchObject({ state: 'ended', end: { by: 'kedge', code } })
    }
  })

  test('case 9: that adds a second section gets port 0 for it, and our next offer keeps both', async () => {
    const { sent } = await kedge.connected(trunk)
    const { sdp } = await reinvite(sent.dialog, trunk.sdp({ sections: ['m=video 6000 RTP/AVP 96'] }))
    expect(mediaOf(sdp)).toEqual([expect.stringMatching(/^m=audio \d+ RTP\/SAVP 0$/), 'm=video 0 RTP/AVP 96'])
    const offered = await reinvite(sent.dialog, undefined)
    expect(mediaOf(offered.sdp)).toEqual(mediaOf(sdp))
  })
})

describe('a re-INVITE in clear inside a secure call', () => {
  test.each(['required', 'preferred'] as const)(
    'is refused with 488 under %s and the call stays',
    async (encryption) => {
      kedge.close()
      kedge = await LiveBridge.open({ encryption, preset: 'twilio' })
      trunk = await kedge.trunkPhone()
      const { window, sent } = await kedge.connected(trunk)
      expect((await reinvite(sent.dialog, trunk.sdp({ profile: 'RTP/AVP', crypto: [] }))).status).toBe(488)
      await carries(trunk.peer, window.client)
      expect(view()?.hops[1]).toMatchObject({ mode: 'srtp', profile: 'RTP/SAVP' })
    },
  )

  test('is accepted under off, and shown as not encrypted from then on', async () => {
    kedge.close()
    kedge = await LiveBridge.open({ encryption: 'off' })
    const secure = await kedge.trunkPhone()
    const plain = await kedge.plainPhone()
    const window = await kedge.windowPhone()
    const invite = kedge.ring(secure.sdp())
    await until(() => kedge.window.invites.length > 0, 'the window rings')
    const rung = kedge.window.invites[0]
    if (rung === undefined) throw new Error('not rung')
    window.read(rung.request.offer)
    rung.delegate.onAccepted({ status: 200, reason: 'OK', body: window.answer() }, rung.dialog)
    await until(() => invite.log.length > 0, 'the trunk is answered')
    secure.read(invite.log[0]?.slice(4) ?? '')
    await window.connect()
    await carries(secure.peer, window.client)
    expect(view()).toMatchObject({ security: 'establishing' })
    const { status, sdp } = await reinvite(invite.dialog, plain.sdp())
    expect(status).toBe(200)
    expect(cryptoOf(sdp)).toEqual([])
    expect(view()).toMatchObject({ security: 'clear', hops: [{}, { mode: 'rtp', profile: 'RTP/AVP' }] })
    plain.read(sdp)
    await carries(plain.peer, window.client)
  })
})

describe('the window', () => {
  test('case 43: restarts ICE and is answered with new credentials, the same certificate, and the trunk hears nothing of it', async () => {
    const { window, invite, sent } = await kedge.connected(trunk)
    const before = window.read(invite.log.at(-1) ?? '')
    const { status, sdp } = await reinvite(invite.dialog, window.offer({ ufrag: 'wxyz', pwd: 'w'.repeat(24) }))
    expect(status).toBe(200)
    const after = window.read(sdp)
    expect(after.iceUfrag).not.toBe(before.iceUfrag)
    expect(after.fingerprint).toEqual(before.fingerprint)
    expect(after.port).toBe(before.port)
    expect(sent.dialog.offers).toEqual([])
  })

  test('case 42: a re-offer with actpass keeps our passive role and the association', async () => {
    const { window, invite } = await kedge.connected(trunk)
    const { sdp } = await reinvite(invite.dialog, window.offer())
    expect(sdp).toContain('a=setup:passive')
    await carries(trunk.peer, window.client)
    await carries(window.client, trunk.peer)
  })

  test('puts the call on hold: the trunk is offered sendonly with the same key, and sendrecv afterwards', async () => {
    const { window, invite, sent } = await kedge.connected(trunk)
    const held = await reinvite(invite.dialog, window.offer({ direction: 'sendonly' }))
    expect(held.sdp).toContain('a=recvonly')
    const [offer] = sent.dialog.offers
    expect(offer?.offer).toContain('a=sendonly')
    expect(cryptoOf(offer?.offer ?? '')).toEqual(cryptoOf(sent.request.offer))
    offer?.respond({ status: 200, reason: 'OK', body: trunk.sdp({ direction: 'recvonly' }) })
    await carries(window.client, trunk.peer)
    expect(view()?.heldByRemote).toBeUndefined()
    await reinvite(invite.dialog, window.offer())
    await until(() => sent.dialog.offers.length === 2, 'the second offer')
    expect(sent.dialog.offers[1]?.offer).toContain('a=sendrecv')
  })
})

describe('glare', () => {
  test('case 49: their offer meets ours and gets 491; ours meets theirs, waits and comes again with the same key', async () => {
    const { window, invite, sent } = await kedge.connected(trunk)
    await reinvite(invite.dialog, window.offer({ direction: 'sendonly' }))
    expect((await reinvite(sent.dialog, trunk.sdp())).status).toBe(491)
    expect((await reinvite(sent.dialog, undefined)).status).toBe(491)
    sent.dialog.offers[0]?.respond({ status: 491, reason: 'Request Pending' })
    await until(() => kedge.clock.waits.some(({ delayMs }) => delayMs < 5000), 'waiting after glare')
    // We own the Call-ID of this leg: 2.1 to 4 s (RFC 3261 §14.1).
    expect(kedge.clock.skip((delayMs) => delayMs < 5000)).toBe(3050)
    await until(() => sent.dialog.offers.length === 2, 'the offer again')
    expect(cryptoOf(sent.dialog.offers[1]?.offer ?? '')).toEqual(cryptoOf(sent.request.offer))
    sent.dialog.offers[1]?.respond({ status: 200, reason: 'OK', body: trunk.sdp({ direction: 'recvonly' }) })
    await carries(window.client, trunk.peer)
  })

  test('case 28: our offer refused by the trunk leaves everything as it was', async () => {
    const { window, invite, sent } = await kedge.connected(trunk)
    await reinvite(invite.dialog, window.offer({ direction: 'sendonly' }))
    sent.dialog.offers[0]?.respond({ status: 488, reason: 'Not Acceptable Here' })
    await carries(trunk.peer, window.client)
    expect(view()?.state).toBe('connected')
  })

  test('a trunk that has lost the call ends it', async () => {
    const { window, invite, sent } = await kedge.connected(trunk)
    await reinvite(invite.dialog, window.offer({ direction: 'sendonly' }))
    sent.dialog.offers[0]?.respond({ status: 481, reason: 'Gone' })
    await until(() => invite.dialog.byes === 1, 'the window is told')
    expect(view()?.end).toMatchObject({ by: 'kedge', code: 'call/timeout' })
  })
})

describe('an offerless INVITE', () => {
  test('case 29: is offered RTP/SAVP in the 200, and the ACK’s answer opens the media', async () => {
    const window = await kedge.windowPhone()
    const invite = kedge.ring(undefined)
    await until(() => kedge.window.invites.length > 0, 'the window rings')
    const rung = kedge.window.invites[0]
    if (rung === undefined) throw new Error('not rung')
    expect(rung.request.offer).toMatch(/m=audio \d+ UDP\/TLS\/RTP\/SAVPF 111 9 0 8 110 101\r/)
    window.read(rung.request.offer)
    rung.delegate.onAccepted({ status: 200, reason: 'OK', body: window.answer() }, rung.dialog)
    await until(() => invite.log.length > 0, 'the trunk is answered')
    const offer = invite.log[0]?.slice(4) ?? ''
    expect(mediaOf(offer)).toEqual([expect.stringMatching(/RTP\/SAVP 0/)])
    expect(cryptoOf(offer)).toHaveLength(1)
    trunk.read(offer)
    invite.dialog.delegate?.onAck?.(trunk.sdp())
    await window.connect()
    await carries(window.client, trunk.peer)
    await carries(trunk.peer, window.client)
    // The window leads with what the trunk took: nothing has to be asked again.
    expect(rung.dialog.offers).toEqual([])
  })

  test('case 29: offers everything that the window takes; what the ACK chooses, the window is then asked for', async () => {
    const window = await kedge.windowPhone()
    const invite = kedge.ring(undefined)
    await until(() => kedge.window.invites.length > 0, 'the window rings')
    const rung = kedge.window.invites[0]
    if (rung === undefined) throw new Error('not rung')
    window.read(rung.request.offer)
    rung.delegate.onAccepted({ status: 200, reason: 'OK', body: window.answer('111 9 0 8 110') }, rung.dialog)
    await until(() => invite.log.length > 0, 'the trunk is answered')
    const offer = invite.log[0]?.slice(4) ?? ''
    expect(mediaOf(offer)).toEqual([expect.stringMatching(/RTP\/SAVP 111 9 0 8 110( \d+)?$/)])
    expect(offer).toContain('a=rtpmap:111 opus/48000/2')
    trunk.read(offer)
    invite.dialog.delegate?.onAck?.(trunk.sdp().replace('RTP/SAVP 0', 'RTP/SAVP 8'))
    await window.connect()
    await until(() => rung.dialog.offers.length === 1, 'the window is asked again')
    const [again] = rung.dialog.offers
    expect(mediaOf(again?.offer ?? '')).toEqual([expect.stringMatching(/UDP\/TLS\/RTP\/SAVPF 8( |$)/)])
    expect(again?.offer).toContain('a=setup:actpass')
    again?.respond({ status: 200, reason: 'OK', body: window.answer('8') })
    await until(() => view()?.hops.every(({ codec }) => codec === 'PCMA') === true, 'PCMA on both hops')
    const payload = Buffer.alloc(160, 3)
    window.client.send({ seq: 7, ssrc: 7, timestamp: 1, payload, payloadType: 8 })
    await until(() => trunk.peer.received.some((packet) => packet.payload.equals(payload)), 'the trunk hears PCMA')
    expect(trunk.peer.received.at(-1)?.payloadType).toBe(8)
  })
})

describe('183 and 200', () => {
  test('case 34: with different keys of one phone: the second is heard from then on', async () => {
    const window = await kedge.windowPhone()
    const { invite, sent } = await kedge.dial(window)
    trunk.read(sent.request.offer, 1)
    sent.delegate.onProgress({ status: 183, reason: 'Session Progress', toTag: 'a', body: trunk.sdp() })
    await until(() => invite.log.length > 0, 'early media')
    window.read(invite.log[0]?.slice(4) ?? '')
    await window.connect()
    await carries(trunk.peer, window.client)
    trunk.newKey()
    sent.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'a', body: trunk.sdp() }, sent.dialog)
    await until(() => invite.log.length > 1, 'answered')
    await carries(trunk.peer, window.client)
    await carries(window.client, trunk.peer)
  })

  test('case 34: of two forks each is heard under its own key until one is taken; the loser is not heard any more', async () => {
    const other = await kedge.trunkPhone()
    const window = await kedge.windowPhone()
    const { invite, sent } = await kedge.dial(window)
    for (const [phone, toTag] of [
      [trunk, 'a'],
      [other, 'b'],
    ] as const) {
      phone.read(sent.request.offer, 1)
      sent.delegate.onProgress({ status: 183, reason: 'Session Progress', toTag, body: phone.sdp() })
    }
    await until(() => invite.log.length > 0, 'early media')
    window.read(invite.log[0]?.slice(4) ?? '')
    await window.connect()
    await carries(other.peer, window.client, { ssrc: 2 })
    // One at a time: another phone is heard when this one is silent.
    await delay(250)
    await carries(trunk.peer, window.client, { ssrc: 1 })
    await delay(150)
    await carries(other.peer, window.client, { ssrc: 2 })
    sent.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'a' }, sent.dialog)
    await until(() => invite.log.length > 1, 'answered')
    await carries(trunk.peer, window.client, { ssrc: 1 })
    await stops(other.peer, window.client)
    await carries(window.client, trunk.peer)
    // The loser has seen our key: the winner is offered another one (RFC 4568 §7.3).
    const [offer] = sent.dialog.offers
    expect(cryptoOf(offer?.offer ?? '')).toEqual([expect.stringMatching(/^a=crypto:1 AES_CM_128_HMAC_SHA1_80 /)])
    expect(cryptoOf(offer?.offer ?? '')).not.toEqual(cryptoOf(sent.request.offer))
    const ssrc = trunk.peer.received.at(-1)?.ssrc
    trunk.read(offer?.offer ?? '')
    offer?.respond({ status: 200, reason: 'OK', body: trunk.sdp() })
    await carries(window.client, trunk.peer)
    expect(trunk.peer.received.at(-1)?.ssrc).not.toBe(ssrc)
  })
})

test('case 5: a renumbered tag is taken only where the account names that quirk', async () => {
  const line = { crypto: [cryptoLine(9, freshKeys(aes80))] }
  const window = await kedge.windowPhone()
  const { invite, sent } = await kedge.dial(window)
  sent.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'a', body: trunk.sdp(line) }, sent.dialog)
  await until(() => invite.log.length > 0, 'refused')
  expect(invite.log).toEqual(['488'])
  expect(view()?.end).toMatchObject({ code: 'security/keying-failed' })
  kedge.close()
  kedge = await LiveBridge.open({ quirks: ['renumbers-answer-tag'] })
  const lenient = await kedge.trunkPhone()
  const call = await kedge.connected(lenient, { crypto: [cryptoLine(9, lenient.peer.ours ?? freshKeys(aes80))] })
  lenient.read(call.sent.request.offer, 1)
  await carries(lenient.peer, call.window.client)
})
