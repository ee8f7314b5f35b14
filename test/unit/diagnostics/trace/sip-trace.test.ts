import { describe, expect, it } from 'vitest'
import { SipTrace, type TracedMessage } from '../../../../electron/diagnostics/trace/sip-trace.ts'

const sip = (callId: string, first = 'OPTIONS sip:a@b SIP/2.0', body = '') =>
  `${first}\r\nCall-ID: ${callId}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
const traced = (message: TracedMessage['message'], more: Partial<TracedMessage> = {}): TracedMessage => ({
  accountId: 'work',
  direction: 'received',
  transport: 'tls',
  local: '192.0.2.1:40000',
  remote: '192.0.2.2:5061',
  message,
  ...more,
})

function traceAt() {
  const clock = { now: 0 }
  return { clock, trace: new SipTrace(() => clock.now) }
}

describe('a SIP trace', () => {
  it('keeps each message with its time, ends, direction and title, without its secrets', () => {
    const { trace, clock } = traceAt()
    clock.now = 1234.5
    trace.note(traced(sip('c1', 'INVITE sip:a@b SIP/2.0', 'a=crypto:1 X inline:c2VjcmV0'), { direction: 'sent' }))
    clock.now = 1300
    trace.note(traced(Buffer.from(sip('c1', 'SIP/2.0 183 Session Progress'))))
    const { rows, missed } = trace.view({ accountId: 'work' })
    expect(rows).toEqual([
      {
        id: 1,
        at: 1234.5,
        accountId: 'work',
        direction: 'sent',
        transport: 'tls',
        local: '192.0.2.1:40000',
        remote: '192.0.2.2:5061',
        title: 'INVITE',
        callId: 'c1',
      },
      {
        id: 2,
        at: 1300,
        accountId: 'work',
        direction: 'received',
        transport: 'tls',
        local: '192.0.2.1:40000',
        remote: '192.0.2.2:5061',
        title: '183 Session Progress',
        callId: 'c1',
      },
    ])
    expect(missed).toBe(0)
    expect(trace.text(1)).toContain('inline:[redacted]')
    expect(JSON.stringify([...trace.entries({})])).not.toContain('c2VjcmV0')
  })

  it('masks before it keeps: what the mask returns is all that is ever there', () => {
    const seen: string[] = []
    const trace = new SipTrace(
      () => 0,
      (text) => {
        seen.push(text)
        return 'MASKED'
      },
    )
    trace.note(traced(sip('c1')))
    expect(seen).toHaveLength(1)
    expect(JSON.stringify(trace)).not.toContain('OPTIONS')
    expect(trace.entries({}).map(({ text, callId, title }) => [text, callId, title])).toEqual([['MASKED', '', '?']])
  })

  it('shows one account, or one call with the leg toward the window', () => {
    const { trace } = traceAt()
    const { accountId: _none, ...window } = traced(sip('local'), { transport: 'local', local: '', remote: '' })
    trace.note(traced(sip('trunk')))
    trace.note(window)
    trace.note(traced(sip('other'), { accountId: 'lab' }))
    const ids = (scope: Parameters<SipTrace['view']>[0]) => trace.view(scope).rows.map(({ callId }) => callId)
    expect(ids({ accountId: 'work' })).toEqual(['trunk'])
    expect(ids({ callIds: ['local', 'trunk'] })).toEqual(['trunk', 'local'])
    expect(ids({})).toEqual(['trunk', 'local', 'other'])
    trace.forget('work')
    expect(ids({})).toEqual(['local', 'other'])
  })

  it('is bounded in messages and in characters per account, the oldest going first', () => {
    const { trace, clock } = traceAt()
    for (let n = 0; n < 700; n += 1) {
      clock.now += 1_000
      trace.note(traced(sip(`c${n}`)))
    }
    const rows = trace.view({ accountId: 'work' }).rows
    expect([rows.length, rows[0]?.callId, rows.at(-1)?.callId]).toEqual([500, 'c200', 'c699'])
    for (let n = 0; n < 100; n += 1) {
      clock.now += 1_000
      trace.note(traced(sip('long', undefined, 'x'.repeat(60_000))))
    }
    const characters = trace.entries({}).reduce((sum, { text }) => sum + text.length, 0)
    expect(characters).toBeLessThanOrEqual(1024 * 1024)
    expect(trace.entries({}).at(-1)?.text).toMatch(/\[\d+ more octets\]$/)
  })

  it('a flood of one account is counted, not kept, and leaves the others their room', () => {
    const { trace, clock } = traceAt()
    trace.note(traced(sip('before'), { accountId: 'lab' }))
    for (let n = 0; n < 20_000; n += 1) trace.note(traced(sip(`c${n}`)))
    expect(trace.view({ accountId: 'work' })).toMatchObject({ missed: 19_700 })
    expect(trace.view({ accountId: 'lab' })).toMatchObject({ missed: 0, rows: [{ callId: 'before' }] })
    clock.now += 10_000
    trace.note(traced(sip('after')))
    expect(trace.view({ accountId: 'work' }).rows.at(-1)?.callId).toBe('after')
  })

  it('what is no SIP is kept too, and its title can be shown', () => {
    const { trace } = traceAt()
    trace.note(traced('\u0000\u202ehello'))
    trace.note(traced('SIP/2.0 200 \u202eKO\u0007'))
    expect(trace.view({}).rows.map(({ title }) => title)).toEqual(['?', '200 KO'])
  })
})
