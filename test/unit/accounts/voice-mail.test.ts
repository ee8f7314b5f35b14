import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parseMessageSummary } from '../../../electron/accounts/message-summary.ts'
import { createVoiceMail } from '../../../electron/accounts/voice-mail.ts'
import { systemClock } from '../../../electron/sip/clock.ts'
import type { KedgeEndpoint } from '../../../electron/sip/endpoint.ts'
import type { InboundRequest } from '../../../electron/sip/endpoint-config.ts'
import type { SubscriptionDelegate } from '../../../electron/sip/subscription.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a message summary (RFC 3842 §5)', () => {
  it.each([
    ['Messages-Waiting: yes\r\nVoice-Message: 2/8 (0/2)\r\n', { waiting: true, fresh: 2, old: 8 }],
    ['messages-waiting : NO\nvoice-message: 0/3\n', { waiting: false, fresh: 0, old: 3 }],
    ['Messages-Waiting: yes\r\n', { waiting: true }],
    ['Voice-Message: 1/0\r\n', { waiting: true, fresh: 1, old: 0 }],
    ['Messages-Waiting: yes\r\nMessage-Account: sip:a@b\r\nFax-Message: 1/1\r\n', { waiting: true }],
    ['Messages-Waiting: perhaps', undefined],
    ['Voice-Message: lots', undefined],
    ['Voice-Message: 99999999/1', undefined],
    ['', undefined],
    ['X-Messages-Waiting: yes', undefined],
  ])('%j says %j', (body, expected) => expect(parseMessageSummary(body)).toEqual(expected))
})

/** An endpoint that only subscribes. */
function rig() {
  const asked: { delegate: SubscriptionDelegate; refreshed: number; ended: number }[] = []
  const make = () => ({
    subscribe(_request: unknown, delegate: SubscriptionDelegate) {
      const one = { delegate, refreshed: 0, ended: 0 }
      asked.push(one)
      return { refresh: () => void one.refreshed++, end: async () => void one.ended++ }
    },
  })
  const onChange = vi.fn()
  const mail = createVoiceMail('sip:alice@example.test', systemClock, onChange)
  return { asked, onChange, mail, endpoint: make() as unknown as KedgeEndpoint }
}

const request = (event: string | undefined, body: string) =>
  ({ header: (name: string) => (name === 'event' ? event : undefined), body }) as InboundRequest

describe('voice mail of an account', () => {
  it('is asked for once online, and told when it changes', () => {
    const { mail, asked, endpoint, onChange } = rig()
    mail.online(endpoint)
    asked[0]?.delegate.onNotify('Messages-Waiting: yes\r\nVoice-Message: 1/0\r\n')
    expect(mail.messages).toEqual({ waiting: true, fresh: 1, old: 0 })
    expect(onChange).toHaveBeenCalledOnce()
  })

  it('from another flow the subscription is refreshed, not doubled', () => {
    const { mail, asked, endpoint } = rig()
    mail.online(endpoint)
    mail.online(endpoint)
    expect(asked.map(({ refreshed }) => refreshed)).toEqual([1])
  })

  it('comes unasked as well; what is no summary changes nothing', () => {
    const { mail } = rig()
    expect(mail.receive(request('message-summary', 'Messages-Waiting: yes'))).toEqual({ status: 200 })
    expect(mail.receive(request('message-summary;id=1', 'nonsense'))).toEqual({ status: 200 })
    expect(mail.messages).toEqual({ waiting: true })
  })

  it.each(['presence', undefined])('event %s gets 489 with what is understood', (event) => {
    const reply = { status: 489, headers: ['Allow-Events: message-summary'] }
    expect(rig().mail.receive(request(event, ''))).toEqual(reply)
  })

  it.each([
    [{ status: 489 }, 0],
    [{ status: 404 }, 0],
    [{ reason: 'rejected' }, 0],
    [{ status: 481 }, 1],
    [{ reason: 'deactivated' }, 1],
    [{ reason: 'probation', retryAfterS: 30 }, 30],
    [{ status: 503, retryAfterS: 60 }, 60],
    [{ status: 503, retryAfterS: 0 }, 1],
    [{ status: 408 }, 300],
    [{ reason: 'giveup' }, 300],
  ])('after the end %j it is asked for again in %i s (0: never)', async (why, inS) => {
    const { mail, asked, endpoint } = rig()
    mail.online(endpoint)
    asked[0]?.delegate.onEnded(why)
    if (inS > 0) {
      await vi.advanceTimersByTimeAsync(1000 * inS - 1)
      expect(asked).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(1)
      expect(asked).toHaveLength(2)
    } else {
      await vi.advanceTimersByTimeAsync(86_400_000)
      mail.online(endpoint)
      expect(asked).toHaveLength(1)
    }
  })

  it('closed, it has ended its subscription and waits for nothing', async () => {
    const { mail, asked, endpoint } = rig()
    mail.online(endpoint)
    await mail.close()
    expect(asked[0]?.ended).toBe(1)
    asked[0]?.delegate.onEnded({ status: 503 })
    expect(vi.getTimerCount()).toBe(0)
  })
})
