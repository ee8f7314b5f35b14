import { describe, expect, it } from 'vitest'
import { Call } from '../../../electron/bridge/call.ts'
import type { MediaSide } from '../../../electron/bridge/media-side.ts'
import { SdpError } from '../../../electron/sdp/sdp-error.ts'
import type { Codec, Direction } from '../../../electron/sdp/types.ts'
import { systemClock } from '../../../electron/sip/clock.ts'
import { KedgeError } from '../../../shared/errors.ts'
import { FakeEndpoint, FakeIncomingInvite } from '../../fakes/sip.ts'

const pcmu: Codec = { payloadType: 0, name: 'PCMU', clockRateHz: 8000, channels: 1 }

/** A leg's media that notes what it is asked, and refuses on request. */
class FakeSide implements MediaSide {
  readonly legId: string
  readonly mode = 'srtp' as const
  wanted: Direction = 'sendrecv'
  peerDirection: Direction = 'sendrecv'
  readonly negotiated = undefined
  readonly keying = undefined
  readonly codecs = [pcmu]
  readonly log: string[] = []
  refuseAnswer: Error | undefined
  failConnect: Error | undefined
  #connected: (() => void) | undefined
  /** When set, `connect` waits until `letConnect` is called. */
  hold = false
  constructor(legId: string) {
    this.legId = legId
  }
  async open() {
    this.log.push('open')
  }
  offer() {
    return `offer of ${this.legId}`
  }
  reoffer(reason: string) {
    return `re-offer of ${this.legId}, ${reason}`
  }
  takeAnswer(answer: string) {
    if (this.refuseAnswer) throw this.refuseAnswer
    this.log.push(`takeAnswer ${answer}`)
    return [pcmu]
  }
  confirm() {
    if (this.log.some((line) => line.startsWith('takeAnswer'))) return
    throw new KedgeError('sdp/answer-mismatch', 'no answer to our offer')
  }
  async prepare() {}
  early: MediaSide['early']
  limit: MediaSide['limit']
  readonly localAddress = '127.0.0.1'
  async move() {
    return false
  }
  async stay() {}
  keepSecure() {}
  takeOffer() {
    return [pcmu]
  }
  answer() {
    return `answer of ${this.legId}`
  }
  connect(): Promise<void> {
    if (this.failConnect) return Promise.reject(this.failConnect)
    this.log.push('connect')
    return this.hold
      ? new Promise((resolve) => {
          this.#connected = resolve
        })
      : Promise.resolve()
  }
  letConnect() {
    this.#connected?.()
  }
  setSuite() {}
  async close() {
    this.log.push('close')
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

async function startCall(change: (parts: { caller: FakeSide; callee: FakeSide }) => void = () => undefined) {
  const invite = new FakeIncomingInvite('caller-1', { user: 'echo', host: 'demo' }, 'offer')
  const endpoint = new FakeEndpoint('tls')
  const caller = new FakeSide('caller')
  const callee = new FakeSide('callee')
  change({ caller, callee })
  const joins: string[] = []
  const call = new Call({
    caller: { name: 'local', invite, media: caller },
    callee: { name: 'trunk', endpoint, request: { target: 'sip:echo@demo' }, media: callee },
    clock: systemClock,
    random: () => 0,
    join: async (a, b) => joins.push(`${a}+${b}`),
    onChange: () => undefined,
  })
  await call.start()
  const sent = endpoint.invites[0]
  if (!sent) throw new Error('the callee was not invited')
  return { call, invite, sent, caller, callee, joins }
}

describe('a bridged call', () => {
  it('joins both legs and only then answers the caller', async () => {
    const { call, invite, sent, joins } = await startCall()
    sent.delegate.onProgress({ status: 180, reason: 'Ringing' })
    expect(call.state).toBe('ringing')
    sent.delegate.onAccepted({ status: 200, reason: 'OK', body: 'sdp' }, sent.dialog)
    expect(call.state).toBe('answering')
    expect(invite.log).toEqual(['180'])
    await settle()
    expect(call.state).toBe('connected')
    expect(joins).toEqual(['caller+callee'])
    expect(invite.log).toEqual(['180', '200 answer of caller'])
  })

  it('tells a caller that can begin with its transport how, while it rings, and answers it in full', async () => {
    const { invite, sent, caller } = await startCall(({ caller }) => {
      caller.early = { describe: () => 'transport', connect: async () => void caller.log.push('connect transport') }
    })
    sent.delegate.onProgress({ status: 180, reason: 'Ringing' })
    expect(invite.log).toEqual(['180 early-session transport'])
    sent.delegate.onAccepted({ status: 200, reason: 'OK', body: 'sdp' }, sent.dialog)
    await settle()
    expect(invite.log).toEqual(['180 early-session transport', '200 answer of caller'])
    expect(caller.log).toEqual(['open', 'connect transport', 'connect'])
  })

  it('ends when the transport of a ringing call cannot be had', async () => {
    const { call, sent } = await startCall(({ caller }) => {
      const connect = () => Promise.reject(new KedgeError('call/worker-lost', 'gone'))
      caller.early = { describe: () => 'transport', connect }
    })
    sent.delegate.onProgress({ status: 180, reason: 'Ringing' })
    await settle()
    expect(call.end).toMatchObject({ by: 'kedge', code: 'call/worker-lost' })
    expect(sent.cancelled).toBe(1)
  })

  it('passes early media on with the same answer that 200 carries', async () => {
    const { invite, sent } = await startCall()
    sent.delegate.onProgress({ status: 183, reason: 'Session Progress', body: 'early' })
    await settle()
    sent.delegate.onAccepted({ status: 200, reason: 'OK' }, sent.dialog)
    await settle()
    expect(invite.log).toEqual(['183 answer of caller', '200 answer of caller'])
  })

  it('hangs up the callee when the caller says BYE, and the other way round', async () => {
    for (const side of ['caller', 'callee'] as const) {
      const { call, invite, sent, caller, callee } = await startCall()
      sent.delegate.onAccepted({ status: 200, reason: 'OK', body: 'sdp' }, sent.dialog)
      await settle()
      const [from, to] = side === 'caller' ? [invite.dialog, sent.dialog] : [sent.dialog, invite.dialog]
      from.delegate?.onBye()
      expect(call.state).toBe('ended')
      expect(call.end).toMatchObject({ by: side === 'caller' ? 'user' : 'remote', code: 'call/hung-up' })
      expect([from.byes, to.byes]).toEqual([0, 1])
      expect(caller.log.at(-1)).toBe('close')
      expect(callee.log.at(-1)).toBe('close')
    }
  })

  it('cancels the callee when the caller cancels', async () => {
    const { call, invite, sent } = await startCall()
    invite.onCancelled?.()
    expect(sent.cancelled).toBe(1)
    expect(call.end?.code).toBe('call/cancelled')
  })

  it('ends the callee with BYE when the caller cancels while the answer is being connected', async () => {
    const { call, invite, sent } = await startCall(({ callee }) => {
      callee.hold = true
    })
    sent.delegate.onAccepted({ status: 200, reason: 'OK', body: 'sdp' }, sent.dialog)
    await settle()
    invite.onCancelled?.()
    expect(call.state).toBe('ended')
    expect(sent.dialog.byes).toBe(1)
    expect(invite.log).toEqual([])
  })

  it('never connects media on a refused answer: BYE to the callee, 488 to the caller, the reason kept (case 4)', async () => {
    const { call, invite, sent, caller, callee } = await startCall((parts) => {
      parts.callee.refuseAnswer = new SdpError('security/answer-not-encrypted', 'the answer is RTP/AVP')
    })
    sent.delegate.onAccepted({ status: 200, reason: 'OK', body: 'plain' }, sent.dialog)
    await settle()
    expect(call.end).toMatchObject({ by: 'kedge', code: 'security/answer-not-encrypted' })
    expect(sent.dialog.byes).toBe(1)
    expect(invite.log).toEqual(['488'])
    expect([...caller.log, ...callee.log]).not.toContain('connect')
  })

  it('takes no media of a 183 whose key was not offered, and goes on: the 200 may be right (RFC 4568 §5.1.3, RFC 3261 §13.2.1)', async () => {
    const { call, sent, invite, caller, callee } = await startCall((parts) => {
      parts.callee.refuseAnswer = new SdpError('security/keying-failed', 'a key that was not offered')
    })
    sent.delegate.onProgress({ status: 183, reason: 'Session Progress', body: 'wrong', toTag: 'a' })
    await settle()
    expect(call.state).toBe('ringing')
    expect(invite.log).toEqual(['180'])
    expect([...caller.log, ...callee.log]).not.toContain('connect')
    callee.refuseAnswer = undefined
    sent.delegate.onAccepted({ status: 200, reason: 'OK', body: 'right', toTag: 'a' }, sent.dialog)
    await settle()
    expect(call.state).toBe('connected')
    expect(sent.dialog.byes).toBe(0)
  })

  it('ends with the reason of the 183 when the 200 after it brings no better answer', async () => {
    const { call, sent, invite, callee } = await startCall((parts) => {
      parts.callee.refuseAnswer = new SdpError('security/keying-failed', 'a key that was not offered')
    })
    sent.delegate.onProgress({ status: 183, reason: 'Session Progress', body: 'wrong', toTag: 'a' })
    callee.refuseAnswer = undefined
    sent.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'a' }, sent.dialog)
    expect(call.end).toMatchObject({ by: 'kedge', code: 'security/keying-failed' })
    expect(sent.dialog.byes).toBe(1)
    expect(invite.log).toEqual(['180', '488'])
  })

  it('ends with the reason when the session expires, and lets go of both sides (RFC 4028 §10)', async () => {
    const { call, invite, sent, callee } = await startCall()
    sent.delegate.onAccepted({ status: 200, reason: 'OK', body: 'sdp' }, sent.dialog)
    await settle()
    sent.dialog.delegate?.onLost?.('call/session-expired')
    expect(call.end).toMatchObject({ by: 'kedge', code: 'call/session-expired' })
    expect(invite.dialog.byes).toBe(1)
    expect(callee.log.at(-1)).toBe('close')
  })

  it('refreshes a session by an offer with the keys in force when the trunk takes no UPDATE (case 30)', async () => {
    const { sent } = await startCall()
    sent.delegate.onAccepted({ status: 200, reason: 'OK', body: 'sdp' }, sent.dialog)
    await settle()
    sent.dialog.delegate?.onRefreshDue?.()
    expect(sent.dialog.offers.map(({ offer }) => offer)).toEqual(['re-offer of callee, refresh'])
  })

  describe('an offer in an early dialog (RFC 3311 §5.2)', () => {
    const offered = () => {
      const answers: (string | number)[] = []
      const request = {
        offer: 'changed',
        accept: (sdp: string) => answers.push(sdp),
        reject: (status: number) => answers.push(status),
      }
      return { request, answers }
    }

    it('is answered, and the media of the callee follows it', async () => {
      const { sent, callee } = await startCall()
      sent.delegate.onProgress({ status: 183, reason: 'Session Progress', body: 'early', toTag: 'a' })
      await settle()
      const { request, answers } = offered()
      sent.delegate.onEarlyOffer?.(request, 'a')
      await settle()
      expect(answers).toEqual(['answer of callee'])
      expect(callee.log).toEqual(['open', 'takeAnswer early', 'connect', 'connect'])
    })

    it('is refused while several phones ring: nobody knows whose it will be', async () => {
      const { sent } = await startCall()
      for (const toTag of ['a', 'b'])
        sent.delegate.onProgress({ status: 183, reason: 'Session Progress', body: 'early', toTag })
      await settle()
      const { request, answers } = offered()
      sent.delegate.onEarlyOffer?.(request, 'a')
      expect(answers).toEqual([488])
    })
  })

  it('sends a key by INFO to the trunk, and says when it was not taken', async () => {
    const { call, sent, invite } = await startCall()
    expect(call.confirmed('trunk')).toBeUndefined()
    sent.delegate.onAccepted({ status: 200, reason: 'OK', body: 'sdp' }, sent.dialog)
    await settle()
    await call.confirmed('trunk')?.sendDigit('#')
    expect(sent.dialog.infos).toEqual([{ type: 'application/dtmf-relay', content: 'Signal=#\r\nDuration=160\r\n' }])
    expect(invite.dialog.infos).toEqual([])
    sent.dialog.infoStatus = 415
    await expect(call.confirmed('trunk')?.sendDigit('1')).rejects.toMatchObject({ code: 'call/refused' })
  })

  it('takes a 200 without SDP only after an answer in 183', async () => {
    const { call, sent } = await startCall()
    sent.delegate.onAccepted({ status: 200, reason: 'OK' }, sent.dialog)
    expect(call.end?.code).toBe('sdp/answer-mismatch')
    expect(sent.dialog.byes).toBe(1)
  })

  it.each([
    [486, 'call/busy', '486'],
    [603, 'call/declined', '603'],
    [404, 'call/not-found', '404'],
    [488, 'security/trunk-refuses-encryption', '488'],
    [500, 'call/trunk-error', '480'],
  ])('passes the callee’s %i on as %s', async (status, code, callerSees) => {
    const { call, invite, sent } = await startCall()
    sent.delegate.onRejected({ status, reason: 'x' })
    expect(call.end).toMatchObject({ by: 'remote', code, sipStatus: status })
    expect(invite.log).toEqual([callerSees])
  })

  it('ends both legs with BYE when the media worker is lost', async () => {
    const { call, invite, sent } = await startCall()
    sent.delegate.onAccepted({ status: 200, reason: 'OK', body: 'sdp' }, sent.dialog)
    await settle()
    call.fail(new KedgeError('call/worker-lost', 'the media worker stopped'))
    expect([invite.dialog.byes, sent.dialog.byes]).toEqual([1, 1])
    expect(call.end).toMatchObject({ by: 'kedge', code: 'call/worker-lost' })
  })

  it('says what the worker could not do when connecting fails', async () => {
    const { call, sent } = await startCall(({ caller }) => {
      caller.failConnect = new KedgeError('call/worker-lost', 'the media worker stopped')
    })
    sent.delegate.onAccepted({ status: 200, reason: 'OK', body: 'sdp' }, sent.dialog)
    await settle()
    expect(call.end?.code).toBe('call/worker-lost')
    expect(sent.dialog.byes).toBe(1)
  })

  it('answers a re-INVITE on the leg it came on and keeps the call when it refuses one (case 28)', async () => {
    const { call, sent, callee } = await startCall()
    sent.delegate.onAccepted({ status: 200, reason: 'OK', body: 'sdp' }, sent.dialog)
    await settle()
    const answers: string[] = []
    const request = {
      offer: 'again',
      accept: (sdp: string) => answers.push(`200 ${sdp}`),
      reject: (status: number) => answers.push(`${status}`),
    }
    sent.dialog.delegate?.onReinvite(request)
    await settle()
    callee.takeOffer = () => {
      throw new SdpError('security/offer-not-encrypted', 'RTP/AVP in a secure call')
    }
    sent.dialog.delegate?.onReinvite(request)
    expect(answers).toEqual(['200 answer of callee', '488'])
    expect(call.state).toBe('connected')
  })
})
