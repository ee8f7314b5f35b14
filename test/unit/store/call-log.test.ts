import { describe, expect, it } from 'vitest'
import { CallLog } from '../../../electron/store/call-log.ts'
import type { CallView } from '../../../shared/model/call.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import { entry } from './entries.ts'

function logged() {
  const entries = new Map<string, HistoryEntry>()
  const add = (written: HistoryEntry) => {
    const fresh = !entries.has(written.id)
    if (fresh) entries.set(written.id, written)
    return fresh
  }
  return { entries, log: new CallLog({ add }, (id) => `label of ${id}`) }
}

const { accountLabel: _label, ...kept } = entry({ id: 'a' })
const ended: CallView = { ...kept, localCallId: 'window-1', state: 'ended' }
const { end: _end, endedAt: _endedAt, ...unended } = ended
const running: CallView = { ...unended, state: 'connected' }

describe('the call log', () => {
  it('writes a call when it is over, and not before', () => {
    const { log, entries } = logged()
    expect(log.note([running])).toBe(0)
    expect(log.note([ended])).toBe(1)
    expect([...entries.values()]).toEqual([{ ...kept, accountLabel: 'label of work' }])
  })

  it('writes it once, however often it is shown as ended', () => {
    const { log } = logged()
    expect([log.note([ended]), log.note([ended]), log.note([]), log.note([ended])]).toEqual([1, 0, 0, 0])
  })

  it('keeps nothing that names the window’s SIP session', () => {
    const { log, entries } = logged()
    log.note([ended])
    expect(JSON.stringify([...entries.values()])).not.toContain('window-1')
  })
})
