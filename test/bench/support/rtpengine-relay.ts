import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { SrtpEngine } from '../../../electron/media/srtp/types.ts'
import { type Bencoded, bdecode, bencode } from '../../harness/bencode.ts'
import { freePort, udpBound } from '../../harness/ports.ts'
import { type PeerProcess, startProcess } from '../../harness/process.ts'
import { SipPeer } from '../../unit/media/worker/support/sip-peer.ts'
import { sha1, WebRtcClient } from '../../unit/media/worker/support/webrtc-client.ts'
import type { Call, Contender } from './relay-contender.ts'

/** Below Kedge's media ports and the system's ephemeral ones; four ports a call. */
const ports = { first: 10_000, last: 16_383 }
const SALT_BYTES = 14
/** About one handshake in ten of werift's client with rtpengine's OpenSSL never ends; the call is then set up anew. */
const HANDSHAKE_TIMEOUT_MS = 700
const ATTEMPTS = 8

const nowhere = { address: '127.0.0.1', port: 9, iceUfrag: '', icePwd: '' }

/** rtpengine without its kernel module: an offer over DTLS-SRTP made into one of RTP/SAVP with SDES keys. */
export class RtpengineRelay implements Contender {
  readonly name = 'rtpengine'
  readonly path = `DTLS-SRTP (no ICE, ${sha1.suite}) <-> SDES-SRTP (${sha1.suite}), userspace (--table=-1)`
  readonly pid: number
  readonly #process: PeerProcess
  readonly #control: Socket
  readonly #controlPort: number
  readonly #engine: SrtpEngine
  #calls = 0

  static async start(engine: SrtpEngine): Promise<RtpengineRelay> {
    const [controlPort, consolePort] = [await freePort(), await freePort()]
    const running = await startProcess({
      name: 'rtpengine',
      command: 'rtpengine',
      args: [
        '--table=-1',
        '--interface=127.0.0.1',
        `--listen-ng=127.0.0.1:${controlPort}`,
        // Its own default would be taken by any other rtpengine.
        `--listen-cli=127.0.0.1:${consolePort}`,
        `--port-min=${ports.first}`,
        `--port-max=${ports.last}`,
        // A call waits for the others to be set up: hundreds take longer than the minute of silence that is its default.
        '--timeout=600',
        '--foreground',
        '--log-stderr',
        '--log-level=3',
      ],
    })
    try {
      await udpBound(controlPort)
    } catch (error) {
      await running.stop()
      throw error
    }
    const control = createSocket('udp4')
    control.bind(0, '127.0.0.1')
    await once(control, 'listening')
    return new RtpengineRelay(running, control, controlPort, engine)
  }

  private constructor(running: PeerProcess, control: Socket, controlPort: number, engine: SrtpEngine) {
    this.#process = running
    this.#control = control
    this.#controlPort = controlPort
    this.#engine = engine
    this.pid = running.pid
  }

  async openCall(): Promise<Call> {
    for (let attempt = 1; ; attempt++) {
      const client = await WebRtcClient.open(this.#engine, { ...nowhere, fingerprint: { algorithm: '', value: '' } })
      const peer = await SipPeer.open(this.#engine, sha1.suite)
      try {
        return await this.#connect(client, peer)
      } catch (error) {
        client.close()
        peer.close()
        if (attempt === ATTEMPTS) throw error
      }
    }
  }

  async close(): Promise<void> {
    this.#control.close()
    await this.#process.stop('SIGKILL')
  }

  async #connect(client: WebRtcClient, peer: SipPeer): Promise<Call> {
    const callId = `bench${++this.#calls}`
    const { algorithm, value } = client.certificate.fingerprint

    const offer = await this.#command({
      command: 'offer',
      'call-id': callId,
      'from-tag': 'a',
      'transport-protocol': 'RTP/SAVP',
      ICE: 'remove',
      'rtcp-mux': ['demux'],
      sdp: sdp(client.socket.address().port, 'UDP/TLS/RTP/SAVP', [
        'a=setup:active',
        `a=fingerprint:${algorithm} ${value}`,
        'a=rtcp-mux',
      ]),
    })
    const offered = new RegExp(`a=crypto:(\\d+) ${sha1.suite} inline:([A-Za-z0-9+/=]+)`).exec(offer)
    if (offered === null) throw new Error(`rtpengine does not offer ${sha1.suite}`)
    const [, tag = '', inline = ''] = offered
    const theirs = Buffer.from(inline, 'base64')
    const keyBytes = theirs.length - SALT_BYTES
    peer.rekeyTheirs({
      suite: sha1.suite,
      keys: [{ masterKey: theirs.subarray(0, keyBytes), masterSalt: theirs.subarray(keyBytes) }],
    })
    const [ours] = peer.ours?.keys ?? []
    if (ours === undefined) throw new Error('the peer has no key')
    const answer = await this.#command({
      command: 'answer',
      'call-id': callId,
      'from-tag': 'a',
      'to-tag': 'b',
      sdp: sdp(peer.rtp.address().port, 'RTP/SAVP', [
        `a=crypto:${tag} ${sha1.suite} inline:${Buffer.concat([ours.masterKey, ours.masterSalt]).toString('base64')}`,
      ]),
    })
    const dtlsPort = mediaPort(answer)
    client.meet({ ...nowhere, port: dtlsPort, fingerprint: { algorithm, value } })
    await client.handshake(sha1, client.certificate, HANDSHAKE_TIMEOUT_MS)
    return [
      {
        localPort: client.socket.address().port,
        remotePort: dtlsPort,
        protect: (packet) => client.protect(packet),
        unprotect: (datagram) => client.unprotect(datagram),
        keepAlive: () => undefined,
        release: () => client.release(),
      },
      {
        localPort: peer.rtp.address().port,
        remotePort: mediaPort(offer),
        protect: (packet) => peer.protect(packet),
        unprotect: (datagram) => peer.unprotect(datagram),
        keepAlive: () => undefined,
        release: () => peer.release(),
      },
    ]
  }

  /** @returns the SDP that rtpengine made of ours */
  async #command(command: Record<string, Bencoded>): Promise<string> {
    const cookie = `${command.command}-${command['call-id']}`
    this.#control.send(`${cookie} ${bencode(command)}`, this.#controlPort, '127.0.0.1')
    const [message] = (await once(this.#control, 'message')) as [Buffer]
    const text = message.toString('latin1')
    if (!text.startsWith(`${cookie} `)) throw new Error(`rtpengine answers something else: ${text.slice(0, 80)}`)
    const reply = bdecode(text.slice(cookie.length + 1)) as Record<string, Bencoded>
    if (reply.result !== 'ok') throw new Error(`rtpengine: ${String(reply['error-reason'])}`)
    return String(reply.sdp)
  }
}

function sdp(port: number, profile: string, attributes: readonly string[]): string {
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} ${profile} 0`,
    'a=rtpmap:0 PCMU/8000',
    ...attributes,
    'a=sendrecv',
    '',
  ].join('\r\n')
}

function mediaPort(text: string): number {
  const port = Number(/^m=audio (\d+) /m.exec(text)?.[1])
  if (!Number.isInteger(port) || port === 0) throw new Error('rtpengine refused the stream')
  return port
}
