import { MicrophoneError, type MicrophoneFailure } from '../../../renderer/src/phone/microphone.ts'
import type { Mixer } from '../../../renderer/src/phone/mixer.ts'
import { Phone, type PhoneListener } from '../../../renderer/src/phone/phone.ts'
import { FakePeerConnection, FakeStream, FakeTrack } from './fake-media.ts'
import { ScriptedDoor } from './scripted-door.ts'

/** A phone of the real SIP.js user agent, with the main process and the media played by the test. */
export class PhoneRig {
  readonly phone: Phone
  readonly peers: FakePeerConnection[] = []
  readonly streams: FakeStream[] = []
  readonly ended: { callId: string; sipStatus: number | undefined }[] = []
  readonly microphoneFailures: MicrophoneFailure[] = []
  readonly sessions: string[] = []
  /** Set to have the system refuse the microphone. */
  refuse: MicrophoneFailure | undefined
  /** While set, the system is still asking the user for permission. */
  permission: Promise<void> | undefined

  /** What each party of the conference that was mixed last is sent. */
  mixes: FakeTrack[][] = []
  readonly mix: Mixer = (voices) => {
    const tracks = voices.map(() => new FakeTrack())
    this.mixes.push(tracks)
    return {
      toEach: tracks as unknown as MediaStreamTrack[],
      here: new FakeStream() as unknown as MediaStream,
      close: () => undefined,
    }
  }

  readonly #sip = new ScriptedDoor()

  /** @param onRinging - called when an invitation reaches the listener */
  constructor(onRinging: (callId: string) => void = () => undefined) {
    const listener: PhoneListener = {
      onSession: (callId, direction) => {
        this.sessions.push(callId)
        if (direction === 'incoming') onRinging(callId)
      },
      onRemoteStream: () => undefined,
      onMixChanged: () => undefined,
      onMicrophoneFailed: (_callId, failure) => this.microphoneFailures.push(failure),
      onSessionEnded: (callId, sipStatus) => this.ended.push({ callId, sipStatus }),
    }
    this.phone = new Phone(
      {
        door: this.#sip.door,
        openMicrophone: () => this.#openMicrophone(),
        mixVoices: (voices) => this.mix(voices),
        createPeerConnection: () => {
          const peer = new FakePeerConnection()
          this.peers.push(peer)
          return peer as unknown as RTCPeerConnection
        },
      },
      listener,
    )
  }

  /** How often the microphone was really opened. */
  get opened(): number {
    return this.streams.length
  }

  get liveTracks(): number {
    return this.streams.filter((stream) => stream.track.readyState === 'live').length
  }

  async start(): Promise<void> {
    const started = this.phone.start()
    this.#sip.open(true)
    await started
  }

  get sent(): string[] {
    return this.#sip.sent
  }

  async deliver(message: string): Promise<void> {
    this.#sip.deliver(message)
    await settle()
  }

  async setOpen(open: boolean): Promise<void> {
    this.#sip.open(open)
    await settle()
  }

  lastSent(start: string): string | undefined {
    return this.#sip.lastSent(start)
  }

  async #openMicrophone(): Promise<MediaStream> {
    await this.permission
    if (this.refuse) throw new MicrophoneError(this.refuse, undefined)
    const stream = new FakeStream()
    this.streams.push(stream)
    return stream as unknown as MediaStream
  }
}

/** Lets promises run on; no timer of SIP.js is due in that time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
}

const offer = 'v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n'

export interface RequestParts {
  readonly callId: string
  readonly cseq?: number
  readonly toTag?: string | undefined
  readonly headers?: readonly string[]
  readonly body?: string
}

/** A request of the main process to the window. */
export function request(method: string, parts: RequestParts): string {
  const { callId, cseq = 1, toTag, headers = [], body = method === 'INVITE' ? offer : '' } = parts
  // A CANCEL has the branch of what it cancels (RFC 3261 §9.1); the ACK of a 2xx is a transaction of its own (§17).
  const branchMethod = method === 'CANCEL' ? 'INVITE' : method
  return [
    `${method} sip:window@kedge.invalid SIP/2.0`,
    `Via: SIP/2.0/WS main.invalid;branch=z9hG4bK-${callId}-${branchMethod}-${cseq}`,
    'Max-Forwards: 70',
    `From: "Caller" <sip:caller@work.accounts.kedge.invalid>;tag=main-${callId}`,
    `To: <sip:window@kedge.invalid>${toTag ? `;tag=${toTag}` : ''}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} ${method}`,
    'Contact: <sip:main@main.invalid;transport=ws>',
    ...headers,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

/** A response to a request that the window sent, with its Via, From, Call-ID and CSeq. */
export function response(to: string, status: number, reason: string, body = ''): string {
  const copied = to.split('\r\n').filter((line) => /^(?:Via|From|Call-ID|CSeq):/u.test(line))
  const target = to.split('\r\n').find((line) => line.startsWith('To:')) ?? ''
  return [
    `SIP/2.0 ${status} ${reason}`,
    ...copied,
    target.includes(';tag=') ? target : `${target};tag=main`,
    'Contact: <sip:main@main.invalid;transport=ws>',
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

export const answerSdp = offer
export const headerOf = (message: string | undefined, name: string): string =>
  message
    ?.split('\r\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trim() ?? ''
export const toTagOf = (message: string | undefined): string =>
  /;tag=([^;\s]+)/u.exec(headerOf(message, 'To'))?.[1] ?? ''
