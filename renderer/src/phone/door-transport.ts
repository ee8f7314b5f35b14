import { EmitterImpl, type Transport, TransportState } from 'sip.js'
import type { Door } from '../../../shared/ipc/contract.ts'

export interface DoorTransportOptions {
  readonly sip: Door['sip']
}

/**
 * SIP.js transport over the door. The door decides when it is open; this class only reports it in the states that
 * SIP.js asks for. After a loss it stays disconnected until the user agent calls `connect` again.
 */
export class DoorTransport implements Transport {
  /** The Via transport of a message-framed link (RFC 7118); nothing of it is ever on a network. */
  readonly protocol = 'WS'
  readonly stateChange = new EmitterImpl<TransportState>()
  onConnect: (() => void) | undefined
  onDisconnect: ((error?: Error) => void) | undefined
  onMessage: ((message: string) => void) | undefined

  #state: TransportState = TransportState.Disconnected
  #doorOpen = false
  #connecting: PromiseWithResolvers<void> | undefined
  readonly #sip: Door['sip']
  readonly #unsubscribe: (() => void)[]

  constructor(_logger: unknown, options: DoorTransportOptions) {
    this.#sip = options.sip
    this.#unsubscribe = [
      options.sip.onOpen((open) => this.#doorChanged(open)),
      options.sip.onMessage((message) => this.#receive(message)),
    ]
  }

  get state(): TransportState {
    return this.#state
  }

  isConnected(): boolean {
    return this.#state === TransportState.Connected
  }

  connect(): Promise<void> {
    if (this.isConnected()) return Promise.resolve()
    if (this.#connecting) return this.#connecting.promise
    const connecting = Promise.withResolvers<void>()
    this.#connecting = connecting
    this.#enter(TransportState.Connecting)
    if (this.#doorOpen) queueMicrotask(() => this.#connected())
    return connecting.promise
  }

  disconnect(): Promise<void> {
    const wasConnected = this.isConnected()
    this.#connecting?.reject(new Error('disconnected by the user agent'))
    this.#connecting = undefined
    this.#enter(TransportState.Disconnected)
    if (wasConnected) this.onDisconnect?.()
    return Promise.resolve()
  }

  async dispose(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    await this.disconnect()
  }

  send(message: string): Promise<void> {
    if (!this.isConnected()) return Promise.reject(new Error('the door to the main process is closed'))
    this.#sip.send(message)
    return Promise.resolve()
  }

  /** SIP.js throws on a request of a method that it has no place for outside of a dialog; that one is dropped. */
  #receive(message: string): void {
    if (!this.isConnected()) return
    try {
      this.onMessage?.(message)
    } catch (error) {
      console.warn('a SIP message was dropped:', error instanceof Error ? error.message : error)
    }
  }

  #doorChanged(open: boolean): void {
    this.#doorOpen = open
    if (open) this.#connected()
    else if (this.isConnected()) {
      this.#enter(TransportState.Disconnected)
      this.onDisconnect?.(new Error('the door to the main process closed'))
    }
  }

  #connected(): void {
    if (!this.#connecting || !this.#doorOpen) return
    const { resolve } = this.#connecting
    this.#connecting = undefined
    this.#enter(TransportState.Connected)
    this.onConnect?.()
    resolve()
  }

  #enter(state: TransportState): void {
    if (state === this.#state) return
    this.#state = state
    this.stateChange.emit(state)
  }
}
