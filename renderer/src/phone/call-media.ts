import type { BodyAndContentType, SessionDescriptionHandler } from 'sip.js'
import type { AddTone, TonedVoice } from './consent-tone.ts'

export interface CallMediaParts {
  createPeerConnection(): RTCPeerConnection
  /** Opens the microphone for this call; rejects before the user's consent. */
  openMicrophone(): Promise<MediaStream>
  onRemoteStream(stream: MediaStream): void
  /** Another microphone is open, and not sent yet because the call sends a mix. */
  onMicrophoneChanged(): void
  /** The microphone was lost in the call, and no other could be opened. */
  onMicrophoneLost(error: unknown): void
  /** ICE or DTLS toward the main process failed for good. */
  onFailed(): void
}

const toneMs = 120
const toneGapMs = 60

/**
 * The media of one call in the window: one peer connection, one microphone track, one remote stream. Descriptions go
 * out without waiting for ICE candidates: the other side is ICE-lite on this machine and learns our address from our
 * own checks (RFC 8445 §7.3.1.3).
 */
export class CallMedia implements SessionDescriptionHandler {
  readonly #parts: CallMediaParts
  readonly #peer: RTCPeerConnection
  #microphone: MediaStream | undefined
  #remote: MediaStream | undefined
  /** Sent instead of the microphone alone: a mix that has the microphone in it. */
  #mixed: MediaStreamTrack | undefined
  #addTone: AddTone | undefined
  #toned: TonedVoice | undefined
  #muted = false
  #held = false
  #parked = false
  #closed = false

  constructor(parts: CallMediaParts) {
    this.#parts = parts
    this.#peer = parts.createPeerConnection()
    this.#peer.ontrack = (event) => {
      this.#remote = event.streams[0] ?? new MediaStream([event.track])
      parts.onRemoteStream(this.#remote)
    }
    this.#peer.onconnectionstatechange = () => {
      if (this.#peer.connectionState === 'failed') parts.onFailed()
    }
  }

  hasDescription(contentType: string): boolean {
    return contentType === 'application/sdp'
  }

  async getDescription(): Promise<BodyAndContentType> {
    await this.#addMicrophone()
    const answering = this.#peer.signalingState === 'have-remote-offer'
    await this.#peer.setLocalDescription(await (answering ? this.#peer.createAnswer() : this.#peer.createOffer()))
    const body = this.#peer.localDescription?.sdp
    if (body === undefined) throw new Error('the call ended before its media was described')
    return { body, contentType: 'application/sdp' }
  }

  async setDescription(sdp: string): Promise<void> {
    const offered = this.#peer.signalingState === 'have-local-offer'
    const type = offered || this.#peer.signalingState === 'have-remote-pranswer' ? 'answer' : 'offer'
    await this.#peer.setRemoteDescription({ type, sdp })
  }

  /**
   * ICE and DTLS begin while the call rings: a provisional answer (RFC 9429 §4.1.8.1) that takes no sound. The answer
   * itself then finds them done.
   */
  async prepareTransport(sdp: string): Promise<void> {
    if (this.#closed || this.#peer.signalingState !== 'have-local-offer') return
    await this.#peer.setRemoteDescription({ type: 'pranswer', sdp })
  }

  async rollbackDescription(): Promise<void> {
    if (this.#peer.signalingState === 'have-local-offer') await this.#peer.setLocalDescription({ type: 'rollback' })
    if (this.#peer.signalingState === 'have-remote-offer') await this.#peer.setRemoteDescription({ type: 'rollback' })
  }

  /** Sends RFC 4733 events after those still queued. False when the call has not agreed on telephone-event. */
  sendDtmf(tones: string): boolean {
    const dtmf = this.#peer.getSenders().find((sender) => sender.dtmf)?.dtmf
    if (!dtmf?.canInsertDTMF) return false
    dtmf.insertDTMF(dtmf.toneBuffer + tones, toneMs, toneGapMs)
    return true
  }

  /** A muted call sends silence: the track stays, so nothing is negotiated and the other side hears no change. */
  mute(muted: boolean): void {
    this.#muted = muted
    this.#silence()
  }

  /**
   * What the next description says: held, this side sends (silence) and takes nothing (RFC 3264 §8.4). Nothing is
   * negotiated here.
   */
  hold(held: boolean): void {
    this.#held = held
    this.#silence()
    if (this.#closed) return
    for (const transceiver of this.#peer.getTransceivers()) transceiver.direction = held ? 'sendonly' : 'sendrecv'
  }

  /** Silent here, whatever was negotiated: the user does not talk in this call. */
  park(parked: boolean): void {
    this.#parked = parked
    this.#silence()
  }

  get held(): boolean {
    return this.#held
  }

  #silence(): void {
    const enabled = !this.#muted && !this.#held && !this.#parked
    for (const track of this.#microphone?.getTracks() ?? []) track.enabled = enabled
  }

  /** What the browser has measured of this call so far (webrtc-stats). */
  stats(): Promise<RTCStatsReport> {
    return this.#peer.getStats()
  }

  get connection(): RTCPeerConnectionState {
    return this.#peer.connectionState
  }

  /** What the other side says; undefined before its first description. */
  get remote(): MediaStream | undefined {
    return this.#remote
  }

  /** @param mixed - to be sent in place of the microphone alone; undefined: the microphone again */
  async send(mixed: MediaStreamTrack | undefined): Promise<void> {
    this.#mixed = mixed
    await this.#sendVoice()
  }

  /** What is sent has a tone in it from now on, or has none any more; nothing is negotiated. */
  async setTone(add: AddTone | undefined): Promise<void> {
    this.#addTone = add
    await this.#sendVoice()
  }

  async #sendVoice(): Promise<void> {
    const voice = this.#mixed ?? this.#microphone?.getAudioTracks()[0]
    if (!voice || this.#closed) return
    const before = this.#toned
    this.#toned = this.#addTone?.(voice)
    await this.#sender()?.replaceTrack(this.#toned?.track ?? voice)
    before?.close()
  }

  #sender(): RTCRtpSender | undefined {
    return this.#peer.getSenders().find((candidate) => candidate.track?.kind === 'audio')
  }

  /** The microphone of this call; undefined before it is open. */
  get microphone(): MediaStream | undefined {
    return this.#microphone
  }

  /** True when the device behind the microphone is gone. */
  get microphoneLost(): boolean {
    return this.#microphone?.getAudioTracks().some(({ readyState }) => readyState === 'ended') ?? false
  }

  /** Takes the microphone that is to be used now, without a new negotiation; the call goes on whether it works or not. */
  async switchMicrophone(): Promise<void> {
    if (!this.#microphone || this.#closed) return
    try {
      await this.#takeMicrophone(await this.#parts.openMicrophone())
    } catch (error) {
      this.#parts.onMicrophoneLost(error)
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const track of this.#microphone?.getTracks() ?? []) track.stop()
    this.#toned?.close()
    this.#peer.close()
  }

  async #takeMicrophone(stream: MediaStream): Promise<void> {
    const [track] = stream.getAudioTracks()
    const sender = this.#sender()
    if (this.#closed || !track || !sender) {
      for (const unused of stream.getTracks()) unused.stop()
      return
    }
    const before = this.#microphone
    this.#use(stream)
    if (this.#mixed) this.#parts.onMicrophoneChanged()
    else await this.#sendVoice()
    for (const old of before?.getTracks() ?? []) old.stop()
  }

  /** Mutes it as the call is muted, and listens for the device being unplugged. */
  #use(stream: MediaStream): void {
    this.#microphone = stream
    this.#silence()
    for (const track of stream.getAudioTracks()) track.addEventListener('ended', () => void this.switchMicrophone())
  }

  async #addMicrophone(): Promise<void> {
    if (this.#microphone) return
    const stream = await this.#parts.openMicrophone()
    // The user may hang up while the system still asks for permission; what it then hands over is let go at once.
    if (this.#closed) {
      for (const track of stream.getTracks()) track.stop()
      throw new Error('the call ended before the microphone was open')
    }
    this.#use(stream)
    for (const track of stream.getAudioTracks()) this.#peer.addTrack(track, stream)
    if (this.#held) this.hold(true)
  }
}
