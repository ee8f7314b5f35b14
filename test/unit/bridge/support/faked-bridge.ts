import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bridge, createBridge } from '../../../../electron/bridge/bridge.ts'
import { systemClock } from '../../../../electron/sip/clock.ts'
import type { AccountSettings } from '../../../../shared/model/account.ts'
import { FakeEndpoint, FakeIncomingInvite } from '../../../fakes/sip.ts'
import { workAccount } from '../../../fakes/work-account.ts'
import { FakeMedia } from './fake-media.ts'

export const browserOffer = readFileSync(
  join(import.meta.dirname, '../../../fixtures/sdp/chromium-156-audio-offer.sdp'),
  'utf8',
)

export const keyOf = (fill: number) => Buffer.alloc(30, fill).toString('base64')
/** A trunk's description: SRTP under a key of this octet, or the same without one. */
export const savp = (fill = 7) =>
  `v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 5000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${keyOf(fill)}\r\n`
export const osrtp = (fill = 7) => savp(fill).replace('RTP/SAVP', 'RTP/AVP')
export const clear = osrtp().replace(/a=crypto.*\r\n/, '')

/** Long enough for whatever is only awaited, in several steps. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A bridge with a window and a trunk, both played by the test, and no media worker: orders of events, step by step. */
export class FakedBridge {
  readonly media = new FakeMedia()
  readonly trunk = new FakeEndpoint('tls')
  readonly window = new FakeEndpoint('local')
  readonly bridge: Bridge
  /** Timers that were set; none of them ends by itself. */
  readonly waits: { delayMs: number; action: () => void }[] = []
  settings: AccountSettings

  constructor(settings: AccountSettings = workAccount) {
    this.settings = settings
    this.bridge = createBridge({
      media: this.media,
      clock: {
        now: systemClock.now,
        after: (delayMs, action) => {
          this.waits.push({ delayMs, action })
          return () => undefined
        },
      },
      onChange: () => undefined,
      account: () => ({ settings: this.settings, endpoint: this.trunk }),
    })
    this.bridge.setWindow(this.window)
  }

  /** The window calls somebody. */
  async dial(user: string) {
    const invite = new FakeIncomingInvite(`window-${user}`, { user, host: 'work.accounts.kedge.invalid' }, browserOffer)
    this.window.onInvite?.(invite)
    await settle()
    const sent = this.trunk.invites.at(-1)
    if (!sent) throw new Error('not invited')
    return { invite, sent }
  }

  /** The window is in a call. */
  async talking({ user = 'bob', answer = savp() } = {}) {
    const { invite, sent } = await this.dial(user)
    sent.delegate.onAccepted({ status: 200, reason: 'OK', body: answer }, sent.dialog)
    await settle()
    const id = this.bridge.calls().find(({ localCallId }) => localCallId === invite.callId)?.id ?? ''
    return { id, invite, far: sent.dialog }
  }
}
