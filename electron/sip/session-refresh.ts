import type { SessionDialog } from 'sip.js/lib/core/index.js'
import { sendInDialog } from './client-request.ts'
import type { EndpointContext } from './context.ts'
import { isLocal } from './response.ts'
import type { SessionTimer } from './session-timer.ts'
import { allowHeader, refreshTarget } from './sipjs-core.ts'

export interface RefreshDeps {
  readonly ctx: EndpointContext
  readonly session: SessionDialog
  readonly ownDialog: boolean
  readonly timer: SessionTimer | undefined
  readonly peerTakesUpdate: boolean
  /** Refreshes by a re-INVITE with the description in force. */
  readonly reinvite: () => void
  /** The peer does not know the dialog any more. */
  readonly onDialogGone: () => void
}

/**
 * Refreshes a session (RFC 4028 §7.4): by an UPDATE without a description where the peer takes it, so that keys, ports and
 * the offer's version stay out of it, and by a re-INVITE otherwise.
 * @returns what to call when a refresh is due; one that is still under way is not doubled
 */
export function createRefresh({ ctx, session, ownDialog, timer, reinvite, ...deps }: RefreshDeps): () => void {
  let byUpdate = deps.peerTakesUpdate
  let underWay = false
  const headers = () => [`Contact: ${ctx.contact()}`, allowHeader, ...(timer?.requestLines() ?? [])]

  async function update(): Promise<void> {
    for (;;) {
      const response = await sendInDialog(ctx, session, 'UPDATE', ownDialog, { headers })
      const { statusCode: status = 0 } = response
      if (timer?.tooSmall(response)) continue
      if (status >= 200 && status < 300) {
        refreshTarget(session, response)
        timer?.confirmed(response)
      }
      // Nobody knows the call there (RFC 3261 §12.2.1.2). Silence may be our own network's: there is time to try again.
      if (status === 481 || (status === 408 && !isLocal(response))) deps.onDialogGone()
      if (status === 405 || status === 420 || status === 501) {
        byUpdate = false
        reinvite()
      }
      return
    }
  }

  return () => {
    if (!byUpdate) reinvite()
    else if (!underWay) {
      underWay = true
      void update().finally(() => {
        underWay = false
      })
    }
  }
}
