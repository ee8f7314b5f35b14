import { expect, test } from 'vitest'
import { SipTrace } from '../../../../electron/diagnostics/trace/sip-trace.ts'
import { traceHandlers } from '../../../../electron/diagnostics/trace/trace-desk.ts'

test('a message that is no longer kept is told from a question that makes no sense', () => {
  const desk = traceHandlers(new SipTrace(() => 0), () => 'Work', 'Kedge/0.0.0')
  expect(() => desk.traceMessage({ id: 1 })).toThrow(expect.objectContaining({ code: 'trace/forgotten' }))
})
