import type { WindowRequest } from '../../../shared/model/desktop.ts'
import type { DesktopCommand, WindowConnection } from '../host.ts'

export interface CommandTargets {
  endCall(callId: string): void
  setDoNotDisturb(on: boolean): void
}

/**
 * Carries out what the user did outside of the window. What needs the microphone or the eyes goes to the window; while
 * none is connected a link waits for the next one, and a call can be turned away but not answered.
 */
export class DesktopCommands {
  readonly #targets: CommandTargets
  #window: WindowConnection | undefined
  #waiting: WindowRequest | undefined

  constructor(targets: CommandTargets) {
    this.#targets = targets
  }

  setWindow(window: WindowConnection | undefined): void {
    this.#window = window
    if (window === undefined || this.#waiting === undefined) return
    window.send('request', this.#waiting)
    this.#waiting = undefined
  }

  carryOut(command: DesktopCommand): void {
    switch (command.kind) {
      case 'hangUp':
        this.#targets.endCall(command.callId)
        return
      case 'decline':
        if (this.#window) this.#window.send('request', command)
        else this.#targets.endCall(command.callId)
        return
      case 'endFront':
        if (this.#window) this.#window.send('request', { kind: 'endFront' })
        else this.#targets.endCall(command.callId)
        return
      case 'doNotDisturb':
        this.#targets.setDoNotDisturb(command.on)
        return
      case 'dial':
        if (this.#window) this.#window.send('request', command)
        else this.#waiting = command
        return
      case 'answer':
      case 'mute':
        this.#window?.send('request', command)
        return
    }
  }
}
