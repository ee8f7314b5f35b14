import { Invitation, Inviter, type Session, SessionState, UserAgent } from 'sip.js'
import type { IncomingResponse } from 'sip.js/lib/core/index.js'
import { type Door, windowAor } from '../../../shared/ipc/contract.ts'
import type { CallView } from '../../../shared/model/call.ts'
import { CallMedia } from './call-media.ts'
import { callTarget, rejoinTarget } from './call-target.ts'
import { Conference } from './conference.ts'
import type { AddTone } from './consent-tone.ts'
import { DoorTransport, type DoorTransportOptions } from './door-transport.ts'
import { MicrophoneError, type MicrophoneFailure, MicrophoneGate } from './microphone.ts'
import type { Mixer } from './mixer.ts'

export interface PhoneParts {
  readonly door: Door
  openMicrophone(): Promise<MediaStream>
  createPeerConnection(): RTCPeerConnection
  readonly mixVoices: Mixer
}

/** What the phone tells the window. Calls are named by the Call-ID of the leg toward the window. */
export interface PhoneListener {
  onSession(callId: string, direction: CallView['direction']): void
  onRemoteStream(callId: string, stream: MediaStream): void
  /** The conference has to be joined anew: one of its microphones is another. */
  onMixChanged(): void
  onMicrophoneFailed(callId: string, failure: MicrophoneFailure): void
  /** The SIP session is gone; `sipStatus` is the final response of a refused INVITE. */
  onSessionEnded(callId: string, sipStatus?: number): void
}

interface PhoneSession {
  readonly session: Inviter | Invitation
  media?: CallMedia
  /** True once the main process has shown this call, so that its later absence means something. */
  seen: boolean
  muted: boolean
  /** The change of hold that was asked for last. */
  holding: Promise<boolean>
}

/** Longer than any trunk lets a phone ring; the main process decides when nobody answers. */
const noAnswerTimeoutS = 600
/** RFC 3261 §21.6.2 and §21.4.24. The second lets a forwarding for "busy" take over. */
const refusals = { declined: 603, busy: 486 } as const

/**
 * The window's own SIP user agent. It carries out what the user presses; what is true about a call (state, security,
 * why it ended) comes from the main process and is not kept here.
 */
export class Phone {
  readonly #listener: PhoneListener
  readonly #parts: PhoneParts
  readonly #gate: MicrophoneGate
  readonly #conference: Conference
  /** Call-IDs of the conference, in the order in which they were joined. */
  #joined: readonly string[] = []
  readonly #sessions = new Map<string, PhoneSession>()
  readonly #userAgent: UserAgent
  /** Calls that are to be on hold from their first description on. */
  readonly #heldFromStart = new Set<string>()
  /** Call-IDs of the calls that hear the user. */
  #hearers: readonly string[] = []

  constructor(parts: PhoneParts, listener: PhoneListener) {
    this.#parts = parts
    this.#listener = listener
    this.#gate = new MicrophoneGate(parts.openMicrophone)
    this.#conference = new Conference(parts.mixVoices)
    const uri = UserAgent.makeURI(windowAor)
    if (!uri) throw new Error('the address of record of the window is no SIP URI')
    this.#userAgent = new UserAgent({
      uri,
      contactName: uri.user ?? 'window',
      transportConstructor: DoorTransport,
      transportOptions: { sip: parts.door.sip } satisfies DoorTransportOptions,
      sessionDescriptionHandlerFactory: (session) => this.#openMedia(session),
      noAnswerTimeout: noAnswerTimeoutS,
      logBuiltinEnabled: false,
      logConfiguration: false,
      userAgentString: 'Kedge',
      delegate: {
        onInvite: (invitation) => this.#add(invitation, 'incoming'),
        onDisconnect: (error) => {
          if (error) void this.#userAgent.reconnect()
        },
      },
    })
  }

  /** Resolves when the door is open for the first time. */
  start(): Promise<void> {
    return this.#userAgent.start()
  }

  async stop(): Promise<void> {
    await this.#userAgent.stop()
  }

  /** To be called when the user presses Call. Returns the Call-ID at once; what follows is told to the listener. */
  place(accountId: string, user: string): string {
    return this.#invite(new Inviter(this.#userAgent, callTarget(user, accountId), { earlyMedia: true }))
  }

  /**
   * Takes up a call that the user is in and that has lost its window. To be called when the user presses for it, or in the
   * window where the user had pressed Call or Answer for this very call.
   * @param held - it is to be on hold from the first
   */
  rejoin(id: string, held: boolean): string {
    return this.#invite(new Inviter(this.#userAgent, rejoinTarget(id)), held)
  }

  #invite(inviter: Inviter, held = false): string {
    const callId = this.#add(inviter, 'outgoing')
    this.#gate.consent(callId)
    if (held) this.#heldFromStart.add(callId)
    let sipStatus: number | undefined
    const requestDelegate = {
      onProgress: ({ message }: IncomingResponse) => this.#prepareTransport(callId, message),
      onReject: ({ message }: IncomingResponse) => {
        sipStatus = message.statusCode
      },
    }
    inviter.stateChange.addListener((state) => {
      // SIP.js tells of the refusal right after the change of state that it causes.
      if (state === SessionState.Terminated) queueMicrotask(() => this.#remove(callId, sipStatus))
    })
    inviter.invite({ requestDelegate }).catch((error: unknown) => this.#failed(callId, error))
    return callId
  }

  /** What a ringing call brings with it is for ICE and DTLS alone (`electron/bridge/ring-caller.ts`). */
  #prepareTransport(callId: string, message: IncomingResponse['message']): void {
    const disposition: { readonly type?: string } | undefined = message.parseHeader('Content-Disposition')
    if (disposition?.type !== 'early-session') return
    // Where that cannot be, they wait for the answer.
    this.#sessions
      .get(callId)
      ?.media?.prepareTransport(message.body)
      .catch(() => undefined)
  }

  /** To be called when the user presses Answer, and from nowhere else: it opens the microphone. */
  answer(callId: string): void {
    const session = this.#sessions.get(callId)?.session
    if (!(session instanceof Invitation) || session.state !== SessionState.Initial) return
    this.#gate.consent(callId)
    session.accept().catch((error: unknown) => {
      this.#failed(callId, error)
      // SIP.js leaves the INVITE unanswered when the media could not be opened; the caller must not ring on.
      if (session.state === SessionState.Establishing) this.#end(session)
    })
  }

  /** Ends the call in whatever state it is: cancel, refuse or bye. */
  hangUp(callId: string, refusal: keyof typeof refusals = 'declined'): void {
    const known = this.#sessions.get(callId)
    if (!known) return
    known.media?.close()
    this.#end(known.session, refusal)
  }

  /**
   * From now on these calls hear the user and no other does, whatever they have negotiated. A call that begins hears
   * nothing until it is named here.
   */
  talkTo(callIds: readonly string[]): void {
    this.#hearers = callIds
    for (const [callId, { media }] of this.#sessions) media?.park(!callIds.includes(callId))
  }

  mute(callId: string, muted: boolean): void {
    const known = this.#sessions.get(callId)
    if (!known) return
    known.muted = muted
    known.media?.mute(muted)
  }

  /**
   * Puts a call on hold or takes that back, by a re-INVITE. Resolves with false when the other side refused or the call
   * is not up; it then stays as it was.
   */
  hold(callId: string, held: boolean): Promise<boolean> {
    const known = this.#sessions.get(callId)
    if (!known) return Promise.resolve(false)
    // One after the other: SIP.js refuses a re-INVITE while another is under way, and a refusal restores what was agreed.
    known.holding = known.holding.then(() => negotiateHold(known, held))
    return known.holding
  }

  /**
   * Mixes these calls, and no others, so that each of their other sides hears all the rest. Fewer than two are none.
   * @returns what the conference sounds like here
   */
  join(callIds: readonly string[]): MediaStream | undefined {
    this.#joined = callIds
    return this.#remix()
  }

  #remix(): MediaStream | undefined {
    return this.#conference.set(this.#joined.flatMap((callId) => this.#sessions.get(callId)?.media ?? []))
  }

  /** @param tones - of 0-9, A-D, `*`, `#`. False when the call cannot carry tones. */
  sendDtmf(callId: string, tones: string): boolean {
    return this.#sessions.get(callId)?.media?.sendDtmf(tones) ?? false
  }

  /** The media of a call as it can be looked at; undefined before there is any. */
  mediaOf(callId: string): Pick<CallMedia, 'stats' | 'connection' | 'microphone'> | undefined {
    return this.#sessions.get(callId)?.media
  }

  /** The other side hears that it is recorded, or no longer. */
  setTone(callId: string, add: AddTone | undefined): void {
    void this.#sessions.get(callId)?.media?.setTone(add)
  }

  microphoneOf(callId: string): MediaStream | undefined {
    return this.#sessions.get(callId)?.media?.microphone
  }

  /**
   * Takes another microphone in every call that has one open.
   * @param all - false: only where the one in use is gone
   */
  switchMicrophones(all: boolean): void {
    if (all) this.#gate.renew()
    for (const { media } of this.#sessions.values())
      if (media && (all || media.microphoneLost)) void media.switchMicrophone()
  }

  has(callId: string): boolean {
    return this.#sessions.has(callId)
  }

  /**
   * Lets go of sessions whose call the main process has ended or forgotten, so that no microphone stays open for a
   * call that is over: the BYE may have been lost with the link.
   */
  reconcile(calls: readonly CallView[]): void {
    const running = new Set(calls.filter((call) => call.state !== 'ended').map((call) => call.localCallId))
    for (const [callId, known] of this.#sessions) {
      if (running.has(callId)) known.seen = true
      else if (known.seen) this.hangUp(callId)
    }
  }

  #add(session: Inviter | Invitation, direction: CallView['direction']): string {
    const { callId } = session.request
    // A CANCEL may overtake SIP.js's own provisional answer; such an invitation is over before it is shown.
    if (session.state === SessionState.Terminated) return callId
    this.#sessions.set(callId, { session, seen: false, muted: false, holding: Promise.resolve(true) })
    if (direction === 'incoming') {
      session.stateChange.addListener((state) => {
        if (state === SessionState.Terminated) this.#remove(callId)
      })
    }
    this.#listener.onSession(callId, direction)
    return callId
  }

  #remove(callId: string, sipStatus?: number): void {
    this.#gate.withdraw(callId)
    this.#sessions.get(callId)?.media?.close()
    if (this.#sessions.delete(callId)) this.#listener.onSessionEnded(callId, sipStatus)
  }

  #failed(callId: string, error: unknown): void {
    if (error instanceof MicrophoneError) this.#listener.onMicrophoneFailed(callId, error.failure)
  }

  #end(session: Inviter | Invitation, refusal: keyof typeof refusals = 'declined'): void {
    const ended = endSession(session, refusals[refusal])
    // The peer may have ended it in the same moment; SIP.js then rejects what is no longer needed.
    ended?.catch(() => undefined)
  }

  #openMedia(session: Session): CallMedia {
    const callId = session instanceof Inviter || session instanceof Invitation ? session.request.callId : ''
    const media = new CallMedia({
      createPeerConnection: this.#parts.createPeerConnection,
      openMicrophone: () => this.#gate.open(callId),
      onRemoteStream: (stream) => this.#listener.onRemoteStream(callId, stream),
      onMicrophoneChanged: () => this.#listener.onMixChanged(),
      onMicrophoneLost: (error) => this.#failed(callId, error),
      onFailed: () => this.hangUp(callId),
    })
    if (this.#heldFromStart.delete(callId)) media.hold(true)
    media.park(!this.#hearers.includes(callId))
    const known = this.#sessions.get(callId)
    if (known) {
      media.mute(known.muted)
      known.media = media
    }
    return media
  }
}

async function negotiateHold({ session, media }: PhoneSession, held: boolean): Promise<boolean> {
  if (!media) return false
  if (media.held === held) return true
  if (session.state !== SessionState.Established) return false
  media.hold(held)
  const done = Promise.withResolvers<boolean>()
  const requestDelegate = { onAccept: () => done.resolve(true), onReject: () => done.resolve(false) }
  session.invite({ requestDelegate }).catch(() => done.resolve(false))
  const accepted = await done.promise
  if (!accepted) media.hold(!held)
  return accepted
}

function endSession(session: Inviter | Invitation, statusCode: number): Promise<unknown> | undefined {
  switch (session.state) {
    case SessionState.Initial:
    case SessionState.Establishing:
      return session instanceof Inviter ? session.cancel() : session.reject({ statusCode })
    case SessionState.Established:
      return session.bye()
    default:
      return undefined
  }
}
