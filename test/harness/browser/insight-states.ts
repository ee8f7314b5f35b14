import type { Page } from 'playwright'
import type { CallView } from '../../../shared/model/call.ts'
import type { CallQuality, HopQuality } from '../../../shared/model/quality.ts'
import type { SecurityEvent } from '../../../shared/model/security-event.ts'
import { deliverSip, inviteToWindow, showState } from './fake-door.ts'
import {
  appWith,
  call,
  connected,
  during,
  incomingCall,
  localHop,
  type NamedState,
  trunkHop,
} from './window-fixtures.ts'

/** A course with a dip in it, as calls have. */
const course = (best: number, worst: number) =>
  Array.from({ length: 60 }, (_, n) => best - (best - worst) * Math.max(0, Math.sin(n / 6) ** 8))

const trunkQuality: HopQuality = {
  here: { lossPercent: 0.2, jitterMs: 4 },
  there: { lossPercent: 0.4, jitterMs: 6, at: Date.now(), moving: true },
  roundTripMs: 38,
}
const localQuality: HopQuality = {
  here: { lossPercent: 0, jitterMs: 1 },
  there: { lossPercent: 0.2, jitterMs: 5, at: Date.now(), moving: true },
  roundTripMs: 1,
}

export const goodQuality: CallQuality = {
  heard: { mos: 4.36, lossPercent: 0.2, jitterMs: 5, delayMs: 60 },
  sent: { mos: 4.34, lossPercent: 0.4, jitterMs: 6, delayMs: 60 },
  lowestMos: 4.1,
  trend: course(4.36, 4.1),
  trendStepS: 2,
}

const poorQuality: CallQuality = {
  heard: { mos: 2.4, lossPercent: 14, jitterMs: 48, delayMs: 260 },
  sent: { mos: 4.2, lossPercent: 1.1, jitterMs: 9, delayMs: 190 },
  lowestMos: 1.8,
  trend: course(3.4, 1.8),
  trendStepS: 2,
}

/** A call on both hops of which something was measured. */
export const measured = (quality: CallQuality, over: Partial<CallView> = {}): CallView =>
  connected([{ ...localHop(), quality: localQuality }, trunkHop({ quality: trunkQuality })], { quality, ...over })

export const securityEvents: readonly SecurityEvent[] = [
  { at: Date.now() - 130_000, kind: 'proven' },
  { at: Date.now() - 60_000, kind: 'rekeyed-there', leg: 'trunk', suite: 'AES_CM_128_HMAC_SHA1_80' },
  { at: Date.now() - 20_000, kind: 'clear-refused', leg: 'trunk', suite: 'AES_CM_128_HMAC_SHA1_80' },
]

const poor = measured(poorQuality, {
  hops: [
    { ...localHop(), quality: localQuality },
    trunkHop({ quality: { ...trunkQuality, here: { lossPercent: 14, jitterMs: 48 }, roundTripMs: 310 } }),
  ],
})

/** Answers a call with a peer connection of its own, which has nobody to talk to. */
async function answerForReal(page: Page, view: CallView): Promise<void> {
  const sdp = await page.evaluate(async () => {
    const silence = new AudioContext().createMediaStreamDestination().stream
    navigator.mediaDevices.getUserMedia = () => Promise.resolve(silence)
    const peer = new RTCPeerConnection()
    peer.addTransceiver('audio')
    await peer.setLocalDescription()
    const offer = peer.localDescription?.sdp ?? ''
    peer.close()
    return offer
  })
  const ringing = { ...incomingCall, localCallId: view.localCallId }
  await deliverSip(page, inviteToWindow(view.localCallId, sdp))
  await showState(page, appWith({ calls: [ringing] }))
  await page.waitForTimeout(700)
  await page.getByTestId('answer-button').click()
  await showState(page, during(view))
}

async function ask(page: Page): Promise<void> {
  await page.getByTestId('why-button').click()
  await page.getByTestId('why-verdict').waitFor()
}

async function openSound(page: Page): Promise<void> {
  await page.getByTestId('tab-settings').click()
  await page.getByTestId('settings-sound').click()
}

/** Chooses a headset that is none: the browser under test has no USB. */
async function connectHeadset(page: Page): Promise<void> {
  await page.evaluate(() => {
    const item = { usages: [0x0b_0020], isAbsolute: true, reportSize: 8, reportCount: 1 }
    const device = {
      productName: 'Evolve2 40',
      collections: [{ usagePage: 0x0b, inputReports: [{ reportId: 1, items: [item] }] }],
      opened: true,
      addEventListener: () => undefined,
    }
    Object.defineProperty((navigator as never as { hid: object }).hid, 'requestDevice', {
      value: () => Promise.resolve([device]),
    })
  })
  await page.getByTestId('headset-choose').click()
  await page.locator('[data-testid=headset][data-kind=connected]').waitFor()
  await page.getByTestId('headset').scrollIntoViewIfNeeded()
}

/** Quality of a call, and what it is when nothing is heard. */
export const insightStates: readonly NamedState[] = [
  { name: 'quality good', app: during(measured(goodQuality)) },
  {
    name: 'quality good, figures',
    app: during(measured(goodQuality)),
    async lead(page) {
      await page.getByTestId('quality').click()
      await page.getByTestId('quality-figures').waitFor()
    },
  },
  { name: 'quality poor', app: during(poor) },
  { name: 'encryption changed', app: during(measured(goodQuality, { securityEvents })) },
  {
    name: 'encryption changed, hops open',
    app: during(measured(goodQuality, { securityEvents })),
    async lead(page) {
      // A wide window has them open from the start.
      if ((await page.getByTestId('security-events').count()) === 0) await page.getByTestId('security-badge').click()
      await page.getByTestId('security-events').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'sound, headset connected',
    app: appWith(),
    async lead(page) {
      await openSound(page)
      await connectHeadset(page)
    },
  },
  {
    name: 'sound, microphone denied',
    app: appWith(),
    async lead(page) {
      await page.evaluate(() => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))
      })
      await openSound(page)
      await page.getByTestId('microphone-test').click()
      await page.getByRole('alert').waitFor()
    },
  },
  {
    name: 'why, looking',
    app: during(measured(goodQuality)),
    lead: (page) => page.getByTestId('why-button').click(),
  },
  {
    name: 'why, stopped',
    app: appWith(),
    async lead(page) {
      await answerForReal(page, call({ ...measured(goodQuality), localCallId: 'window-why' }))
      await ask(page)
    },
  },
  {
    name: 'why, they hear nothing',
    app: appWith(),
    async lead(page) {
      await answerForReal(page, call({ ...measured(goodQuality), localCallId: 'window-why' }))
      await page.getByTestId('mute-button').click()
      await ask(page)
      await page.getByTestId('why-speaking').click()
    },
  },
]
