import { setTimeout as delay } from 'node:timers/promises'
import { type Bridge, createBridge } from '../../../../electron/bridge/bridge.ts'
import type { SrtpEngine } from '../../../../electron/media/srtp/types.ts'
import type { Clock } from '../../../../electron/sip/clock.ts'
import { KedgeError } from '../../../../shared/errors.ts'
import type { AccountSettings } from '../../../../shared/model/account.ts'
import { FakeEndpoint, FakeIncomingInvite } from '../../../fakes/sip.ts'
import { TrunkPhone } from '../../../fakes/trunk-phone.ts'
import { WindowPhone } from '../../../fakes/window-phone.ts'
import { workAccount } from '../../../fakes/work-account.ts'
import { until } from '../../media/worker/support/until.ts'
import { MediaHere } from './media-here.ts'

/** Real time, except that waiting is told apart and can be skipped. */
export class TestClock implements Clock {
  readonly waits: { readonly delayMs: number; readonly action: () => void; taken: boolean }[] = []
  now = (): number => Date.now()
  after(delayMs: number, action: () => void): () => void {
    const wait = { delayMs, action, taken: false }
    this.waits.push(wait)
    return () => {
      wait.taken = true
    }
  }
  /** Lets the first wait of this length come to its end now. */
  skip(which: (delayMs: number) => boolean): number {
    const wait = this.waits.find(({ delayMs, taken }) => !taken && which(delayMs))
    if (wait === undefined) throw new Error(`no such wait among ${this.waits.map(({ delayMs }) => delayMs)}`)
    wait.taken = true
    wait.action()
    return wait.delayMs
  }
}

/** A bridge on real media legs, with signalling that the test plays by hand. */
export class LiveBridge {
  readonly media: MediaHere
  readonly clock = new TestClock()
  readonly window = new FakeEndpoint('local')
  readonly trunk: FakeEndpoint
  readonly accounts: Record<string, { settings: AccountSettings; endpoint: FakeEndpoint }>
  readonly bridge: Bridge
  readonly #close: (() => void)[] = []

  /** @param engine - in place of the media's own */
  static async open(
    change: Partial<AccountSettings> = {},
    engine?: (own: SrtpEngine) => SrtpEngine,
  ): Promise<LiveBridge> {
    return new LiveBridge(await MediaHere.open(engine), { ...workAccount, ...change })
  }

  private constructor(media: MediaHere, settings: AccountSettings) {
    this.media = media
    this.trunk = new FakeEndpoint(settings.transport)
    this.accounts = { work: { settings, endpoint: this.trunk } }
    this.bridge = createBridge({
      media,
      clock: this.clock,
      random: () => 0.5,
      onChange: () => undefined,
      account: (id) => {
        const found = this.accounts[id]
        if (found === undefined) throw new KedgeError('call/account-unknown', 'there is no such account')
        return found
      },
    })
    media.onEvent = (event) => this.bridge.onMediaEvent(event)
    this.bridge.setWindow(this.window)
    this.#close.push(() => this.bridge.close())
  }

  get settings(): AccountSettings {
    const work = this.accounts.work
    if (work === undefined) throw new Error('the account is gone')
    return work.settings
  }

  async trunkPhone(suite?: Parameters<typeof TrunkPhone.open>[1]): Promise<TrunkPhone> {
    return this.#owned(await TrunkPhone.open(this.media.engine, suite))
  }

  async plainPhone(): Promise<TrunkPhone> {
    return this.#owned(await TrunkPhone.plain(this.media.engine))
  }

  async windowPhone(): Promise<WindowPhone> {
    return this.#owned(await WindowPhone.open(this.media.engine))
  }

  /** The window dials; returns what the trunk sees. */
  async dial(phone: WindowPhone, dialled = 'echo') {
    const invite = new FakeIncomingInvite(
      'window-1',
      { user: dialled, host: 'work.accounts.kedge.invalid' },
      phone.offer(),
    )
    const before = this.trunk.invites.length
    this.window.onInvite?.(invite)
    await until(() => this.trunk.invites.length > before || invite.log.length > 0, 'the trunk is invited')
    const sent = this.trunk.invites.at(-1)
    if (sent === undefined) throw new Error(`not invited: ${invite.log}`)
    return { invite, sent }
  }

  /** A whole call from the window to a trunk, with media running. */
  async connected(phone: TrunkPhone, answer: Parameters<TrunkPhone['sdp']>[0] = {}) {
    const window = await this.windowPhone()
    const { invite, sent } = await this.dial(window)
    phone.read(sent.request.offer, answer.tag ?? 1)
    sent.delegate.onAccepted({ status: 200, reason: 'OK', toTag: 'a', body: phone.sdp(answer) }, sent.dialog)
    await until(() => invite.log.length > 0, 'the window is answered')
    window.read(invite.log.at(-1) ?? '')
    await window.connect()
    return { window, invite, sent }
  }

  /** The window dials, and the test looks for itself what comes of it. */
  incomingFromWindow(offer: string): FakeIncomingInvite {
    const invite = new FakeIncomingInvite('window-2', { user: 'echo', host: 'work.accounts.kedge.invalid' }, offer)
    this.window.onInvite?.(invite)
    return invite
  }

  /** A trunk's INVITE; with an SDP offer or without. */
  ring(offer: string | undefined, headers: Record<string, readonly string[]> = {}): FakeIncomingInvite {
    const invite = new FakeIncomingInvite('trunk-1', { user: 'ada', host: 'trunk.example' }, offer)
    Object.assign(invite.headerLines, headers)
    this.bridge.ring(this.settings, this.trunk, invite)
    return invite
  }

  close(): void {
    for (const close of this.#close.splice(0).toReversed()) close()
    this.media.table.close()
  }

  #owned<T extends { close(): void }>(thing: T): T {
    this.#close.push(() => thing.close())
    return thing
  }
}

/** What a re-INVITE or UPDATE came to: `200 SDP`, or the status. */
export async function ask(
  dialog: { delegate: FakeIncomingInvite['dialog']['delegate'] },
  offer: string | undefined,
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  dialog.delegate?.onReinvite({
    ...(offer === undefined ? {} : { offer }),
    accept: (sdp) => resolve(`200 ${sdp}`),
    reject: (status) => resolve(`${status}`),
  })
  return promise
}

let nextSeq = 1000

/** A packet of the one arrives at the other, and nothing of it in between was lost for want of a key. */
export async function carries(
  from: { send(packet: { seq: number; ssrc: number; timestamp: number; payload: Buffer }): void },
  to: { readonly received: readonly { readonly payload: Buffer }[] },
  { seq = nextSeq++, ssrc = 77, timeoutMs = 2000 } = {},
): Promise<void> {
  const payload = Buffer.alloc(160, 1 + (seq % 250))
  const before = to.received.length
  from.send({ seq, ssrc, timestamp: (seq * 160) >>> 0, payload })
  await until(
    () => to.received.slice(before).some((packet) => packet.payload.equals(payload)),
    `packet ${seq} arrives`,
    timeoutMs,
  )
}

/** For a while after it was sent nothing of a packet arrives. */
export async function stops(
  from: { send(packet: { seq: number; ssrc: number; timestamp: number; payload: Buffer }): void },
  to: { readonly received: readonly unknown[] },
): Promise<void> {
  const before = to.received.length
  const seq = nextSeq++
  from.send({ seq, ssrc: 77, timestamp: (seq * 160) >>> 0, payload: Buffer.alloc(160, 9) })
  await delay(60)
  if (to.received.length !== before) throw new Error('the packet arrived')
}
