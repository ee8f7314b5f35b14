import { describe, expect, it, vi } from 'vitest'
import { laterDialog } from '../../../electron/sip/later-dialog.ts'
import type { ReferDelegate, SipDialog } from '../../../electron/sip/types.ts'

const ids = { callId: 'call', localTag: 'ours', remoteTag: 'theirs', remoteUri: 'sip:bob@example.test' }
const carol = { uri: 'sip:carol@example.test', user: 'carol', host: 'example.test' }
const asking = (): ReferDelegate => ({ onAnswered: vi.fn(), onProgress: vi.fn(), onOver: vi.fn() })

/** As far as a REFER needs one. */
const begun = () => ({ ...ids, delegate: undefined, refer: vi.fn() }) as unknown as SipDialog & { refer: typeof vi.fn }

describe('a dialog whose 2xx has to wait', () => {
  it('refuses a bad target at once, as a dialog that has begun does', () => {
    const later = laterDialog(ids, () => undefined)
    expect(() => later.dialog.refer({ ...carol, uri: 'sip:a b@example.test' }, asking())).toThrow(
      expect.objectContaining({ code: 'call/bad-target' }),
    )
  })

  it('sends its REFER when it begins', async () => {
    const later = laterDialog(ids, () => undefined)
    const delegate = asking()
    later.dialog.refer(carol, delegate)
    const dialog = begun()
    later.begin(dialog)
    await vi.waitFor(() => expect(dialog.refer).toHaveBeenCalledWith(carol, delegate))
  })

  it('answers a REFER with 481 when it never does', async () => {
    const later = laterDialog(ids, () => undefined)
    const delegate = asking()
    later.dialog.refer(carol, delegate)
    later.fail('call/cancelled')
    await vi.waitFor(() =>
      expect(delegate.onAnswered).toHaveBeenCalledWith({ status: 481, reason: 'Dialog Ended' }, false),
    )
  })
})
