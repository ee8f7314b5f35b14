import type {
  AppEvents,
  CallChannel,
  CallInput,
  CallResult,
  ClientFrame,
  Door,
  EventChannel,
  ServerFrame,
} from '../../../shared/ipc/contract.ts'

/** What the door needs of a WebSocket; the browser's own class fits. */
export interface Socket {
  readonly readyState: number
  send(data: string): void
  addEventListener(type: 'open' | 'close', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
}

export interface SocketDoorParts {
  /** Opens one connection; called again after each loss. */
  connect(): Socket
  /** Runs `task` after `delayMs`. */
  later(task: () => void, delayMs: number): void
}

const socketOpen = 1
const firstRetryMs = 250
const longestRetryMs = 8_000

/** Delay before connection attempt `attempt` (1 is the first after a loss): 250 ms doubling up to 8 s. */
export const retryDelayMs = (attempt: number): number => Math.min(firstRetryMs * 2 ** (attempt - 1), longestRetryMs)

/**
 * The door of the browser shell: one WebSocket, opened again whenever it is lost. While it is down, calls are answered
 * with `ipc/disconnected` at once and SIP messages are dropped, as on any lost link; SIP's own timers notice.
 */
export function openSocketDoor(parts: SocketDoorParts): Door {
  const eventListeners = new Map<EventChannel, Set<(payload: never) => void>>()
  const messageListeners = new Set<(message: string) => void>()
  const openListeners = new Set<(open: boolean) => void>()
  const pending = new Map<number, (result: CallResult<CallChannel>) => void>()
  let socket: Socket | undefined
  let lastCallId = 0
  let attempt = 0

  const isOpen = () => socket?.readyState === socketOpen
  const sendFrame = (frame: ClientFrame) => socket?.send(JSON.stringify(frame))

  const receive = (frame: ServerFrame) => {
    switch (frame.t) {
      case 'result':
        pending.get(frame.id)?.(frame.result)
        pending.delete(frame.id)
        return
      case 'event':
        for (const listener of eventListeners.get(frame.event) ?? []) listener(frame.payload as never)
        return
      case 'sip':
        for (const listener of messageListeners) listener(frame.message)
        return
    }
  }

  const lost = () => {
    socket = undefined
    for (const answer of pending.values()) answer(disconnected)
    pending.clear()
    for (const listener of openListeners) listener(false)
    attempt += 1
    parts.later(open, retryDelayMs(attempt))
  }

  function open() {
    const opening = parts.connect()
    opening.addEventListener('open', () => {
      socket = opening
      attempt = 0
      for (const listener of openListeners) listener(true)
    })
    opening.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') receive(JSON.parse(data) as ServerFrame)
    })
    opening.addEventListener('close', lost)
  }

  open()
  return {
    call<C extends CallChannel>(channel: C, input: CallInput<C>): Promise<CallResult<C>> {
      if (!isOpen()) return Promise.resolve(disconnected)
      lastCallId += 1
      const id = lastCallId
      return new Promise((resolve) => {
        pending.set(id, resolve as (result: CallResult<CallChannel>) => void)
        sendFrame({ t: 'call', id, channel, input })
      })
    },
    on<E extends EventChannel>(event: E, listener: (payload: AppEvents[E]) => void) {
      const listeners = eventListeners.get(event) ?? new Set()
      eventListeners.set(event, listeners)
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    sip: {
      send(message) {
        if (isOpen()) sendFrame({ t: 'sip', message })
      },
      onMessage(listener) {
        messageListeners.add(listener)
        return () => messageListeners.delete(listener)
      },
      onOpen(listener) {
        openListeners.add(listener)
        listener(isOpen())
        return () => openListeners.delete(listener)
      },
    },
  }
}

const disconnected = {
  ok: false,
  error: { code: 'ipc/disconnected', message: 'the connection to the main process is down' },
} as const
