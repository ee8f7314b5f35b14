/** Why no microphone could be opened, from the user's side of it. */
export type MicrophoneFailure = 'denied' | 'missing' | 'busy' | 'failed'

export class MicrophoneError extends Error {
  readonly failure: MicrophoneFailure
  constructor(failure: MicrophoneFailure, cause: unknown) {
    super(`the microphone could not be opened: ${failure}`, { cause })
    this.name = 'MicrophoneError'
    this.failure = failure
  }
}

/** Media Capture and Streams §9.2.3: the DOMException names that `getUserMedia` rejects with. */
const failures: Readonly<Record<string, MicrophoneFailure>> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
}

export function microphoneFailure(error: unknown): MicrophoneFailure {
  const name = error instanceof Error ? error.name : ''
  return failures[name] ?? 'failed'
}

/**
 * Opens a microphone of this machine.
 * @param deviceId - the system's own choice when absent
 * @throws MicrophoneError
 */
export async function openMicrophone(deviceId?: string): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: {
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
        ...(deviceId === undefined ? {} : { deviceId: { exact: deviceId } }),
      },
    })
  } catch (error) {
    throw new MicrophoneError(microphoneFailure(error), error)
  }
}

/**
 * The only way to the microphone. A call may open it after the user pressed Call or Answer for that very call; no
 * message of the other side can stand in for that, whatever order the messages come in. Calls at the same time share one
 * microphone: each has a copy of its own, to mute and to stop, and the device is closed with the last of them.
 */
export class MicrophoneGate {
  readonly #open: () => Promise<MediaStream>
  readonly #consented = new Set<string>()
  #shared: readonly MediaStream[] = []

  constructor(open: () => Promise<MediaStream>) {
    this.#open = open
  }

  /** To be called from the handler of the user's press alone, or for a standing order of the user's own. */
  consent(callId: string): void {
    this.#consented.add(callId)
  }

  withdraw(callId: string): void {
    this.#consented.delete(callId)
  }

  /** Another device is to be used: what is opened from now on is no copy of the one before. */
  renew(): void {
    this.#shared = []
  }

  /** @throws MicrophoneError; Error when the user has not pressed Call or Answer for this call */
  async open(callId: string): Promise<MediaStream> {
    if (!this.#consented.has(callId)) throw new Error('the user has not answered this call')
    this.#shared = this.#shared.filter(isLive)
    const stream = this.#shared[0]?.clone() ?? (await this.#open())
    this.#shared = [...this.#shared, stream]
    return stream
  }
}

const isLive = (stream: MediaStream) => stream.getAudioTracks().some(({ readyState }) => readyState === 'live')
