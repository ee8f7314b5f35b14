import type { ErrorCode } from '../../shared/errors.ts'
import { referUri } from './refer.ts'
import type { SipDialog, SipDialogDelegate } from './types.ts'

/** A dialog that was accepted, and whose 2xx has to wait: what is asked of it waits as well. */
export interface LaterDialog {
  readonly dialog: SipDialog
  begin(dialog: SipDialog): void
  /** It will not come to be. */
  fail(reason: ErrorCode): void
}

/** @param abandon - hung up before it began: the INVITE is to be refused */
export function laterDialog(
  ids: Pick<SipDialog, 'callId' | 'localTag' | 'remoteTag' | 'remoteUri'>,
  abandon: () => void,
): LaterDialog {
  let real: SipDialog | undefined
  let over = false
  let delegate: SipDialogDelegate | undefined
  const { promise: begun, resolve } = Promise.withResolvers<SipDialog | undefined>()

  function end(): boolean {
    if (over || real) return false
    over = true
    resolve(undefined)
    return true
  }

  return {
    dialog: {
      ...ids,
      get remoteTarget() {
        return real?.remoteTarget ?? ids.remoteUri
      },
      refer(target, asking) {
        // Whoever asks is told of a bad target now: later there is nobody left to throw at.
        referUri(target)
        void begun.then((dialog) => {
          if (dialog) dialog.refer(target, asking)
          else asking.onAnswered({ status: 481, reason: 'Dialog Ended' }, false)
        })
      },
      get delegate() {
        return delegate
      },
      set delegate(next) {
        delegate = next
        if (real) real.delegate = next
      },
      async bye() {
        if (end()) abandon()
        else await real?.bye()
      },
      async info(body) {
        const dialog = await begun
        return dialog ? dialog.info(body) : { status: 481, reason: 'Dialog Ended' }
      },
      async reinvite(offer) {
        const dialog = await begun
        return dialog ? dialog.reinvite(offer) : { status: 481, reason: 'Dialog Ended' }
      },
    },
    begin(dialog) {
      if (over) return
      real = dialog
      dialog.delegate = delegate
      resolve(dialog)
    },
    fail(reason) {
      if (!end()) return
      if (delegate?.onLost) delegate.onLost(reason)
      else delegate?.onBye()
    },
  }
}
