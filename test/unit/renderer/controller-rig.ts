import { Controller } from '../../../renderer/src/state/controller.ts'
import type { ControllerParts } from '../../../renderer/src/state/controller-parts.ts'
import type { CallView } from '../../../shared/model/call.ts'
import { defaultSettings, type WindowSettings } from '../../../shared/model/settings.ts'
import { accountView, appState, callView } from './calls.ts'
import { FakePeerConnection, FakeStream, FakeTrack } from './fake-media.ts'
import { answerSdp, headerOf, request, response, settle, toTagOf } from './phone-rig.ts'
import { ScriptedDoor } from './scripted-door.ts'

export const incoming = (id: string): CallView =>
  callView({ id, localCallId: `sip-${id}`, direction: 'incoming', state: 'incoming' })
export const connected = (call: CallView): CallView => ({ ...call, state: 'connected' })
export const [bob, carol] = [incoming('bob'), incoming('carol')] as const

/** A whole window without its screens: what a press does, with the main process and the media played by the test. */
export class ControllerRig {
  readonly door = new ScriptedDoor()
  readonly microphones: FakeStream[] = []
  /** While set, the system is still asking the user for the microphone. */
  permission: Promise<void> | undefined
  readonly controller: Controller
  #calls: readonly CallView[] = []
  readonly #answered = new Set<string>()

  readonly #settings: WindowSettings

  /**
   * @param kept - the storage of the page, which a reload leaves
   * @param parts - in place of the silent ones
   */
  constructor(
    kept = new Map<string, string>(),
    { settings = {}, ...parts }: Partial<ControllerParts> & { readonly settings?: Partial<WindowSettings> } = {},
  ) {
    this.#settings = { ...defaultSettings, ...settings }
    this.controller = new Controller({
      door: this.door.door,
      openDevice: async () => {
        await this.permission
        const stream = new FakeStream()
        this.microphones.push(stream)
        return stream as unknown as MediaStream
      },
      createPeerConnection: () => new FakePeerConnection() as unknown as RTCPeerConnection,
      mixVoices: (voices) => ({
        toEach: voices.map(() => new FakeTrack() as unknown as MediaStreamTrack),
        here: new FakeStream() as unknown as MediaStream,
        close: () => undefined,
      }),
      storage: {
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, value) => void kept.set(key, value),
      },
      sound: { enumerate: async () => [], onDeviceChange: () => undefined, setSink: async () => '' },
      record: () => ({ use: () => undefined, stop: async () => undefined }),
      addTone: (track) => ({ track, close: () => undefined }),
      watchSpeech: () => () => undefined,
      output: {
        read: () => ({ hasSound: false, paused: false, silenced: false, sinkId: '' }),
        turnOn: () => undefined,
      },
      playTone: () => undefined,
      playRemote: () => undefined,
      playTest: () => undefined,
      playBeep: () => undefined,
      now: () => Date.now(),
      later: (task, delayMs) => setTimeout(task, delayMs),
      country: 'GB',
      ...parts,
    })
  }

  async start(): Promise<void> {
    this.controller.start()
    this.door.open(true)
    await this.show()
  }

  get state() {
    return this.controller.store.getState()
  }

  /** The main process shows these calls in place of the ones of the same id. */
  async show(...calls: readonly CallView[]): Promise<void> {
    const ids = new Set(calls.map(({ id }) => id))
    this.#calls = [...this.#calls.filter(({ id }) => !ids.has(id)), ...calls]
    const app = appState(this.#calls, [accountView('work', { kind: 'registered', expiresAt: 0 })])
    this.door.show({ ...app, settings: this.#settings })
    await settle()
  }

  /** A call comes in and is shown. */
  async ring(call: CallView): Promise<void> {
    this.door.deliver(request('INVITE', { callId: call.localCallId }))
    await this.show(call)
  }

  /** Presses Call; the main process knows nothing of the call yet. */
  async place(): Promise<string> {
    this.controller.placeCall('work', '100')
    await settle()
    return this.state.pending?.callId ?? ''
  }

  async answer(call: CallView): Promise<void> {
    this.controller.answer(call)
    await settle()
    const ok = this.door.sent.findLast(
      (message) => message.startsWith('SIP/2.0 200') && headerOf(message, 'Call-ID') === call.localCallId,
    )
    if (ok) this.door.deliver(request('ACK', { callId: call.localCallId, toTag: toTagOf(ok) }))
    await settle()
  }

  /** The user answers bob and then carol: bob's call is on hold, carol's in front. */
  async talkToBoth(): Promise<void> {
    for (const call of [bob, carol]) {
      await this.ring(call)
      await this.answer(call)
      await this.show(connected(call))
      await this.accept()
    }
  }

  /** The main process takes everything that the window has offered so far: calls, holds, and what is taken back. */
  async accept(): Promise<void> {
    await settle()
    for (const invite of this.#open()) {
      this.#answered.add(headerOf(invite, 'Via'))
      this.door.deliver(response(invite, 200, 'OK', answerSdp))
      await settle()
    }
    if (this.#open().length > 0) await this.accept()
  }

  /** For each microphone that was opened, in their order, whether its call hears the user. */
  get hears(): readonly boolean[] {
    return this.microphones
      .flatMap((stream) => [stream, ...stream.copies])
      .map(({ track }) => track.readyState === 'live' && track.enabled)
  }

  #open(): readonly string[] {
    return this.door.sent.filter(
      (message) => message.startsWith('INVITE ') && !this.#answered.has(headerOf(message, 'Via')),
    )
  }
}
