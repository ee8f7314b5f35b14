import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../electron/sip/clock.ts'
import { createReliability } from '../../../electron/sip/reliability/reliability.ts'
import { checkMessage } from '../../../electron/sip/transport/front-check.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const headers = (method: string, branch: string, sentBy = '192.0.2.1:5060') =>
  [
    `Via: SIP/2.0/UDP ${sentBy};branch=${branch};rport`,
    'To: <sip:b@example.test>',
    'From: <sip:a@example.test>;tag=1',
    `CSeq: 1 ${method}`,
    'Call-ID: x',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')

const request = (method: string, branch = 'z9hG4bK1') =>
  `${method} sip:b@example.test SIP/2.0\r\n${headers(method === 'ACK' ? 'ACK' : method, branch)}`
const response = (status: number, method: string, branch = 'z9hG4bK1') =>
  `SIP/2.0 ${status} Reason\r\n${headers(method, branch)}`

function layer() {
  const started = Date.now()
  const sent: { atMs: number; text: string }[] = []
  const reliability = createReliability({
    clock: systemClock,
    transmit: async (text) => void sent.push({ atMs: Date.now() - started, text: text.split(' SIP/2.0')[0] ?? '' }),
  })
  return {
    sent,
    send: (text: string) => void reliability.send(text),
    /** Whether the core sees the message. */
    receive(text: string) {
      const checked = checkMessage(Buffer.from(text))
      if (checked.kind !== 'ok') throw new Error(checked.reason)
      return reliability.receive(checked.message)
    },
    times: () => sent.map(({ atMs }) => atMs),
    close: () => reliability.close(),
  }
}

const doubling = [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500]
const doublingToT2 = [0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]

describe('INVITE client (RFC 3261 figure 5, RFC 6026)', () => {
  it('timer A doubles without bound, timer B ends it after 64*T1', async () => {
    const { send, times } = layer()
    send(request('INVITE'))
    await vi.advanceTimersByTimeAsync(120_000)
    expect(times()).toEqual(doubling)
  })

  it('a provisional response stops the repetition for good', async () => {
    const { send, receive, times } = layer()
    send(request('INVITE'))
    await vi.advanceTimersByTimeAsync(700)
    expect(receive(response(100, 'INVITE'))).toBe(true)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(times()).toEqual([0, 500])
  })

  it('a refusal is passed up once; its repetitions are acknowledged again for 32 s (timer D)', async () => {
    const { send, receive, sent } = layer()
    send(request('INVITE'))
    expect(receive(response(486, 'INVITE'))).toBe(true)
    send(request('ACK'))
    for (const afterMs of [500, 1_000, 30_000]) {
      await vi.advanceTimersByTimeAsync(afterMs)
      expect(receive(response(486, 'INVITE'))).toBe(false)
    }
    expect(sent.filter(({ text }) => text.startsWith('ACK'))).toHaveLength(4)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(receive(response(486, 'INVITE'))).toBe(false)
    expect(sent.filter(({ text }) => text.startsWith('ACK'))).toHaveLength(4)
  })

  it('every 2xx goes up until timer M: the core acknowledges each', async () => {
    const { send, receive } = layer()
    send(request('INVITE'))
    expect(receive(response(200, 'INVITE'))).toBe(true)
    await vi.advanceTimersByTimeAsync(31_900)
    expect(receive(response(200, 'INVITE'))).toBe(true)
    await vi.advanceTimersByTimeAsync(200)
    expect(receive(response(200, 'INVITE'))).toBe(false)
  })
})

describe('non-INVITE client (figure 6)', () => {
  it('timer E doubles up to T2, timer F ends it after 64*T1', async () => {
    const { send, times } = layer()
    send(request('REGISTER'))
    await vi.advanceTimersByTimeAsync(120_000)
    expect(times()).toEqual(doublingToT2)
  })

  it('after a provisional response it is repeated every T2', async () => {
    const { send, receive, times } = layer()
    send(request('REGISTER'))
    await vi.advanceTimersByTimeAsync(100)
    receive(response(100, 'REGISTER'))
    await vi.advanceTimersByTimeAsync(9_000)
    expect(times()).toEqual([0, 4_100, 8_100])
  })

  it('repeated final responses are absorbed (timer K)', () => {
    const { send, receive } = layer()
    send(request('REGISTER'))
    expect([1, 2, 3].map(() => receive(response(200, 'REGISTER')))).toEqual([true, false, false])
  })

  it('CANCEL is a transaction of its own beside the INVITE with its branch', async () => {
    const { send, receive, times } = layer()
    send(request('INVITE'))
    receive(response(180, 'INVITE'))
    send(request('CANCEL'))
    expect(receive(response(200, 'CANCEL'))).toBe(true)
    expect(receive(response(487, 'INVITE'))).toBe(true)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(times()).toEqual([0, 0])
  })

  it('a response that answers nothing of ours is dropped', () =>
    expect(layer().receive(response(200, 'OPTIONS'))).toBe(false))
})

describe('INVITE server (figure 7, RFC 6026)', () => {
  it('a repeated INVITE gets the last response again and is not passed up', () => {
    const { send, receive, sent } = layer()
    expect(receive(request('INVITE'))).toBe(true)
    send(response(180, 'INVITE'))
    expect(receive(request('INVITE'))).toBe(false)
    expect(sent).toHaveLength(2)
  })

  it('a refusal is repeated by timer G up to T2 until timer H', async () => {
    const { send, receive, times } = layer()
    receive(request('INVITE'))
    send(response(486, 'INVITE'))
    await vi.advanceTimersByTimeAsync(120_000)
    expect(times()).toEqual(doublingToT2)
  })

  it('its ACK stops that and goes up once; more are absorbed for T4 (timer I)', async () => {
    const { send, receive, times } = layer()
    receive(request('INVITE'))
    send(response(486, 'INVITE'))
    await vi.advanceTimersByTimeAsync(600)
    expect(receive(request('ACK'))).toBe(true)
    await vi.advanceTimersByTimeAsync(4_900)
    expect(receive(request('ACK'))).toBe(false)
    expect(times()).toEqual([0, 500])
    await vi.advanceTimersByTimeAsync(200)
    expect(receive(request('INVITE'))).toBe(true)
  })

  it('after a 2xx a repeated INVITE is absorbed: the dialog repeats the 2xx', async () => {
    const { send, receive, sent } = layer()
    receive(request('INVITE'))
    send(response(200, 'INVITE'))
    expect(receive(request('INVITE'))).toBe(false)
    send(response(200, 'INVITE'))
    expect(sent).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sent).toHaveLength(2)
  })
})

describe('non-INVITE server (figure 8)', () => {
  it('a repeated request gets the same response for 64*T1 (timer J), then is new', async () => {
    const { send, receive, sent } = layer()
    expect(receive(request('BYE'))).toBe(true)
    expect(receive(request('BYE'))).toBe(false)
    expect(sent).toHaveLength(0)
    send(response(200, 'BYE'))
    await vi.advanceTimersByTimeAsync(31_900)
    expect(receive(request('BYE'))).toBe(false)
    expect(sent).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(200)
    expect(receive(request('BYE'))).toBe(true)
  })
})

describe('limits', () => {
  it('requests beyond 1024 open ones are dropped', () => {
    const { receive } = layer()
    const passed = Array.from({ length: 1_100 }, (_, n) => receive(request('OPTIONS', `z9hG4bK${n}`)))
    expect(passed.filter(Boolean)).toHaveLength(1024)
  })

  it('closed, it repeats nothing', async () => {
    const { send, times, close } = layer()
    send(request('INVITE'))
    close()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(times()).toEqual([0])
    expect(vi.getTimerCount()).toBe(0)
  })
})
