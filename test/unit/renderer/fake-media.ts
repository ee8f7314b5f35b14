/** Stand-ins for the browser's media, just real enough for a session description handler. */

export class FakeTrack extends EventTarget {
  readonly kind = 'audio'
  enabled = true
  readyState: 'live' | 'ended' = 'live'
  stop(): void {
    this.readyState = 'ended'
  }
  /** The device is unplugged. */
  vanish(): void {
    this.stop()
    this.dispatchEvent(new Event('ended'))
  }
}

export class FakeStream {
  readonly track = new FakeTrack()
  readonly copies: FakeStream[] = []
  clone(): FakeStream {
    const copy = new FakeStream()
    copy.track.enabled = this.track.enabled
    this.copies.push(copy)
    return copy
  }
  getTracks(): FakeTrack[] {
    return [this.track]
  }
  getAudioTracks(): FakeTrack[] {
    return [this.track]
  }
}

const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\n'

export class FakePeerConnection {
  signalingState: RTCSignalingState = 'stable'
  connectionState: RTCPeerConnectionState = 'new'
  localDescription: RTCSessionDescriptionInit | null = null
  ontrack: unknown = null
  onconnectionstatechange: (() => void) | null = null
  readonly added: FakeTrack[] = []
  closed = false
  readonly tones: string[] = []
  canInsertDTMF = true

  addTrack(track: FakeTrack): void {
    this.added.push(track)
  }
  createOffer(): Promise<RTCSessionDescriptionInit> {
    return Promise.resolve({ type: 'offer', sdp })
  }
  createAnswer(): Promise<RTCSessionDescriptionInit> {
    return Promise.resolve({ type: 'answer', sdp })
  }
  setLocalDescription(description: RTCSessionDescriptionInit): Promise<void> {
    this.localDescription = description
    this.signalingState = description.type === 'offer' ? 'have-local-offer' : 'stable'
    return Promise.resolve()
  }
  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    this.signalingState = description.type === 'offer' ? 'have-remote-offer' : 'stable'
    return Promise.resolve()
  }
  readonly transceiver: { direction: RTCRtpTransceiverDirection } = this.#transceiver()
  getTransceivers(): unknown[] {
    return [this.transceiver]
  }
  getSenders(): unknown[] {
    const insertDTMF = (tones: string) => this.tones.push(tones)
    const dtmf = { canInsertDTMF: this.canInsertDTMF, toneBuffer: '', insertDTMF }
    const replaceTrack = (track: FakeTrack) => {
      this.added.splice(-1, 1, track)
      return Promise.resolve()
    }
    return [{ dtmf, track: this.added.at(-1), replaceTrack }]
  }
  /** WebRTC §5.4: the direction of a connection that is closed cannot be changed. */
  #transceiver(): { direction: RTCRtpTransceiverDirection } {
    const isClosed = () => this.closed
    let direction: RTCRtpTransceiverDirection = 'sendrecv'
    return {
      get direction() {
        return direction
      },
      set direction(wanted) {
        if (isClosed()) throw new Error('InvalidStateError')
        direction = wanted
      },
    }
  }
  fail(): void {
    this.connectionState = 'failed'
    this.onconnectionstatechange?.()
  }
  close(): void {
    this.closed = true
    this.signalingState = 'closed'
  }
}
