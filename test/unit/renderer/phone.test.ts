import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { callView } from './calls.ts'
import { answerSdp, headerOf, PhoneRig, request, response, settle, toTagOf } from './phone-rig.ts'

let rig: PhoneRig

beforeEach(async () => {
  vi.useFakeTimers()
  rig = new PhoneRig()
  await rig.start()
})

afterEach(() => {
  vi.clearAllTimers()
  vi.useRealTimers()
})

async function place(user = '+44 20'): Promise<{ callId: string; invite: string }> {
  const callId = rig.phone.place('work', user)
  await settle()
  return { callId, invite: rig.lastSent('INVITE') ?? '' }
}

async function answered(): Promise<{ callId: string; toTag: string }> {
  const callId = 'window-a'
  await rig.deliver(request('INVITE', { callId }))
  rig.phone.answer(callId)
  rig.phone.talkTo([callId])
  await settle()
  const toTag = toTagOf(rig.lastSent('SIP/2.0 200'))
  await rig.deliver(request('ACK', { callId, toTag }))
  return { callId, toTag }
}

describe('a call from this window', () => {
  test('goes to the account in the host, with the user escaped, and carries an offer', async () => {
    const { callId, invite } = await place('+44;x=1')
    expect(invite).toMatch(/^INVITE sip:\+44%3Bx%3D1@work\.accounts\.kedge\.invalid SIP\/2\.0\r\n/u)
    expect(headerOf(invite, 'Call-ID')).toBe(callId)
    expect(headerOf(invite, 'From')).toMatch(/^<sip:window@kedge\.invalid>/u)
    expect(invite).toContain('m=audio')
  })

  test('never waits for ICE candidates', async () => {
    await place()
    expect(vi.getTimerCount()).toBeLessThan(5)
    expect(rig.sent.filter((message) => message.startsWith('INVITE'))).toHaveLength(1)
  })

  test('plays early media: the answer of a 183 is applied before the 200', async () => {
    const { invite } = await place()
    await rig.deliver(response(invite, 183, 'Session Progress', answerSdp))
    expect(rig.peers[0]?.signalingState).toBe('stable')
    await rig.deliver(response(invite, 200, 'OK', answerSdp))
    expect(rig.lastSent('ACK')).toBeDefined()
  })

  test('tells the status of a refusal', async () => {
    const { callId, invite } = await place()
    await rig.deliver(response(invite, 488, 'Not Acceptable Here'))
    expect(rig.ended).toEqual([{ callId, sipStatus: 488 }])
    expect(rig.liveTracks).toBe(0)
  })

  test('is cancelled while it rings, and the microphone closes at once', async () => {
    const { callId, invite } = await place()
    await rig.deliver(response(invite, 180, 'Ringing'))
    rig.phone.hangUp(callId)
    await settle()
    expect(rig.lastSent('CANCEL')).toBeDefined()
    expect(rig.liveTracks).toBe(0)
  })

  test('is given up while the system still asks for the microphone: nothing is sent, nothing stays open', async () => {
    const permission = Promise.withResolvers<void>()
    rig.permission = permission.promise
    const { callId } = await place()
    rig.phone.hangUp(callId)
    permission.resolve()
    await settle()
    expect(rig.lastSent('INVITE')).toBeUndefined()
    expect(rig.opened).toBe(1)
    expect(rig.liveTracks).toBe(0)
  })

  test.each(['denied', 'missing', 'busy', 'failed'] as const)(
    'is not sent when the microphone is %s, and says so',
    async (failure) => {
      rig.refuse = failure
      await place()
      expect(rig.microphoneFailures).toEqual([failure])
      expect(rig.lastSent('INVITE')).toBeUndefined()
      expect(rig.ended).toHaveLength(1)
    },
  )

  test('ends when the door closes under the INVITE', async () => {
    await rig.setOpen(false)
    const { callId } = await place()
    expect(rig.ended.map((end) => end.callId)).toEqual([callId])
    expect(rig.liveTracks).toBe(0)
  })
})

describe('a call to this window', () => {
  test('rings with a 180 and without any media', async () => {
    await rig.deliver(request('INVITE', { callId: 'window-a' }))
    expect(rig.lastSent('SIP/2.0 180')).toBeDefined()
    expect(rig.peers).toHaveLength(0)
    expect(rig.sessions).toEqual(['window-a'])
  })

  test('is declined with 603', async () => {
    await rig.deliver(request('INVITE', { callId: 'window-a' }))
    rig.phone.hangUp('window-a')
    await settle()
    expect(rig.lastSent('SIP/2.0 603')).toBeDefined()
    expect(rig.ended).toHaveLength(1)
  })

  test('stops ringing when the caller gives up', async () => {
    await rig.deliver(request('INVITE', { callId: 'window-a' }))
    await rig.deliver(request('CANCEL', { callId: 'window-a' }))
    expect(rig.lastSent('SIP/2.0 487')).toBeDefined()
    expect(rig.phone.has('window-a')).toBe(false)
  })

  test('is refused, not left ringing, when Answer finds no microphone', async () => {
    rig.refuse = 'missing'
    await rig.deliver(request('INVITE', { callId: 'window-a' }))
    rig.phone.answer('window-a')
    await settle()
    expect(rig.microphoneFailures).toEqual(['missing'])
    expect(rig.sent.some((message) => /^SIP\/2\.0 [456]/u.test(message))).toBe(true)
    expect(rig.phone.has('window-a')).toBe(false)
  })

  test('closes the microphone when the other side hangs up', async () => {
    const { callId, toTag } = await answered()
    expect(rig.liveTracks).toBe(1)
    await rig.deliver(request('BYE', { callId, cseq: 2, toTag }))
    expect(rig.liveTracks).toBe(0)
    expect(rig.peers[0]?.closed).toBe(true)
  })

  test('is ended with a BYE, and the microphone closes before any answer to it', async () => {
    const { callId } = await answered()
    rig.phone.hangUp(callId)
    expect(rig.liveTracks).toBe(0)
    await settle()
    expect(rig.lastSent('BYE')).toBeDefined()
  })
})

describe('in a call', () => {
  test('it hears the user only while it is talked to', async () => {
    const { callId } = await answered()
    const track = rig.streams[0]?.track
    expect(track?.enabled).toBe(true)
    rig.phone.talkTo(['another'])
    expect(track?.enabled).toBe(false)
    rig.phone.mute(callId, true)
    rig.phone.talkTo([callId])
    expect(track?.enabled).toBe(false)
  })

  test('a call that nobody has turned to is silent from the first', async () => {
    await place()
    expect(rig.streams[0]?.track).toMatchObject({ readyState: 'live', enabled: false })
  })

  test('mute pressed before the microphone is open holds when it is', async () => {
    const permission = Promise.withResolvers<void>()
    rig.permission = permission.promise
    const { callId } = await place()
    rig.phone.talkTo([callId])
    rig.phone.mute(callId, true)
    permission.resolve()
    await settle()
    expect(rig.streams[0]?.track.enabled).toBe(false)
  })

  test('mute silences the track and negotiates nothing', async () => {
    const { callId } = await answered()
    const sent = rig.sent.length
    rig.phone.mute(callId, true)
    expect(rig.streams[0]?.track.enabled).toBe(false)
    rig.phone.mute(callId, false)
    expect(rig.streams[0]?.track.enabled).toBe(true)
    expect(rig.sent).toHaveLength(sent)
  })

  test('a microphone that is unplugged is replaced by the next, muted as the call is, and negotiates nothing', async () => {
    const { callId } = await answered()
    rig.phone.mute(callId, true)
    const sent = rig.sent.length
    rig.streams[0]?.track.vanish()
    await settle()
    expect(rig.peers[0]?.added).toEqual([rig.streams[1]?.track])
    expect(rig.streams[1]?.track).toMatchObject({ readyState: 'live', enabled: false })
    expect(rig.sent).toHaveLength(sent)
  })

  test('a call goes on without any microphone, says so, and takes the first that comes', async () => {
    await answered()
    rig.refuse = 'missing'
    rig.streams[0]?.track.vanish()
    await settle()
    expect(rig.microphoneFailures).toEqual(['missing'])
    expect(rig.lastSent('BYE')).toBeUndefined()
    rig.refuse = undefined
    rig.phone.switchMicrophones(false)
    await settle()
    expect(rig.peers[0]?.added).toEqual([rig.streams[1]?.track])
  })

  test('another microphone is chosen in the call: the one before closes', async () => {
    await answered()
    rig.phone.switchMicrophones(false)
    await settle()
    expect(rig.opened).toBe(1)
    rig.phone.switchMicrophones(true)
    await settle()
    expect([rig.opened, rig.liveTracks]).toEqual([2, 1])
  })

  test('a microphone that comes after the end of the call is let go at once', async () => {
    const { callId } = await answered()
    rig.phone.switchMicrophones(true)
    rig.phone.hangUp(callId)
    await settle()
    expect(rig.liveTracks).toBe(0)
  })

  test('hold is a re-INVITE that sends only, in silence; resume brings the sound back as muted as it was', async () => {
    const { callId } = await answered()
    const track = rig.streams[0]?.track
    const answerReinvite = async () => {
      await settle()
      await rig.deliver(response(rig.lastSent('INVITE') ?? '', 200, 'OK', answerSdp))
    }
    const holding = rig.phone.hold(callId, true)
    await answerReinvite()
    expect(await holding).toBe(true)
    expect(rig.peers[0]?.transceiver.direction).toBe('sendonly')
    expect(track?.enabled).toBe(false)

    rig.phone.mute(callId, true)
    const resuming = rig.phone.hold(callId, false)
    await answerReinvite()
    expect(await resuming).toBe(true)
    expect([rig.peers[0]?.transceiver.direction, track?.enabled]).toEqual(['sendrecv', false])
    rig.phone.mute(callId, false)
    expect(track?.enabled).toBe(true)
  })

  test('a hold that the other side refuses leaves the call as it was', async () => {
    const { callId } = await answered()
    const holding = rig.phone.hold(callId, true)
    await settle()
    const invite = rig.lastSent('INVITE') ?? ''
    await rig.deliver(response(invite, 488, 'Not Acceptable Here'))
    expect(await holding).toBe(false)
    expect([rig.peers[0]?.transceiver.direction, rig.streams[0]?.track.enabled]).toEqual(['sendrecv', true])
    expect(rig.lastSent('BYE')).toBeUndefined()
  })

  test('hold pressed twice is one hold, and silent', async () => {
    const { callId } = await answered()
    const sent = rig.sent.length
    const presses = [rig.phone.hold(callId, true), rig.phone.hold(callId, true)]
    await settle()
    await rig.deliver(response(rig.lastSent('INVITE') ?? '', 200, 'OK', answerSdp))
    expect(await Promise.all(presses)).toEqual([true, true])
    expect([rig.peers[0]?.transceiver.direction, rig.streams[0]?.track.enabled]).toEqual(['sendonly', false])
    expect(rig.sent.slice(sent).filter((message) => message.startsWith('INVITE'))).toHaveLength(1)
  })

  test('hold that crosses its own taking back comes after it', async () => {
    const { callId } = await answered()
    const accept = async () => {
      await settle()
      await rig.deliver(response(rig.lastSent('INVITE') ?? '', 200, 'OK', answerSdp))
    }
    const presses = [true, false, true].map((held) => rig.phone.hold(callId, held))
    for (const _press of presses) await accept()
    expect(await Promise.all(presses)).toEqual([true, true, true])
    expect([rig.peers[0]?.transceiver.direction, rig.streams[0]?.track.enabled]).toEqual(['sendonly', false])
  })

  test('a call that ends while its hold is under way is no error', async () => {
    const { callId } = await answered()
    const holding = rig.phone.hold(callId, true)
    await settle()
    rig.phone.hangUp(callId)
    await rig.deliver(response(rig.lastSent('INVITE') ?? '', 481, 'Call/Transaction Does Not Exist'))
    expect(await holding).toBe(false)
  })

  test('keypad tones go through the sender of the microphone (RFC 4733)', async () => {
    const { callId } = await answered()
    expect(rig.phone.sendDtmf(callId, '5')).toBe(true)
    expect(rig.peers[0]?.tones).toEqual(['5'])
  })

  test('keypad tones are refused aloud where telephone-event was not agreed', async () => {
    const { callId } = await answered()
    for (const peer of rig.peers) peer.canInsertDTMF = false
    expect(rig.phone.sendDtmf(callId, '5')).toBe(false)
  })

  test('media that failed for good ends the call', async () => {
    await answered()
    rig.peers[0]?.fail()
    await settle()
    expect(rig.lastSent('BYE')).toBeDefined()
    expect(rig.liveTracks).toBe(0)
  })

  test('the call is let go when the main process says that it ended, though no BYE came', async () => {
    const { callId } = await answered()
    rig.phone.reconcile([callView({ localCallId: callId, state: 'connected' })])
    expect(rig.liveTracks).toBe(1)
    rig.phone.reconcile([callView({ localCallId: callId, state: 'ended' })])
    expect(rig.liveTracks).toBe(0)
  })

  test('the call is let go when the main process came back without it', async () => {
    const { callId } = await answered()
    rig.phone.reconcile([callView({ localCallId: callId, state: 'connected' })])
    rig.phone.reconcile([])
    expect(rig.liveTracks).toBe(0)
  })

  test('a call that the main process has not shown yet is not taken for a lost one', async () => {
    await place()
    rig.phone.reconcile([])
    expect(rig.liveTracks).toBe(1)
  })

  test('the user agent connects again by itself when the door opens again', async () => {
    await rig.setOpen(false)
    await rig.setOpen(true)
    await place()
    expect(rig.lastSent('INVITE')).toBeDefined()
  })
})
