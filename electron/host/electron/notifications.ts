import { Notification } from 'electron'
import type { AppState } from '../../../shared/ipc/contract.ts'
import type { CallView } from '../../../shared/model/call.ts'
import { callerOf } from '../desktop/caller.ts'
import { plainBody } from '../desktop/notification-body.ts'
import type { RingingChange } from '../desktop/ringing.ts'
import type { TrayAction } from '../desktop/tray-menu.ts'
import { say } from '../desktop/words.ts'

/** Native notifications: a call that rings, with Answer and Decline; one that was missed. */
export class Notifications {
  readonly #act: (action: TrayAction) => void
  readonly #ringing = new Map<string, Notification>()

  readonly #platform: NodeJS.Platform

  constructor(platform: NodeJS.Platform, act: (action: TrayAction) => void) {
    this.#platform = platform
    this.#act = act
  }

  /** @param windowSeen - the user looks at the window, which rings itself */
  show(change: RingingChange, state: AppState, windowSeen: boolean): void {
    for (const id of change.silenced) this.#silence(id)
    if (!Notification.isSupported()) return
    for (const call of change.rings) if (!windowSeen) this.#ring(call, state)
    for (const call of change.missed) if (!windowSeen) this.#missed(call, state)
  }

  tellStillRunning(): void {
    if (!Notification.isSupported()) return
    const told = { title: say('notification.stillRunning'), body: say('notification.stillRunningBody') }
    new Notification({ ...told, silent: true }).show()
  }

  close(): void {
    for (const id of [...this.#ringing.keys()]) this.#silence(id)
  }

  #ring(call: CallView, state: AppState): void {
    const notification = new Notification({
      title: say('notification.incoming'),
      body: plainBody(
        say('notification.incomingBody', { who: callerOf(call), account: accountLabel(state, call) }),
        this.#platform,
      ),
      // The window plays the ring through the device that the user chose for it.
      silent: true,
      urgency: 'critical',
      timeoutType: 'never',
      actions: [
        { type: 'button', text: say('notification.answer') },
        { type: 'button', text: say('notification.decline') },
      ],
    })
    const decide = (action: TrayAction) => {
      this.#silence(call.id)
      this.#act(action)
    }
    notification.on('action', ({ actionIndex }) => {
      if (actionIndex === 0) decide({ kind: 'answer', callId: call.id })
      else if (actionIndex === 1) decide({ kind: 'decline', callId: call.id })
    })
    // A press on the text is not a decision about the call.
    notification.on('click', () => this.#act({ kind: 'show' }))
    this.#ringing.set(call.id, notification)
    notification.show()
  }

  #missed(call: CallView, state: AppState): void {
    const notification = new Notification({
      title: say('notification.missed'),
      body: plainBody(
        say('notification.missedBody', { who: callerOf(call), account: accountLabel(state, call) }),
        this.#platform,
      ),
      silent: true,
    })
    notification.on('click', () => this.#act({ kind: 'show' }))
    notification.show()
  }

  #silence(id: string): void {
    this.#ringing.get(id)?.close()
    this.#ringing.delete(id)
  }
}

const accountLabel = (state: AppState, { accountId }: CallView): string =>
  state.accounts.find(({ settings }) => settings.id === accountId)?.settings.label ?? accountId
