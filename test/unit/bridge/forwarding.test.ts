import { describe, expect, it } from 'vitest'
import { causeOfRejection, forwardRequest, forwardTarget, hopsSoFar } from '../../../electron/bridge/forwarding.ts'

const invite = (headers: Record<string, readonly string[]> = {}) => ({ headers: (name: string) => headers[name] ?? [] })
const account = { username: 'ada', domain: 'pbx.example' }
const request = (headers: Record<string, readonly string[]> = {}, target = 'bob') =>
  forwardRequest(invite(headers), account, { domain: 'other.example' }, target, 'no-answer')

describe('whom a call goes on to', () => {
  it('follows the setting of its cause alone', () => {
    const forwarding = { always: { target: 'a' }, noAnswer: { target: 'b', afterS: 10 } }
    expect(forwardTarget(forwarding, 'unconditional')?.target).toBe('a')
    expect(forwardTarget(forwarding, 'no-answer')?.target).toBe('b')
    expect(forwardTarget(forwarding, 'user-busy')).toBeUndefined()
    expect(forwardTarget(undefined, 'unavailable')).toBeUndefined()
  })

  it('takes 486 and 600 of the window for busy, 480 for nobody there, and a decline for an answer', () => {
    expect([486, 600, 480, 603].map(causeOfRejection)).toEqual(['user-busy', 'user-busy', 'unavailable', undefined])
  })
})

describe('the request that carries a call on', () => {
  it('says who diverted it and why, newest first, and has one hop less to live', () => {
    const before = '<sip:carl@pbx.example>;reason=unconditional;counter=1'
    expect(request({ diversion: [before], 'max-forwards': ['20'] })).toEqual({
      target: 'sip:bob@other.example',
      extraHeaders: ['Diversion: <sip:ada@pbx.example>;reason=no-answer;counter=1', `Diversion: ${before}`],
      maxForwards: 19,
    })
  })

  it('has 69 hops to live where the INVITE said nothing, and no more whatever it said', () => {
    expect(request().maxForwards).toBe(69)
    expect(request({ 'max-forwards': ['255'] }).maxForwards).toBe(69)
  })

  it('counts the hops before it: each Diversion, its counter, and each History-Info entry beyond the first', () => {
    const entry = '<sip:a@b>;reason=unknown'
    expect(hopsSoFar(invite())).toBe(0)
    expect(hopsSoFar(invite({ diversion: [entry, entry] }))).toBe(2)
    expect(hopsSoFar(invite({ diversion: [`${entry}, ${entry};counter=3`] }))).toBe(4)
    expect(
      hopsSoFar(invite({ 'history-info': ['<sip:a@b>;index=1, <sip:c@d>;index=1.1', '<sip:e@f>;index=1.2'] })),
    ).toBe(2)
  })

  it.each([
    ['five diversions', { diversion: Array.from({ length: 5 }, () => '<sip:a@b>') }],
    ['a counter of five', { diversion: ['<sip:a@b>;counter=5'] }],
    ['no hop left', { 'max-forwards': ['1'] }],
  ])('is not made after %s: the call goes in a circle', (_, headers) => {
    expect(() => request(headers)).toThrowError(expect.objectContaining({ code: 'call/forwarding-loop' }))
  })

  it('refuses a target that is no address', () => {
    expect(() => request({}, 'a b@')).toThrowError(expect.objectContaining({ code: 'call/bad-target' }))
  })
})
