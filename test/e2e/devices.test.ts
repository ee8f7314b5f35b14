import { type Browser, chromium, type Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  askedOf,
  deliverSip,
  installFakeDoor,
  inviteToWindow,
  sentSip,
  showState,
} from '../harness/browser/fake-door.ts'
import { appWith, call, incomingCall, localHop, trunkHop } from '../harness/browser/window-fixtures.ts'
import { hostWindow, type WindowHost } from '../harness/browser/window-host.ts'

/** Sound devices in a real Chromium with its own fake devices, of which the tests hide one as if it were unplugged. */
let host: WindowHost
let browser: Browser
let page: Page

beforeAll(async () => {
  host = await hostWindow()
  browser = await chromium.launch({
    executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
    args: [
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
    ],
  })
})
afterAll(async () => {
  await browser?.close()
  await host?.close()
})

interface Bench {
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
    const bench: Bench = { opened: [], hidden: [], peers: [] }
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

/** Answers a call for real, so that a microphone is open and sent. */
async function talk(): Promise<void> {
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
  await page.waitForTimeout(700)
  await page.getByTestId('answer-button').click()
  await expect.poll(async () => (await sentSip(page)).some((message) => message.startsWith('SIP/2.0 200'))).toBe(true)
  const connected = call({ ...ringing, state: 'connected', answeredAt: Date.now(), hops: [localHop(), trunkHop()] })
  await showState(page, appWith({ calls: [connected] }))
  await page.getByTestId('mute-button').waitFor()
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
