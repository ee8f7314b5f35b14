import type {
  Disposition,
  IncomingInvite,
  OutgoingInviteDelegate,
  OutgoingInviteRequest,
  ReferDelegate,
  ReferTarget,
  SipDialog,
  SipEndpoint,
  SipResponse,
} from '../../electron/sip/types.ts'
import type { SignallingView } from '../../shared/model/call.ts'

/** SIP parts that record what is done to them, for tests of what stands above the stack. */
export class FakeDialog implements SipDialog {
  readonly callId: string
  readonly localTag = 'local'
  readonly remoteTag = 'remote'
  readonly remoteUri = 'sip:remote@example.com'
  remoteTarget = 'sip:remote@192.0.2.1:5061;transport=tls'
  delegate: SipDialog['delegate']
  byes = 0
  constructor(callId: string) {
    this.callId = callId
  }
  async bye(): Promise<void> {
    this.byes++
  }
  /** INFO bodies; each is answered with `infoStatus`. */
  readonly infos: { readonly type: string; readonly content: string }[] = []
  infoStatus = 200
  async info(body: { readonly type: string; readonly content: string }): Promise<SipResponse> {
    this.infos.push(body)
    return { status: this.infoStatus, reason: '' }
  }
  readonly refers: { readonly target: ReferTarget; readonly delegate: ReferDelegate }[] = []
  refer(target: ReferTarget, delegate: ReferDelegate): void {
    this.refers.push({ target, delegate })
  }
  /** Offers of ours inside the dialog; each waits for its response. */
  readonly offers: { readonly offer: string; respond(response: SipResponse): void }[] = []
  reinvite(offer: string): Promise<SipResponse> {
    return new Promise((respond) => this.offers.push({ offer, respond }))
  }
}

export class FakeIncomingInvite implements IncomingInvite {
  readonly callId: string
  readonly requestUri: IncomingInvite['requestUri']
  readonly from = { user: 'ada', host: 'example.com', displayName: 'Ada' }
  readonly to = { user: 'window', host: 'example.com' }
  readonly offer: string | undefined
  readonly headerLines: Record<string, readonly string[]> = {}
  onCancelled: (() => void) | undefined
  readonly log: string[] = []
  readonly dialog: FakeDialog
  constructor(callId: string, requestUri: IncomingInvite['requestUri'], offer: string | undefined) {
    this.callId = callId
    this.requestUri = requestUri
    this.offer = offer
    this.dialog = new FakeDialog(callId)
  }
  headers(name: string): readonly string[] {
    return this.headerLines[name.toLowerCase()] ?? []
  }
  progress(status: number, sdp?: string, disposition: Disposition = 'session'): void {
    const purpose = disposition === 'session' ? [] : [disposition]
    this.log.push([status, ...purpose, ...(sdp === undefined ? [] : [sdp])].join(' '))
  }
  accept(sdp: string): SipDialog {
    this.log.push(`200 ${sdp}`)
    return this.dialog
  }
  reject(status: number): void {
    this.log.push(`${status}`)
  }
}

export class FakeEndpoint implements SipEndpoint {
  readonly signalling: SignallingView
  readonly localAddress = '127.0.0.1'
  onInvite: SipEndpoint['onInvite']
  readonly invites: {
    request: OutgoingInviteRequest
    delegate: OutgoingInviteDelegate
    cancelled: number
    dialog: FakeDialog
  }[] = []
  constructor(transport: SignallingView['transport']) {
    this.signalling = { transport }
  }
  invite(request: OutgoingInviteRequest, delegate: OutgoingInviteDelegate) {
    const callId = `callee-${this.invites.length + 1}`
    const sent = { request, delegate, cancelled: 0, dialog: new FakeDialog(callId) }
    this.invites.push(sent)
    return {
      callId,
      cancel: () => {
        sent.cancelled++
      },
    }
  }
  async close(): Promise<void> {}
}
