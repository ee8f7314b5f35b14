import { type Button, type ButtonField, type HeadsetLayout, isPressed, type Light } from './layout.ts'

/** What the phone is doing, as far as a headset is concerned. */
export type Phase = 'idle' | 'ringing' | 'talking'

export interface HeadsetView {
  readonly phase: Phase
  readonly muted: boolean
}

export type HeadsetEvent = 'off-hook' | 'on-hook' | 'hook-pressed' | 'drop' | 'mute-pressed' | 'mute-on' | 'mute-off'
export type HeadsetAction =
  | 'answer'
  | 'decline'
  | 'hang-up'
  | 'toggle-mute'
  | 'mute'
  | 'unmute'
  /** The headset is in a state that the phone is not in: its lights are set again. */
  | 'resync'

/**
 * What a press does. The window alone knows what goes on; the headset follows it. So the echo of our own lights (a headset
 * whose off-hook light we set reports off-hook) asks for nothing: its row is missing.
 */
export const headsetActions: Readonly<Record<Phase, Readonly<Partial<Record<HeadsetEvent, HeadsetAction>>>>> = {
  idle: { 'off-hook': 'resync', 'mute-on': 'resync' },
  ringing: { 'off-hook': 'answer', 'hook-pressed': 'answer', drop: 'decline' },
  talking: {
    'on-hook': 'hang-up',
    'hook-pressed': 'hang-up',
    drop: 'hang-up',
    'mute-pressed': 'toggle-mute',
    'mute-on': 'mute',
    'mute-off': 'unmute',
  },
}

/** Pure. The lights for what the phone is doing. */
export function lightsFor({ phase, muted }: HeadsetView): ReadonlySet<Light> {
  if (phase === 'ringing') return new Set<Light>(['ring'])
  if (phase === 'idle') return new Set()
  return new Set<Light>(muted ? ['off-hook', 'mute'] : ['off-hook'])
}

const events: Readonly<
  Record<Button, { readonly press?: HeadsetEvent; readonly on?: HeadsetEvent; readonly off?: HeadsetEvent }>
> = {
  hook: { press: 'hook-pressed', on: 'off-hook', off: 'on-hook' },
  drop: { press: 'drop', on: 'drop' },
  mute: { press: 'mute-pressed', on: 'mute-on', off: 'mute-off' },
}

/** Turns reports, which tell states, into events, which tell changes. */
export class ButtonReader {
  readonly #layout: HeadsetLayout
  readonly #down = new Set<Button>()

  constructor(layout: HeadsetLayout) {
    this.#layout = layout
  }

  read(reportId: number, data: DataView): readonly HeadsetEvent[] {
    const fields = this.#layout.buttons.filter((field) => field.reportId === reportId)
    const buttons = [...new Set(fields.map(({ button }) => button))]
    return buttons.flatMap((button) => {
      const event = this.#change(
        button,
        fields.filter((field) => field.button === button),
        data,
      )
      return event ? [event] : []
    })
  }

  #change(button: Button, fields: readonly ButtonField[], data: DataView): HeadsetEvent | undefined {
    const isDown = fields.some((field) => isPressed(data, field))
    if (isDown === this.#down.has(button)) return undefined
    if (isDown) this.#down.add(button)
    else this.#down.delete(button)
    const { press, on, off } = events[button]
    if (!fields.some(({ isSwitch }) => isSwitch)) return isDown ? press : undefined
    return isDown ? on : off
  }
}
