/** The part of WebHID (https://wicg.github.io/webhid) that a headset needs. */
export interface HidReportItem {
  readonly isAbsolute?: boolean
  readonly isArray?: boolean
  readonly isConstant?: boolean
  readonly isRange?: boolean
  /** The control falls back by itself when it is let go: a button, not a switch. */
  readonly hasPreferredState?: boolean
  /** Page in the upper 16 bits, usage in the lower. */
  readonly usages?: readonly number[]
  readonly usageMinimum?: number
  readonly usageMaximum?: number
  readonly logicalMinimum?: number
  /** Bits. */
  readonly reportSize?: number
  readonly reportCount?: number
}

export interface HidReport {
  readonly reportId?: number
  readonly items?: readonly HidReportItem[]
}

/** A collection holds the items of its children as well, in the order in which they stand in the report. */
export interface HidCollection {
  readonly usagePage?: number
  readonly inputReports?: readonly HidReport[]
  readonly outputReports?: readonly HidReport[]
}

export interface HidInput {
  readonly reportId: number
  readonly data: DataView
}

export interface HidDevice {
  readonly productName: string
  readonly collections: readonly HidCollection[]
  readonly opened: boolean
  open(): Promise<void>
  close(): Promise<void>
  sendReport(reportId: number, data: Uint8Array<ArrayBuffer>): Promise<void>
  addEventListener(type: 'inputreport', listener: (event: HidInput) => void): void
  removeEventListener(type: 'inputreport', listener: (event: HidInput) => void): void
}

export interface Hid {
  getDevices(): Promise<readonly HidDevice[]>
  /** Asks the user; from a press alone. Empty when nothing was chosen. */
  requestDevice(options: { filters: readonly { readonly usagePage: number }[] }): Promise<readonly HidDevice[]>
  addEventListener(type: 'connect' | 'disconnect', listener: (event: { readonly device: HidDevice }) => void): void
}

/** Undefined where the browser has none. */
export const systemHid = (): Hid | undefined => (navigator as { readonly hid?: Hid }).hid
