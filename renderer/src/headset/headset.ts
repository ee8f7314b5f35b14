import { createStore, type StoreApi } from 'zustand/vanilla'
import { ButtonReader, type HeadsetAction, type HeadsetView, headsetActions, lightsFor } from './buttons.ts'
import type { Hid, HidDevice, HidInput } from './hid.ts'
import { type HeadsetLayout, headsetLayout, lightReport, telephonyPage } from './layout.ts'

export interface HeadsetState {
  /** `unsupported`: this browser has no WebHID. `unusable`: what was chosen cannot be opened, or has no hook switch. */
  readonly kind: 'unsupported' | 'none' | 'connected' | 'unusable'
  readonly name?: string
}

interface HeadsetParts {
  readonly hid: Hid | undefined
  /** A press of the headset; the phone decides what comes of it. False: nothing, and the headset is to follow. */
  onAction(action: Exclude<HeadsetAction, 'resync'>): boolean
}

interface Connected {
  readonly device: HidDevice
  readonly layout: HeadsetLayout
  readonly close: () => void
}

/** The buttons and lights of one headset, in step with the phone. */
export class Headset {
  readonly store: StoreApi<HeadsetState>
  readonly #parts: HeadsetParts
  #connected: Connected | undefined
  #view: HeadsetView = { phase: 'idle', muted: false }
  /** Reports go out one after the other; a newer one waits for the older. */
  #sending: Promise<void> = Promise.resolve()

  constructor(parts: HeadsetParts) {
    this.#parts = parts
    this.store = createStore(() => ({ kind: parts.hid ? 'none' : 'unsupported' }))
  }

  /** Takes a headset that was allowed before, now or when it is plugged in. */
  async start(): Promise<void> {
    const { hid } = this.#parts
    if (!hid) return
    hid.addEventListener('connect', ({ device }) => void this.#take([device]))
    hid.addEventListener('disconnect', ({ device }) => {
      if (device === this.#connected?.device) this.#letGo()
    })
    await this.#take(await hid.getDevices())
  }

  /** Asks the user for a headset; to be called from a press. */
  async choose(): Promise<void> {
    const chosen = await this.#parts.hid?.requestDevice({ filters: [{ usagePage: telephonyPage }] })
    if (!chosen || chosen.length === 0) return
    this.#letGo()
    await this.#take(chosen)
    const [first] = chosen
    if (!this.#connected && first) this.store.setState({ kind: 'unusable', name: first.productName })
  }

  /** What the phone is doing now. */
  update(view: HeadsetView): void {
    const { phase, muted } = this.#view
    if (view.phase === phase && view.muted === muted) return
    this.#view = view
    this.#light()
  }

  /** The first of the devices that is a telephone and can be opened; another that is in use stays. */
  async #take(devices: readonly HidDevice[]): Promise<void> {
    for (const device of devices) {
      const layout = headsetLayout(device.collections)
      if (this.#connected || !layout || !(await opened(device))) continue
      const reader = new ButtonReader(layout)
      const onInput = ({ reportId, data }: HidInput) => {
        for (const event of reader.read(reportId, data)) this.#act(headsetActions[this.#view.phase][event])
      }
      device.addEventListener('inputreport', onInput)
      const close = () => {
        device.removeEventListener('inputreport', onInput)
        // One that was pulled out is closed already.
        device.close().catch(() => undefined)
      }
      this.#connected = { device, layout, close }
      this.store.setState({ kind: 'connected', name: device.productName })
      this.#light()
    }
  }

  #act(action: HeadsetAction | undefined): void {
    if (action && (action === 'resync' || !this.#parts.onAction(action))) this.#light()
  }

  #light(): void {
    const { device, layout } = this.#connected ?? {}
    if (!device || !layout) return
    const on = lightsFor(this.#view)
    for (const reportId of layout.outputBytes.keys()) {
      const report = lightReport(layout, reportId, on)
      // A light that cannot be set is no reason to disturb the call.
      this.#sending = this.#sending.then(() => device.sendReport(reportId, report)).catch(() => undefined)
    }
  }

  #letGo(): void {
    this.#connected?.close()
    this.#connected = undefined
    this.store.setState({ kind: 'none' }, true)
  }
}

/** False when another program has the device. */
async function opened(device: HidDevice): Promise<boolean> {
  try {
    if (!device.opened) await device.open()
    return true
  } catch {
    return false
  }
}
