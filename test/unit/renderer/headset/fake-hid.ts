import type { Hid, HidCollection, HidDevice, HidInput, HidReportItem } from '../../../../renderer/src/headset/hid.ts'

/** One bit, as most headsets have them: relative ones are buttons, absolute ones switches. */
export const bit = (usage: number, over: HidReportItem = {}): HidReportItem => ({
  isAbsolute: true,
  isRange: false,
  usages: [usage],
  reportSize: 1,
  reportCount: 1,
  logicalMinimum: 0,
  ...over,
})
export const padding = (bits: number): HidReportItem => ({
  isConstant: true,
  usages: [],
  reportSize: 1,
  reportCount: bits,
})

/** Consumer page beside the telephone, as every USB headset has it for its volume keys. */
const consumer: HidCollection = {
  usagePage: 0x0c,
  inputReports: [{ reportId: 1, items: [bit(0x0c_00e9), bit(0x0c_00ea), padding(6)] }],
}

/** The structure of a common wired headset: hook as a switch, mute as a button, a light for each in one report. */
export const wired: readonly HidCollection[] = [
  consumer,
  {
    usagePage: 0x0b,
    inputReports: [
      {
        reportId: 2,
        items: [
          bit(0x0b_0020, { hasPreferredState: false }),
          bit(0x0b_0097),
          bit(0x0b_002f, { isAbsolute: false, hasPreferredState: false }),
          bit(0x0b_0021, { isAbsolute: false }),
          padding(4),
        ],
      },
    ],
    outputReports: [
      {
        reportId: 2,
        items: [
          { ...bit(0), isRange: false, usages: [0x08_0017, 0x08_0009, 0x08_0018, 0x08_0020], reportCount: 4 },
          bit(0x0b_009e),
          padding(3),
        ],
      },
    ],
  },
]

/** A dongle of another make: usages as a range across two bytes, reports without ids, one light per report. */
export const dongle: readonly HidCollection[] = [
  {
    usagePage: 0x0b,
    inputReports: [
      {
        reportId: 0,
        items: [
          padding(7),
          {
            isAbsolute: true,
            isRange: true,
            usageMinimum: 0x0b_0020,
            usageMaximum: 0x0b_002f,
            reportSize: 1,
            reportCount: 16,
          },
          padding(1),
        ],
      },
    ],
    outputReports: [
      { reportId: 3, items: [padding(8), bit(0x08_0017), padding(7)] },
      { reportId: 4, items: [bit(0x08_0009), padding(7)] },
      { reportId: 5, items: [bit(0x08_0018), padding(7)] },
    ],
  },
]

/** Buttons as values of an array: each slot names the one that is down. */
export const arrayed: readonly HidCollection[] = [
  {
    usagePage: 0x0b,
    inputReports: [
      {
        reportId: 7,
        items: [
          {
            isArray: true,
            isAbsolute: true,
            hasPreferredState: true,
            isRange: false,
            usages: [0x0b_0020, 0x0b_0026, 0x0b_002f],
            logicalMinimum: 1,
            reportSize: 4,
            reportCount: 2,
          },
        ],
      },
    ],
  },
]

export class FakeHeadset implements HidDevice {
  readonly productName: string
  readonly collections: readonly HidCollection[]
  opened = false
  refuses = false
  readonly sent: string[] = []
  readonly #listeners = new Set<(event: HidInput) => void>()

  constructor(productName: string, collections: readonly HidCollection[]) {
    this.productName = productName
    this.collections = collections
  }

  async open(): Promise<void> {
    if (this.refuses) throw new DOMException('Failed to open the device.', 'NotAllowedError')
    this.opened = true
  }

  async close(): Promise<void> {
    this.opened = false
  }

  async sendReport(reportId: number, data: Uint8Array): Promise<void> {
    this.sent.push(`${reportId}: ${[...data].join(' ')}`)
  }

  addEventListener(_type: 'inputreport', listener: (event: HidInput) => void): void {
    this.#listeners.add(listener)
  }

  removeEventListener(_type: 'inputreport', listener: (event: HidInput) => void): void {
    this.#listeners.delete(listener)
  }

  /** The headset reports these bytes. */
  report(reportId: number, ...bytes: readonly number[]): void {
    const data = new DataView(Uint8Array.from(bytes).buffer)
    for (const listener of this.#listeners) listener({ reportId, data })
  }

  get isHeard(): boolean {
    return this.#listeners.size > 0
  }
}

export class FakeHid implements Hid {
  readonly known: HidDevice[] = []
  choice: HidDevice[] = []
  readonly asked: unknown[] = []
  readonly #listeners = { connect: new Set<Listener>(), disconnect: new Set<Listener>() }

  async getDevices(): Promise<readonly HidDevice[]> {
    return this.known
  }

  async requestDevice(options: unknown): Promise<readonly HidDevice[]> {
    this.asked.push(options)
    return this.choice
  }

  addEventListener(type: 'connect' | 'disconnect', listener: Listener): void {
    this.#listeners[type].add(listener)
  }

  happen(type: 'connect' | 'disconnect', device: HidDevice): void {
    for (const listener of this.#listeners[type]) listener({ device })
  }
}

type Listener = (event: { readonly device: HidDevice }) => void
