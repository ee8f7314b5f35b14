import type { DevicesParts } from '../devices/devices.ts'
import type { AddTone } from '../phone/consent-tone.ts'
import type { MixedRecorder } from '../phone/mixed-recorder.ts'
import type { PhoneParts } from '../phone/phone.ts'
import type { Country } from '../text/phone-number.ts'
import type { OutputParts } from './checkup.ts'
import type { PageStorage } from './own-calls.ts'

/** What the browser offers to the window's actions; tests put stand-ins in its place. */
export interface ControllerParts extends Omit<PhoneParts, 'openMicrophone'> {
  playTone(name: 'ring' | 'ringback' | 'waiting' | undefined): void
  /** Sound of the far end; undefined takes it off the loudspeaker. */
  playRemote(stream: MediaStream | undefined): void
  now(): number
  later(task: () => void, delayMs: number): void
  /** Whose numbers need no prefix. */
  readonly country: Country
  readonly sound: Pick<DevicesParts, 'enumerate' | 'onDeviceChange' | 'setSink'>
  /** Opens a microphone, the system's own choice when no device is named. */
  openDevice(deviceId: string | undefined): Promise<MediaStream>
  /** Records both sides of a call, handing over what it has about once a second. */
  record(onData: (data: Blob) => void): MixedRecorder
  readonly addTone: AddTone
  /** Calls back while speech is heard on a copy of the stream; returns the way to stop. */
  watchSpeech(stream: MediaStream, onSpeech: () => void): () => void
  playTest(role: 'speaker' | 'ringer'): void
  /** A call is being answered by itself. */
  playBeep(): void
  /** What plays the far end. */
  readonly output: OutputParts
  readonly storage: PageStorage
}
