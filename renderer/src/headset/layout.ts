import type { HidCollection, HidReport, HidReportItem } from './hid.ts'

/** HID Usage Tables 1.4: the pages of telephones (§14) and of lights (§11). */
export const telephonyPage = 0x0b

const buttonUsages = { hook: 0x0b_0020, drop: 0x0b_0026, mute: 0x0b_002f } as const
const lightUsages = { 'off-hook': 0x08_0017, mute: 0x08_0009, ring: 0x08_0018 } as const
export type Button = keyof typeof buttonUsages
export type Light = keyof typeof lightUsages

/** Where a button stands in an input report. */
export interface ButtonField {
  readonly button: Button
  readonly reportId: number
  readonly bit: number
  readonly bits: number
  /** In an array field: the value that stands for this button; otherwise it is pressed while not 0. */
  readonly value?: number
  /**
   * A switch keeps its place and its value is a state; what falls back by itself only tells that it was pressed (HID 1.11
   * §6.2.2.5, relative or with a preferred state).
   */
  readonly isSwitch: boolean
}

export interface LightField {
  readonly light: Light
  readonly reportId: number
  readonly bit: number
}

export interface HeadsetLayout {
  readonly buttons: readonly ButtonField[]
  readonly lights: readonly LightField[]
  /** Length of each output report with a light in it, by id. */
  readonly outputBytes: ReadonlyMap<number, number>
}

interface Placed {
  readonly item: HidReportItem
  readonly reportId: number
  readonly bit: number
}

/** Pure. Finds the buttons and lights of a telephone in a device's report descriptor; undefined without a hook switch. */
export function headsetLayout(collections: readonly HidCollection[]): HeadsetLayout | undefined {
  const phones = collections.filter(({ usagePage }) => usagePage === telephonyPage)
  const inputs = phones.flatMap(({ inputReports = [] }) => inputReports.flatMap(place))
  const outputReports = phones.flatMap(({ outputReports = [] }) => outputReports)
  const buttons = inputs.flatMap(buttonsOf)
  if (!buttons.some(({ button }) => button === 'hook')) return undefined
  const lights = outputReports.flatMap(place).flatMap(lightsOf)
  const lit = new Set(lights.map(({ reportId }) => reportId))
  const lengths = outputReports.map(({ reportId = 0, items = [] }) => [reportId, Math.ceil(bitsOf(items) / 8)] as const)
  return { buttons, lights, outputBytes: new Map(lengths.filter(([reportId]) => lit.has(reportId))) }
}

/** Pure. Whether a button's field says that it is pressed, or its switch closed. */
export function isPressed(data: DataView, { bit, bits, value }: ButtonField): boolean {
  const read = readBits(data, bit, bits)
  return value === undefined ? read !== 0 : read === value
}

/** Pure. The output report that sets these lights and no other. */
export function lightReport(layout: HeadsetLayout, reportId: number, on: ReadonlySet<Light>): Uint8Array<ArrayBuffer> {
  const report = new Uint8Array(layout.outputBytes.get(reportId) ?? 0)
  for (const { light, reportId: id, bit } of layout.lights) {
    if (id === reportId && on.has(light)) report[bit >> 3] = (report[bit >> 3] ?? 0) | (1 << (bit & 7))
  }
  return report
}

const widthOf = ({ reportSize = 0, reportCount = 0 }: HidReportItem) => reportSize * reportCount
const bitsOf = (items: readonly HidReportItem[]) => items.reduce((bits, item) => bits + widthOf(item), 0)

/** Items follow each other without gaps: padding is an item of its own. */
function place({ reportId = 0, items = [] }: HidReport): Placed[] {
  return items.map((item, index) => ({ item, reportId, bit: bitsOf(items.slice(0, index)) }))
}

/** Usages of an item in the order of its fields. */
function usagesOf({ isRange, usages = [], usageMinimum = 0, usageMaximum = -1 }: HidReportItem): readonly number[] {
  if (!isRange) return usages
  return Array.from({ length: Math.max(0, usageMaximum - usageMinimum + 1) }, (_, index) => usageMinimum + index)
}

function fieldsOf<Name extends string>(names: Readonly<Record<Name, number>>, { item }: Placed): [Name, number][] {
  if (item.isConstant) return []
  const usages = usagesOf(item)
  return (Object.entries(names) as [Name, number][]).flatMap(([name, usage]) => {
    const index = usages.indexOf(usage)
    return index < 0 ? [] : [[name, index] as [Name, number]]
  })
}

function buttonsOf(placed: Placed): ButtonField[] {
  const { item, reportId, bit } = placed
  const { reportSize: bits = 1, reportCount = 1, isArray, isAbsolute, hasPreferredState, logicalMinimum = 0 } = item
  const isSwitch = isAbsolute === true && hasPreferredState !== true
  return fieldsOf(buttonUsages, placed).flatMap(([button, index]) => {
    if (!isArray) return [{ button, reportId, bit: bit + index * bits, bits, isSwitch }]
    const value = logicalMinimum + index
    return Array.from({ length: reportCount }, (_, slot) => ({
      button,
      reportId,
      bit: bit + slot * bits,
      bits,
      value,
      isSwitch,
    }))
  })
}

function lightsOf(placed: Placed): LightField[] {
  const { item, reportId, bit } = placed
  if (item.isArray) return []
  return fieldsOf(lightUsages, placed).map(([light, index]) => ({
    light,
    reportId,
    bit: bit + index * (item.reportSize ?? 1),
  }))
}

function readBits(data: DataView, bit: number, bits: number): number {
  let value = 0
  for (let index = 0; index < bits; index++) {
    const at = bit + index
    if (at >> 3 >= data.byteLength) return value
    value += ((data.getUint8(at >> 3) >> (at & 7)) & 1) * 2 ** index
  }
  return value
}
