import { describe, expect, it } from 'vitest'
import { CallLog } from '../../../electron/store/call-log.ts'
import type { CallView } from '../../../shared/model/call.ts'
import type { HistoryDraft, HistoryEntry } from '../../../shared/model/history.ts'
import { entry } from './entries.ts'

function logged() {
  const entries = new Map<string, HistoryEntry>()
  const add = (written: HistoryEntry) => {
    const fresh = !entries.has(written.id)
    if (fresh) entries.set(written.id, written)
    return fresh
  }
  const drafts: HistoryDraft[] = []
  const clock = { now: 1_000 }
  const disk = { full: false }
  const failures: unknown[] = []
  const onDisk = <T>(written: T): T => {
    if (disk.full) throw new Error('database or disk is full')
    return written
  }
  const log = new CallLog(
    { add: (written) => add(onDisk(written)), keep: (draft) => drafts.push(onDisk(draft)) },
    (id) => `label of ${id}`,
    (error) => failures.push(error),
    () => clock.now,
  )
  return { entries, drafts, clock, disk, failures, log }
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

  it('ends no call when the disk is full: it tells, and writes what it owes once there is room', () => {
    const { log, entries, disk, failures } = logged()
    disk.full = true
    expect([log.note([running]), log.note([ended])]).toEqual([0, 0])
    expect(failures).toHaveLength(2)
    disk.full = false
    expect([log.note([ended]), log.note([ended])]).toEqual([1, 0])
    expect([...entries.keys()]).toEqual(['a'])
  })

  it('keeps a draft of a running call, anew when something happens to it, and every ten seconds', () => {
    const { log, drafts, clock } = logged()
    const written = () => drafts.splice(0).map(({ seenAt, security }) => [seenAt, security])
    log.note([running])
    expect(written()).toEqual([[1_000, running.security]])
    clock.now = 9_000
    log.note([{ ...running, hops: running.hops.map((hop) => ({ ...hop, counters: { ...hop.counters, sent: 99 } })) }])
    expect(written()).toEqual([])
    log.note([{ ...running, security: 'clear' }])
    expect(written()).toEqual([[9_000, 'clear']])
    clock.now = 19_000
    log.note([{ ...running, security: 'clear' }])
    expect(written()).toEqual([[19_000, 'clear']])
    log.note([ended])
    expect(written()).toEqual([])
  })

  it('keeps nothing that names the window’s SIP session', () => {
    const { log, entries } = logged()
    log.note([ended])
    expect(JSON.stringify([...entries.values()])).not.toContain('window-1')
  })
})
