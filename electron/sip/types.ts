import type { ErrorCode } from '../../shared/errors.ts'
import type { SignallingView } from '../../shared/model/call.ts'

/**
 * The SIP stack as the bridge sees it: one endpoint per flow (the window, or one account's connection to its
 * trunk), and INVITE dialogs on it. Bodies are SDP text. The other kinds of request are the endpoint's own affair.
 */
export interface SipAddress {
  /** User part, unescaped, without control and bidirectional characters; empty when the URI has none. */
  readonly user: string
  readonly host: string
  /** Stripped of control and bidirectional characters, at most 64 characters; absent when empty. */
  readonly displayName?: string
}

/** A SIP response as far as the bridge needs it. */
export interface SipResponse {
  /** 100..699 */
  readonly status: number
  readonly reason: string
  readonly toTag?: string
  readonly body?: string
  /** Text of a Warning header (RFC 3261 §20.43), stripped like a display name. */
  readonly warning?: string
  /** Its warn-code, 300..399; 304 to 306 tell what of a description was not understood. */
  readonly warningCode?: number
  readonly retryAfterS?: number
}

/** A dialog as Replaces names it, seen from whoever is to find it (RFC 3891 §3). */
export interface ReplacedDialog {
  readonly callId: string
  /** Tag of the side that the Replaces is sent to. */
  readonly toTag: string
  readonly fromTag: string
  readonly earlyOnly?: true
}

/** Whom a REFER is about. */
export interface ReferTarget {
  /** `sip:USER@HOST`, already escaped, without headers. */
  readonly uri: string
  /** Of the URI, unescaped, as far as it is known. */
  readonly user: string
  readonly host: string
  /** The call of the target's that the new one takes the place of: an attended transfer. */
  readonly replaces?: ReplacedDialog
}

/** What becomes of a REFER that we sent (RFC 3515 §2.4.5). */
export interface ReferDelegate {
  /** Its final response. @param silent - it was taken, and nothing more will be told (RFC 4488) */
  onAnswered(response: SipResponse, silent: boolean): void
  /** What the other side has heard from the target: 100..699. May come before `onAnswered`. */
  onProgress(progress: { readonly status: number; readonly reason: string }): void
  /** No more news will come. */
  onOver(): void
}

/** A REFER that arrived: somebody asks that this call goes on with another party. */
export interface ReceivedRefer {
  readonly target: ReferTarget
  /** Referred-By as it was written, without what cannot be seen; absent when it is longer than anybody's. */
  readonly referredBy?: string
  /** 202; returns how to tell what the target says. From 200 on it is the last word. */
  accept(): (status: number, reason: string) => void
  reject(status: number, warning?: string): void
}

/** A confirmed INVITE dialog (RFC 3261 §12). */
export interface SipDialog {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  /** The other side's URI in From or To, for instance `sip:bob@example.com`. */
  readonly remoteUri: string
  /** Where requests of this dialog go to: the other side's newest Contact. */
  readonly remoteTarget: string
  /** Ends the dialog with BYE; resolves when answered or timed out. Idempotent. */
  bye(): Promise<void>
  /** Sends INFO (RFC 6086) when those before it have been answered; resolves with the final response (any status). */
  info(body: { readonly type: string; readonly content: string }): Promise<SipResponse>
  /** Sends a re-INVITE; resolves with the final response (any status). */
  reinvite(offer: string): Promise<SipResponse>
  /** Asks the other side to call somebody (RFC 3515); the delegate hears later. @throws KedgeError `call/bad-target` */
  refer(target: ReferTarget, delegate: ReferDelegate): void
  /** Set once, by the bridge, when it takes the dialog over. */
  delegate: SipDialogDelegate | undefined
}

/** An offer within a dialog, and the two ways to answer it. */
export interface OfferedInDialog {
  readonly offer?: string
  accept(sdp: string): void
  reject(status: number, warning?: string): void
}

export interface SipDialogDelegate {
  onBye(): void
  /** The dialog was ended from here, because the other side has lost it; without this `onBye` is called. */
  onLost?(reason: ErrorCode): void
  /** The session is to be refreshed by a re-INVITE with an unchanged offer (RFC 4028 §7.4): the peer takes no UPDATE. */
  onRefreshDue?(): void
  /** A re-INVITE or an UPDATE with an offer arrived. Without `offer` it was a re-INVITE without a body. */
  onReinvite(request: OfferedInDialog): void
  /** ACK of a 2xx that carried our offer. */
  onAck?(body: string | undefined): void
  /** Without it a REFER is declined with 603. */
  onRefer?(request: ReceivedRefer): void
}

/** An INVITE that we sent and that has no final answer yet. */
export interface OutgoingInvite {
  readonly callId: string
  /** CANCEL as soon as the rules allow it (RFC 3261 §9.1); a 200 that crosses it is acknowledged and ended with BYE. */
  cancel(): void
}

export interface OutgoingInviteDelegate {
  /** 101..199; `toTag` tells forks apart. Reliable ones have been acknowledged (RFC 3262). */
  onProgress(response: SipResponse): void
  /** An UPDATE with an offer came before the answer (RFC 3311 §5.2); without this it is refused with 488. */
  onEarlyOffer?(request: OfferedInDialog, toTag: string): void
  /** The first 2xx; already acknowledged. Further 2xx of other forks are acknowledged and ended by the endpoint. */
  onAccepted(response: SipResponse, dialog: SipDialog): void
  /** 300..699, or a local failure mapped to 408 or 503. `code` says why when no peer sent a status. */
  onRejected(response: SipResponse, code?: ErrorCode): void
}

/** What a session description in a response is for. */
export type Disposition = 'session' | 'early-session'

/** An INVITE that arrived and has no final answer yet. A 100 has been sent. */
export interface IncomingInvite {
  readonly callId: string
  readonly requestUri: { readonly user: string; readonly host: string }
  readonly from: SipAddress
  readonly to: SipAddress
  /** The offer; absent for an INVITE without a body (RFC 3261 §13.2.1). */
  readonly offer: string | undefined
  /** Values of a header, by its long name in any case, as the peer wrote them. */
  headers(name: string): readonly string[]
  /**
   * 101..199, with SDP for early media.
   * @param disposition - `early-session`: the SDP is no answer, but what the caller may prepare itself with
   *   (Content-Disposition, RFC 3959); it is left out where a provisional response has to be reliable
   */
  progress(status: number, sdp?: string, disposition?: Disposition): void
  /** 200 with SDP; the dialog may be used at once (BYE waits for the ACK, RFC 3261 §15). */
  accept(sdp: string): SipDialog
  reject(
    status: number,
    options?: { readonly reason?: string; readonly warning?: string; readonly warningCode?: number },
  ): void
  /** CANCEL arrived, or the flow was lost. 487 has been sent by the endpoint. */
  onCancelled: (() => void) | undefined
}

export interface OutgoingInviteRequest {
  /** Request-URI and To: `sip:USER@HOST[;params]`, already escaped. */
  readonly target: string
  readonly from?: { readonly user: string; readonly displayName?: string }
  readonly offer: string
  readonly extraHeaders?: readonly string[]
  /** 1..255; 70 when absent (RFC 3261 §8.1.1.6). A forwarded call hands down one less than it came with. */
  readonly maxForwards?: number
}

export interface SipEndpoint {
  /** What is known of this flow's transport, for the security path of a call. */
  readonly signalling: SignallingView
  /** Local address that the flow's packets leave from; media is bound to it too. */
  readonly localAddress: string
  invite(request: OutgoingInviteRequest, delegate: OutgoingInviteDelegate): OutgoingInvite
  /** Called for every new INVITE; set by the bridge. Without it INVITEs are answered 480. */
  onInvite: ((invite: IncomingInvite) => void) | undefined
  close(): Promise<void>
}
