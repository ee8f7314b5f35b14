import { networkInterfaces } from 'node:os'
import { findTone } from '../tone.ts'
import { launchChromium } from './chromium.ts'
import { recordHeard } from './heard.ts'
import { type OwnPhone, startOwnPhone } from './own-phone.ts'

/**
 * Run in a network namespace that has nothing but loopback: calls the echo test before a microphone was ever opened
 * (the window gets a tone from inside of the page) and afterwards, and writes what was proven as one line of JSON.
 */
export interface NoNetworkReport {
  readonly interfaces: readonly string[]
  /** What a browser without the product's switch offers to send from: nothing, or the test shows nothing. */
  readonly candidatesWithoutSwitch: number
  readonly calls: readonly {
    readonly permission: string
    readonly security: string
    readonly heardHz: number | undefined
  }[]
}

const insideHz = 700
const microphoneHz = 1_000

async function echoCall(phone: OwnPhone) {
  const { page } = phone
  const permission = await page.evaluate(
    async () => (await navigator.permissions.query({ name: 'microphone' as PermissionName })).state,
  )
  await page.getByTestId('echo-button').click()
  const { id } = await phone.call(
    'the encryption is proven',
    ({ state, security }) => security === 'proven' || state === 'ended',
  )
  const heard = findTone(await recordHeard(page, 2))
  const call = await phone.call('the call is there', (found) => found.id === id)
  await page.getByTestId('hangup-button').click()
  await phone.call('the call ends', (found) => found.id === id && found.state === 'ended')
  await page.getByTestId('done-button').click()
  return {
    permission,
    security: call.security,
    heardHz: heard && Math.round(heard.hz),
  }
}

async function candidatesWithoutSwitch(): Promise<number> {
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    return await page.evaluate(async () => {
      const peer = new RTCPeerConnection({ iceServers: [] })
      peer.addTransceiver('audio')
      let found = 0
      peer.onicecandidate = ({ candidate }) => {
        if (candidate) found += 1
      }
      await peer.setLocalDescription()
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      return found
    })
  } finally {
    await browser.close()
  }
}

await using phone = await startOwnPhone(microphoneHz)
const { page } = phone
await page.evaluate((hz) => {
  const { mediaDevices } = navigator
  const real = mediaDevices.getUserMedia.bind(mediaDevices)
  Object.assign(window, { allowMicrophone: () => Object.assign(mediaDevices, { getUserMedia: real }) })
  mediaDevices.getUserMedia = async () => {
    const context = new AudioContext()
    const oscillator = new OscillatorNode(context, { frequency: hz })
    const out = context.createMediaStreamDestination()
    oscillator.connect(out)
    oscillator.start()
    return out.stream
  }
}, insideHz)
const before = await echoCall(phone)
await page.evaluate(async () => {
  ;(window as unknown as { allowMicrophone(): void }).allowMicrophone()
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
  for (const track of stream.getTracks()) track.stop()
})
const after = await echoCall(phone)
const report: NoNetworkReport = {
  interfaces: Object.keys(networkInterfaces()),
  candidatesWithoutSwitch: await candidatesWithoutSwitch(),
  calls: [before, after],
}
console.log(`NO_NETWORK ${JSON.stringify(report)}`)
