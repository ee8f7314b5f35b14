import { createStore, type StoreApi } from 'zustand/vanilla'
import {
  type DeviceRef,
  type DeviceRole,
  defaultSettings,
  type WindowSettings,
} from '../../../shared/model/settings.ts'
import type { SoundDevice } from '../../../shared/model/support.ts'
import { devicesOf, pickDevice, preferring } from './device-choice.ts'

type PerRole<T> = Readonly<Record<DeviceRole, T>>

export interface DevicesState {
  readonly present: PerRole<readonly DeviceRef[]>
  /** In use now; undefined is the system's own choice. */
  readonly chosen: PerRole<DeviceRef | undefined>
  /** First of the preference list, when it is not there and another stands in for it. */
  readonly missing: PerRole<DeviceRef | undefined>
  /** A sound output that was asked for and refused: the sound comes from the system's own choice. */
  readonly refused: PerRole<boolean>
}

export interface DevicesParts {
  enumerate(): Promise<readonly MediaDeviceInfo[]>
  /** Calls back when a device comes or goes. */
  onDeviceChange(listener: () => void): void
  /** Sends the sound of a role to a device, '' for the system's own. Resolves with the device that it really goes to. */
  setSink(role: 'speaker' | 'ringer', id: string): Promise<string>
  /** The microphone to use has changed, or one may have come back. */
  onMicrophone(changed: boolean): void
  save(settings: Pick<WindowSettings, 'devices'>): void
  /** Which devices are there now, whenever that has changed. */
  onPresent(devices: readonly SoundDevice[]): void
}

const kinds: PerRole<MediaDeviceKind> = { microphone: 'audioinput', speaker: 'audiooutput', ringer: 'audiooutput' }
const perRole = <T>(of: (role: DeviceRole) => T): PerRole<T> => ({
  microphone: of('microphone'),
  speaker: of('speaker'),
  ringer: of('ringer'),
})

/** Which sound device plays which role, falling down the list of preferences when one goes and climbing back when it comes. */
export class Devices {
  readonly store: StoreApi<DevicesState> = createStore(() => ({
    present: perRole(() => []),
    chosen: perRole(() => undefined),
    missing: perRole(() => undefined),
    refused: perRole(() => false),
  }))
  readonly #parts: DevicesParts
  #preferred = defaultSettings.devices
  #settings = ''
  #told = ''

  constructor(parts: DevicesParts) {
    this.#parts = parts
  }

  start(): void {
    this.#parts.onDeviceChange(() => void this.refresh())
    void this.refresh()
  }

  /** What the main process keeps; the window's own choice comes back the same way. */
  adopt(settings: Pick<WindowSettings, 'devices'> | undefined): void {
    const text = JSON.stringify(settings?.devices)
    if (!settings || text === this.#settings) return
    this.#settings = text
    this.#preferred = settings.devices
    this.#apply(this.store.getState().present)
  }

  /** @param device - undefined for the system's own choice */
  choose(role: DeviceRole, device: DeviceRef | undefined): void {
    this.#preferred = { ...this.#preferred, [role]: preferring(this.#preferred[role], device) }
    this.#apply(this.store.getState().present)
    this.#parts.save({ devices: this.#preferred })
  }

  /** Looks again at what is there; also after the user has allowed the microphone, which uncovers the names. */
  async refresh(): Promise<void> {
    const devices = await this.#parts.enumerate()
    this.#tell(devices)
    this.#apply(perRole((role) => devicesOf(devices, kinds[role])))
  }

  #tell(devices: readonly MediaDeviceInfo[]): void {
    const present = devices
      .filter(({ kind }) => kind !== 'videoinput')
      .map(({ kind, label }) => ({ kind: kind === 'audioinput' ? ('input' as const) : ('output' as const), label }))
    const text = JSON.stringify(present)
    if (text === this.#told) return
    this.#told = text
    this.#parts.onPresent(present)
  }

  #apply(present: PerRole<readonly DeviceRef[]>): void {
    const before = this.store.getState().chosen
    const chosen = perRole((role) => pickDevice(this.#preferred[role], present[role]))
    const missing = perRole((role) => {
      const first = this.#preferred[role][0]
      return first && !pickDevice([first], present[role]) ? first : undefined
    })
    this.store.setState({ present, chosen, missing })
    for (const role of ['speaker', 'ringer'] as const) if (before[role]?.id !== chosen[role]?.id) void this.#route(role)
    this.#parts.onMicrophone(before.microphone?.id !== chosen.microphone?.id)
  }

  /** Sets the sink and looks whether it took: some browsers ignore a device silently. */
  async #route(role: 'speaker' | 'ringer'): Promise<void> {
    const wanted = this.store.getState().chosen[role]?.id ?? ''
    const took = await this.#parts.setSink(role, wanted).catch(() => undefined)
    if ((this.store.getState().chosen[role]?.id ?? '') !== wanted) return
    this.store.setState(({ refused }) => ({ refused: { ...refused, [role]: took !== wanted } }))
  }
}
