import type { SrtpEngine } from '../../../electron/media/srtp/types.ts'
import type { OutgoingInviteDelegate, OutgoingInviteRequest } from '../../../electron/sip/types.ts'
import { FakeEndpoint, FakeIncomingInvite } from '../../fakes/sip.ts'
import { WindowPhone } from '../../fakes/window-phone.ts'
import { Voice } from '../../harness/voice.ts'
import { until } from '../../unit/media/worker/support/until.ts'

const consentMs = 5_000

/** A call as the window's own side has it. */
export interface WindowCall {
  readonly phone: WindowPhone
  readonly voice: Voice
  hangUp(): void
}

/**
 * The window without a browser: its SIP is played by hand, its media is a real ICE check, a real DTLS handshake and
 * SRTP, and it speaks a tone. It answers every call at once.
 */
export class ScriptedWindow extends FakeEndpoint implements AsyncDisposable {
  readonly hz: number
  answers = true
  /** Payload types of its answers, its favourite first. */
  formats = '0 126'
  readonly answered: WindowCall[] = []
  readonly #engine: SrtpEngine
  readonly #open: Disposable[] = []
  #failure: unknown

  constructor(engine: SrtpEngine, hz: number) {
    super('local')
    this.#engine = engine
    this.hz = hz
  }

  override invite(request: OutgoingInviteRequest, delegate: OutgoingInviteDelegate) {
    const outgoing = super.invite(request, delegate)
    const sent = this.invites.at(-1)
    if (this.answers && sent) this.#answer(sent).catch((error: unknown) => (this.#failure = error))
    return outgoing
  }

  /** The call that came in, once its media runs. */
  async rung(timeoutMs = 10_000): Promise<WindowCall> {
    await until(() => this.answered.length > 0 || this.#failure !== undefined, 'a call in the window', timeoutMs)
    const call = this.answered.shift()
    if (call === undefined) throw this.#failure
    return call
  }

  /** Dials in G.711; resolves when the call is answered and its media runs. @throws with the status when it is refused */
  async dial(user: string, accountId: string, timeoutMs = 15_000): Promise<WindowCall> {
    const phone = await WindowPhone.open(this.#engine)
    const offer = phone.offer().replace(/^(m=audio .* UDP\/TLS\/RTP\/SAVPF) .*$/m, '$1 0 126')
    const requestUri = { user, host: `${accountId}.accounts.kedge.invalid` }
    const invite = new FakeIncomingInvite(`window-${Math.random()}`, requestUri, offer)
    this.onInvite?.(invite)
    const final = () => invite.log.find((line) => !line.startsWith('1'))
    await until(() => final() !== undefined, 'a final response to the window', timeoutMs)
    const response = final() ?? ''
    if (!response.startsWith('200 ')) {
      phone.close()
      throw new Error(response)
    }
    phone.read(response.slice(4))
    return this.#talk(phone, () => invite.dialog.delegate?.onBye())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const thing of this.#open) thing[Symbol.dispose]()
  }

  async #answer(sent: ScriptedWindow['invites'][number]): Promise<void> {
    const phone = await WindowPhone.open(this.#engine)
    phone.read(sent.request.offer)
    sent.delegate.onAccepted({ status: 200, reason: 'OK', body: phone.answer(this.formats) }, sent.dialog)
    this.answered.push(await this.#talk(phone, () => sent.dialog.delegate?.onBye()))
  }

  async #talk(phone: WindowPhone, hangUp: () => void): Promise<WindowCall> {
    this.#open.push({ [Symbol.dispose]: () => phone.close() })
    await phone.connect()
    // A browser asks for consent all the time (RFC 7675 §5.1); without it Kedge sends nothing for long.
    const consent = setInterval(() => phone.client.sendRaw(phone.client.bindingRequest()), consentMs)
    this.#open.unshift({ [Symbol.dispose]: () => clearInterval(consent) })
    const voice = new Voice(phone.client, this.hz)
    this.#open.unshift(voice)
    voice.start()
    return { phone, voice, hangUp }
  }
}
