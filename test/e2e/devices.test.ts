import type { Browser, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { CallView } from '../../shared/model/call.ts'
import { fakeDevices, launchChromium } from '../harness/browser/chromium.ts'
import {
  ackFromMain,
  askedOf,
  deliverSip,
  installFakeDoor,
  inviteToWindow,
  sentSip,
  showState,
} from '../harness/browser/fake-door.ts'
import { pressGuardMs } from '../harness/browser/phone-page.ts'
import { appWith, call, incomingCall, localHop, trunkHop } from '../harness/browser/window-fixtures.ts'
import { hostWindow, type WindowHost } from '../harness/browser/window-host.ts'

/** Sound devices in a real Chromium with its own fake devices, of which the tests hide one as if it were unplugged. */
let host: WindowHost
let browser: Browser
let page: Page

beforeAll(async () => {
  host = await hostWindow()
  browser = await launchChromium([...fakeDevices, '--autoplay-policy=no-user-gesture-required'])
})
afterAll(async () => {
  await browser?.close()
  await host?.close()
})

interface Bench {
  /** Reports that the headset was sent, and what it says when its button is used. */
  headset: { sent: number[][]; report(...bytes: number[]): void }
  opened: MediaStream[]
  hidden: string[]
  peers: RTCPeerConnection[]
}
declare global {
  interface Window {
    bench: Bench
  }
}

beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 360, height: 640 } })
  await page.addInitScript(() => {
    const listeners = new Set<(event: { reportId: number; data: DataView }) => void>()
    const headset = {
      sent: [] as number[][],
      report(...bytes: number[]) {
        const data = new DataView(Uint8Array.from(bytes).buffer)
        for (const listener of listeners) listener({ reportId: 2, data })
      },
    }
    const item = (usages: number[], isAbsolute = true) => ({
      usages,
      isAbsolute,
      reportSize: 1,
      reportCount: usages.length,
    })
    // The structure of a common wired headset; the browser under test has no USB.
    const device = {
      productName: 'Wired headset',
      opened: true,
      collections: [
        {
          usagePage: 0x0b,
          inputReports: [{ reportId: 2, items: [item([0x0b_0020]), item([0x0b_002f], false)] }],
          outputReports: [{ reportId: 2, items: [item([0x08_0017, 0x08_0009, 0x08_0018])] }],
        },
      ],
      addEventListener: (_type: string, listener: (event: { reportId: number; data: DataView }) => void) =>
        listeners.add(listener),
      async sendReport(_id: number, data: Uint8Array) {
        headset.sent.push([...data])
      },
    }
    const { hid } = navigator as never as { hid: object }
    Object.defineProperty(hid, 'getDevices', { value: () => Promise.resolve([device]) })
    const bench: Bench = { opened: [], hidden: [], peers: [], headset }
    const devices = navigator.mediaDevices
    const getUserMedia = devices.getUserMedia.bind(devices)
    const enumerateDevices = devices.enumerateDevices.bind(devices)
    devices.getUserMedia = async (constraints) => {
      const stream = await getUserMedia(constraints)
      bench.opened.push(stream)
      return stream
    }
    devices.enumerateDevices = async () =>
      (await enumerateDevices()).filter(({ label }) => !bench.hidden.includes(label))
    const Native = RTCPeerConnection
    Object.assign(window, {
      bench,
      RTCPeerConnection: class extends Native {
        constructor(configuration?: RTCConfiguration) {
          super(configuration)
          bench.peers.push(this)
        }
      },
    })
  })
  await installFakeDoor(page, appWith())
  await page.goto(host.url)
  await page.getByTestId('account-state').waitFor()
})
afterEach(() => page.close())

const hide = (labels: readonly string[]) =>
  page.evaluate((hidden) => {
    window.bench.hidden = [...hidden]
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'))
  }, labels)

const liveMicrophone = () =>
  page.evaluate(() => {
    const tracks = window.bench.opened.flatMap((stream) => stream.getAudioTracks())
    return tracks.filter(({ readyState }) => readyState === 'live').map(({ label }) => label)
  })

const sentTrack = () =>
  page.evaluate(
    () =>
      window.bench.peers
        .at(-1)
        ?.getSenders()
        .find(({ track }) => track?.kind === 'audio')?.track?.label,
  )

const options = (role: string) => page.getByTestId(`device-${role}`).locator('option').allInnerTexts()

async function openSound(): Promise<void> {
  await page.getByTestId('tab-settings').click()
  await page.getByTestId('settings-sound').click()
}

/** A call comes in that could be answered for real. */
async function ring(): Promise<CallView> {
  await page.getByTestId('tab-phone').click()
  const sdp = await page.evaluate(async () => {
    const peer = new RTCPeerConnection()
    peer.addTransceiver('audio')
    await peer.setLocalDescription()
    const offer = peer.localDescription?.sdp ?? ''
    peer.close()
    window.bench.peers.length = 0
    return offer
  })
  const ringing = { ...incomingCall, localCallId: 'window-1' }
  await deliverSip(page, inviteToWindow('window-1', sdp))
  await showState(page, appWith({ calls: [ringing] }))
  await page.getByTestId('answer-button').waitFor()
  return ringing
}

/** The window has answered, and the main process says so. */
async function connect(ringing: CallView): Promise<void> {
  await expect.poll(async () => (await sentSip(page)).some((message) => message.startsWith('SIP/2.0 200'))).toBe(true)
  const answer = (await sentSip(page)).find((message) => message.startsWith('SIP/2.0 200')) ?? ''
  const toTag = /^To:.*;tag=(\S+)/imu.exec(answer)?.[1] ?? ''
  await deliverSip(page, ackFromMain('window-1', toTag))
  const connected = call({ ...ringing, state: 'connected', answeredAt: Date.now(), hops: [localHop(), trunkHop()] })
  await showState(page, appWith({ calls: [connected] }))
  await page.getByTestId('mute-button').waitFor()
}

/** Answers a call for real, so that a microphone is open and sent. */
async function talk(): Promise<void> {
  const ringing = await ring()
  await page.waitForTimeout(700)
  await page.getByTestId('answer-button').click()
  await connect(ringing)
}

test('microphone, speaker and ringer are chosen apart and the choice is kept', async () => {
  await openSound()
  await expect.poll(() => options('microphone')).toContain('Fake Audio Input 1')
  await page.getByTestId('device-microphone').selectOption({ label: 'Fake Audio Input 2' })
  await page.getByTestId('device-ringer').selectOption({ index: 1 })
  const saved = (await askedOf(page, 'saveSettings')).at(-1)
  expect(saved).toMatchObject({
    settings: {
      devices: { microphone: [{ label: 'Fake Audio Input 2' }], speaker: [], ringer: [{ label: expect.any(String) }] },
    },
  })
})

test('the chosen speaker is where the far end is heard', async () => {
  await openSound()
  await expect.poll(async () => (await options('speaker')).length).toBeGreaterThan(1)
  await page.getByTestId('device-speaker').selectOption({ index: 1 })
  const chosen = await page.getByTestId('device-speaker').inputValue()
  await expect
    .poll(() => page.evaluate(() => document.querySelector<HTMLAudioElement>('#remote-audio')?.sinkId))
    .toBe(chosen)
})

test('the level of the microphone is shown only as long as it is tried', async () => {
  await openSound()
  expect(await liveMicrophone()).toEqual([])
  await page.getByTestId('microphone-test').click()
  // Chromium's fake microphone beeps once a second.
  await expect
    .poll(() => page.getByTestId('microphone-level').evaluate((meter: HTMLMeterElement) => meter.value))
    .toBeGreaterThan(10)
  await page.getByRole('button', { name: 'Stop' }).click()
  expect(await liveMicrophone()).toEqual([])
})

test('a microphone that is unplugged in a call is replaced, and taken again when it is back', async () => {
  await openSound()
  await page.getByTestId('device-microphone').selectOption({ label: 'Fake Audio Input 1' })
  await page.getByTestId('device-microphone').selectOption({ label: 'Fake Audio Input 2' })
  await talk()
  expect(await sentTrack()).toBe('Fake Audio Input 2')
  await hide(['Fake Audio Input 2'])
  await expect.poll(sentTrack).toBe('Fake Audio Input 1')
  expect(await liveMicrophone()).toEqual(['Fake Audio Input 1'])
  await hide([])
  await expect.poll(sentTrack).toBe('Fake Audio Input 2')
  expect(await page.getByTestId('call-state').getAttribute('data-state')).toBe('connected')
})

test('speaking while muted is noticed, and still sends nothing', async () => {
  await talk()
  await page.getByTestId('mute-button').click()
  // The fake microphone's beep is shorter than a word, so a steady tone stands in for the voice.
  await page.evaluate(() => {
    Object.defineProperty(AnalyserNode.prototype, 'getFloatTimeDomainData', {
      value: (samples: Float32Array) => samples.fill(0.2),
    })
  })
  await page.getByTestId('speaking-muted').waitFor()
  expect(await page.evaluate(() => window.bench.opened.at(-1)?.getAudioTracks()[0]?.enabled)).toBe(false)
  await page.getByTestId('mute-button').click()
  await expect.poll(() => page.getByTestId('speaking-muted').count()).toBe(0)
})

test('a headset answers, mutes and hangs up by its buttons, and its lights follow', async () => {
  const press = (...bytes: number[]) => page.evaluate((report) => window.bench.headset.report(...report), bytes)
  const lights = () => page.evaluate(() => window.bench.headset.sent.at(-1))
  const ringing = await ring()
  await expect.poll(lights).toEqual([0b100])
  // Nobody can have meant a call by a press in its first moment.
  await page.waitForTimeout(pressGuardMs)
  await press(0b01)
  await connect(ringing)
  await expect.poll(lights).toEqual([0b001])
  await press(0b11)
  await expect.poll(() => page.getByTestId('mute-button').getAttribute('aria-pressed')).toBe('true')
  expect(await page.evaluate(() => window.bench.opened.at(-1)?.getAudioTracks()[0]?.enabled)).toBe(false)
  await expect.poll(lights).toEqual([0b011])
  await press(0b01)
  await press(0b00)
  await expect.poll(async () => (await sentSip(page)).some((message) => message.startsWith('BYE '))).toBe(true)
})
