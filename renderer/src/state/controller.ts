import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ErrorCode } from '../../../shared/errors.ts'
import type { CallChannel, CallInput, Door } from '../../../shared/ipc/contract.ts'
import type { AccountId } from '../../../shared/model/account.ts'
import type { CallView } from '../../../shared/model/call.ts'
import type { Contact } from '../../../shared/model/contact.ts'
import type { DesktopSettings } from '../../../shared/model/desktop.ts'
import type { PracticeRing } from '../../../shared/model/practice.ts'
import type { WindowSettings } from '../../../shared/model/settings.ts'
import { Devices } from '../devices/devices.ts'
import { indexContacts, learnNumbers } from '../people/contact-index.ts'
import { Phone, type PhoneListener } from '../phone/phone.ts'
import { AccountDesk } from './account-desk.ts'
import { AutoAnswer } from './auto-answer.ts'
import { CallRecorder } from './call-recorder.ts'
import { Checkup } from './checkup.ts'
import { Contacts } from './contacts.ts'
import type { ControllerParts } from './controller-parts.ts'
import { endedWithoutWord } from './ended-without-word.ts'
import { FrontCall } from './front-call.ts'
import { HistoryList } from './history-list.ts'
import { MutedSpeech } from './muted-speech.ts'
import { Recordings } from './recordings.ts'
import { Requests } from './requests.ts'
import { Returning } from './returning.ts'
import { accountOf, canCall, runningCalls, toneOf } from './selectors.ts'
import { SupportDesk } from './support-desk.ts'
import { Talk } from './talk.ts'
import { TransferDesk } from './transfer-desk.ts'
import {
  initialState,
  type Page,
  type PendingCall,
  type WindowState,
  withAppState,
  withMember,
  withoutMember,
} from './window-state.ts'

/** How long the main process may take to say how a call ended before the window says that it does not know. */
const endReasonWaitMs = 1_000

/** The window's actions: what a press does. Screens read `store` and call these; nothing else changes state. */
export class Controller {
  readonly store: StoreApi<WindowState> = createStore(() => initialState)
  readonly accounts: AccountDesk
  readonly history: HistoryList
  readonly contacts: Contacts
  readonly recordings: Recordings
  readonly recorder: CallRecorder
  readonly support: SupportDesk
  readonly devices: Devices
  readonly checkup: Checkup
  readonly front: FrontCall
  readonly transfers: TransferDesk
  readonly #talk: Talk
  readonly #returning: Returning
  readonly #muted: MutedSpeech
  readonly #requests: Requests
  readonly #parts: ControllerParts
  readonly #door: Door
  readonly #phone: Phone

  constructor(parts: ControllerParts) {
    this.#parts = parts
    this.#door = parts.door
    const onProblem = (code: ErrorCode) => this.#set({ problem: { kind: 'error', code } })
    this.history = new HistoryList(parts.door, onProblem)
    this.support = new SupportDesk(parts.door, onProblem)
    this.contacts = new Contacts({
      door: parts.door,
      prepare: (contacts) => learnNumbers(contacts, parts.country),
      show: (contacts) => this.#showContacts(contacts),
      onProblem,
    })
    this.#showContacts([])
    this.devices = new Devices({
      ...parts.sound,
      onMicrophone: (changed) => this.#phone.switchMicrophones(changed),
      save: (settings) => void this.saveSettings(settings),
      onPresent: (devices) => this.support.noteDevices(devices),
    })
    this.#muted = new MutedSpeech(parts, (speakingMuted) => this.#set({ speakingMuted }))
    this.#phone = new Phone({ ...parts, openMicrophone: () => this.openMicrophone() }, this.#phoneListener())
    this.#returning = new Returning({
      storage: parts.storage,
      rejoin: (id, held) => this.#phone.rejoin(id, held),
      mute: (callId, muted) => this.#mute(callId, muted),
      state: () => this.#state,
      set: (change) => this.#set(change),
    })
    this.front = new FrontCall(this, parts.now)
    this.#requests = new Requests({
      calls: () => this.#state.app?.calls ?? [],
      hasSession: (callId) => this.#phone.has(callId),
      answer: (call) => this.answer(call),
      decline: (call) => this.hangUp(call),
      onFront: (action) => this.front.act(action),
      showTarget: (target) => this.#set({ page: { name: 'phone' }, asked: { target } }),
    })
    this.#talk = new Talk({
      phone: this.#phone,
      mute: (callId, muted) => this.#mute(callId, muted),
      playRemote: parts.playRemote,
      state: () => this.#state,
      set: (change) => this.#set(change),
    })
    this.transfers = new TransferDesk({
      talk: this.#talk,
      ask: (channel, input) => this.#ask(channel, input),
      set: (change) => this.#set(change),
    })
    this.accounts = new AccountDesk({
      door: parts.door,
      ask: (channel, input) => this.#ask(channel, input),
      state: () => this.#state,
      set: (change) => this.#set(change),
    })
    this.recordings = new Recordings(parts.door, onProblem)
    this.recorder = new CallRecorder({
      door: parts.door,
      record: parts.record,
      sidesOf: (callId) => ({ microphone: this.#phone.microphoneOf(callId), remote: this.#talk.streamOf(callId) }),
      setTone: (callId, on) =>
        this.#phone.setTone(callId, on && this.#state.app?.settings?.recordingTone ? parts.addTone : undefined),
      onChange: (recorded) => this.#set({ recorded }),
      onKept: () => void this.recordings.refresh(),
      onProblem,
    })
    this.checkup = new Checkup(parts, this.#phone, this.devices, () => this.#state)
    const autoAnswer = new AutoAnswer({
      state: () => this.#state,
      beep: parts.playBeep,
      answer: (call) => this.answer(call),
      later: parts.later,
    })
    this.store.subscribe((state) => {
      autoAnswer.look()
      parts.playTone(toneOf(state))
      this.#talk.play()
    })
  }

  start(): void {
    this.#door.on('state', (app) => this.#show((state) => withAppState(state, app)))
    this.#door.on('request', (request) => this.#requests.take(request))
    this.#door.sip.onOpen((open) => {
      this.#set({ connected: open })
      if (open) void this.#refresh()
    })
    void this.#refresh()
    this.devices.start()
    void this.#phone.start()
  }

  /** From the press of Call, Try again or Echo test. A call that goes on is put on hold. */
  placeCall(accountId: AccountId, user: string): void {
    if (!this.#state.connected) {
      this.#set({ problem: { kind: 'error', code: 'ipc/disconnected' } })
      return
    }
    if (!canCall(this.#state)) return
    this.#talk.leaveOthers()
    const { page, app } = this.#state
    const returnTo = page.name === 'practice' ? page : undefined
    this.#set({ problem: undefined, ended: undefined, page: { name: 'phone' }, adding: undefined, returnTo })
    // Another account than the default was chosen for this call alone.
    if (app?.settings?.defaultAccountId !== undefined) this.#set({ chosenAccountId: undefined })
    const callId = this.#phone.place(accountId, user)
    this.#set({ pending: { callId, accountId, user, startedAt: this.#parts.now() } })
  }

  /** From the press of Answer. A call that goes on is put on hold. */
  answer(call: CallView): void {
    if (!this.#phone.has(call.localCallId) || this.#state.answering.has(call.localCallId)) return
    this.#talk.leaveOthers(call.localCallId)
    const answering = withMember(this.#state.answering, call.localCallId)
    this.#set({ answering, front: call.id, page: { name: 'phone' }, adding: undefined })
    this.#phone.answer(call.localCallId)
  }

  /** From the press of Take the call back. */
  rejoin(call: CallView): void {
    this.#talk.leaveOthers(call.localCallId)
    this.#set({ front: call.id })
    this.#returning.takeBack(call)
  }

  /** Takes back a call that the main process has not shown yet. */
  cancel({ callId }: PendingCall): void {
    this.#phone.hangUp(callId)
    this.#set({ pending: undefined })
  }

  /** Ends, cancels or declines, whichever the call's state makes it; by the main process when its session is not here. */
  hangUp(call: CallView, refusal: 'declined' | 'busy' = 'declined'): void {
    if (this.#phone.has(call.localCallId)) this.#phone.hangUp(call.localCallId, refusal)
    else void this.#ask('endCall', { id: call.id })
  }

  /** From the press of End: ends a call, or the whole conference that it is in. */
  end(call: CallView): void {
    const { conference } = this.#state
    const together = runningCalls(this.#state).filter(({ localCallId }) => conference.has(localCallId))
    for (const one of conference.has(call.localCallId) ? together : [call]) this.hangUp(one)
  }

  /** Mutes a call, or the whole conference that it is in. */
  setMuted(callId: string, muted: boolean): void {
    const { conference } = this.#state
    for (const member of conference.has(callId) ? conference : [callId]) this.#mute(member, muted)
  }

  setHeld(callId: string, held: boolean): Promise<void> {
    return this.#talk.hold(callId, held)
  }

  /** Turns to another call that goes on. */
  swapTo(call: CallView): Promise<void> {
    return this.#talk.turnTo(call)
  }

  /** Makes one conversation of all calls. */
  joinCalls(): Promise<void> {
    return this.#talk.join()
  }

  /** Goes on with one call of the conference; the others wait. */
  splitTo(call: CallView): Promise<void> {
    return this.#talk.split(call)
  }

  /** Looks for somebody to call while a call goes on, or comes back from that. */
  addCall(adding: WindowState['adding']): void {
    this.#set({ adding, page: { name: 'phone' } })
  }

  /** Lets a call ring that comes in during another one, without a word of it. */
  ignore(call: CallView): void {
    this.#set({ ignored: withMember(this.#state.ignored, call.id) })
  }

  /** Opens the chosen microphone; for a call through the gate, and for the test that the user asked for. */
  openMicrophone(): Promise<MediaStream> {
    return this.#parts.openDevice(this.devices.store.getState().chosen.microphone?.id)
  }

  testSound(role: 'speaker' | 'ringer'): void {
    this.#parts.playTest(role)
  }

  sendTone(callId: string, tone: string): boolean {
    const call = this.#state.app?.calls.find(({ localCallId }) => localCallId === callId)
    if (call && accountOf(this.#state, call.accountId)?.settings.dtmf === 'info') {
      void this.#sendDigit(call.id, tone)
      return true
    }
    const sent = this.#phone.sendDtmf(callId, tone)
    if (!sent) this.#set({ problem: { kind: 'no-tones' } })
    return sent
  }

  dismissEnded(): void {
    const { returnTo, page } = this.#state
    this.#set({ ended: undefined, returnTo: undefined, page: page.name === 'phone' && returnTo ? returnTo : page })
  }

  dismissProblem(): void {
    this.#set({ problem: undefined })
  }

  /** The link's target was called or is not wanted. */
  dismissAsked(): void {
    this.#set({ asked: undefined })
  }

  saveDesktop(desktop: DesktopSettings): Promise<boolean> {
    return this.#ask('saveSettings', { settings: { desktop } } as CallInput<'saveSettings'>)
  }

  installUpdate(): Promise<boolean> {
    return this.#ask('installUpdate', {})
  }

  goTo(page: Page): void {
    this.#set({ page })
  }

  /** The user agrees that this account calls in clear where the trunk refuses encryption, this peer too, and calls it again. */
  async callInClear(id: AccountId, user: string): Promise<void> {
    if (await this.#ask('allowClear', { id, user })) this.placeCall(id, user)
  }

  demoCallMe(scenario: PracticeRing = 'tone'): Promise<boolean> {
    return this.#ask('demoCallMe', { scenario })
  }

  /** Changes the settings that are named. */
  saveSettings(settings: Partial<WindowSettings>): Promise<boolean> {
    return this.#ask('saveSettings', { settings } as CallInput<'saveSettings'>)
  }

  /** The account's trunk takes keys as SIP INFO, which the main process sends. */
  async #sendDigit(id: string, digit: string): Promise<void> {
    const result = await this.#door.call('sendDigit', { id, digit })
    if (!result.ok) this.#set({ problem: { kind: 'no-tones' } })
  }

  /** Asks, and shows on the screen what went wrong. True when it was done. */
  async #ask<C extends CallChannel>(channel: C, input: CallInput<C>): Promise<boolean> {
    const result = await this.#door.call(channel, input)
    this.#set({ problem: result.ok ? undefined : { kind: 'error', code: result.error.code } })
    return result.ok
  }

  async #refresh(): Promise<void> {
    const result = await this.#door.call('state', {})
    if (result.ok) this.#show((state) => withAppState(state, result.value))
    // A connection that is not there yet, or not again, is asked anew when it is.
    else if (result.error.code !== 'ipc/disconnected')
      this.#set({ problem: { kind: 'error', code: result.error.code } })
  }

  #show(change: (state: WindowState) => WindowState): void {
    this.store.setState(change)
    const { app } = this.#state
    if (!app) return
    this.#phone.reconcile(app.calls)
    this.#returning.look(app.calls)
    this.#talk.follow(app.calls)
    this.history.sync(app.historyRevision)
    this.contacts.sync(app.contactsRevision)
    this.devices.adopt(app.settings)
    this.#requests.look()
  }

  #mute(callId: string, muted: boolean): void {
    const change = muted ? withMember : withoutMember
    this.#phone.mute(callId, muted)
    this.#muted.watch(callId, muted ? this.#phone.microphoneOf(callId) : undefined)
    this.#set({ muted: change(this.#state.muted, callId) })
    this.#returning.noteMuted(callId, muted)
  }

  #showContacts(contacts: readonly Contact[]): void {
    this.#set({ contacts: indexContacts(contacts, this.#parts.country) })
  }

  #phoneListener(): PhoneListener {
    return {
      onSession: (callId) => {
        this.#set({ sessions: withMember(this.#state.sessions, callId) })
        this.#requests.look()
      },
      onRemoteStream: (callId, stream) => this.#talk.heard(callId, stream),
      onMixChanged: () => this.#talk.mix(),
      onMicrophoneFailed: (callId, failure) => {
        const { pending } = this.#state
        const retry = pending?.callId === callId ? { retry: pending } : {}
        this.#set({ problem: { kind: 'microphone', failure, ...retry }, pending: undefined })
      },
      onSessionEnded: (callId, sipStatus) => {
        this.#set({ sessions: withoutMember(this.#state.sessions, callId) })
        this.#muted.watch(callId, undefined)
        this.#talk.heard(callId, undefined)
        this.#returning.ended(callId)
        void this.recorder.stop(callId)
        const { pending } = this.#state
        if (pending?.callId === callId)
          this.#parts.later(() => this.#endWithoutWord(pending, sipStatus), endReasonWaitMs)
      },
    }
  }

  #endWithoutWord(pending: PendingCall, sipStatus: number | undefined): void {
    if (this.#state.pending?.callId !== pending.callId) return
    this.#set({ pending: undefined, ended: endedWithoutWord(pending, sipStatus, this.#parts.now()) })
  }

  get #state(): WindowState {
    return this.store.getState()
  }

  #set(change: Partial<WindowState>): void {
    this.store.setState(change)
  }
}
