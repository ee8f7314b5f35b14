import type { SdesKeys } from '../../electron/media/protocol.ts'
import type { SrtpEngine } from '../../electron/media/srtp/types.ts'
import { usableCrypto } from '../../electron/sdp/crypto-attribute.ts'
import { parseSdp } from '../../electron/sdp/parse-sdp.ts'
import type { CryptoAttribute, MediaDescription } from '../../electron/sdp/types.ts'
import type { CryptoSuite } from '../../shared/model/media.ts'
import { freshKeys, SipPeer } from '../unit/media/worker/support/sip-peer.ts'

export interface PhoneSdp {
  readonly profile?: string
  readonly tag?: number
  readonly direction?: string
  readonly version?: number
  readonly address?: string
  readonly suite?: CryptoSuite
  /** Instead of our own crypto line. */
  readonly crypto?: readonly string[]
  readonly lines?: readonly string[]
  readonly port?: number
  readonly sections?: readonly string[]
}

export const aes80 = 'AES_CM_128_HMAC_SHA1_80'

/** `a=crypto` of a key, as a phone writes it. */
export function cryptoLine(tag: number, { suite, keys }: SdesKeys): string {
  const [key] = keys
  if (key === undefined) throw new Error('a line needs a key')
  return `a=crypto:${tag} ${suite} inline:${Buffer.concat([key.masterKey, key.masterSalt]).toString('base64')}`
}

/** A SIP phone or trunk: descriptions on one side, real SRTP on the other. */
export class TrunkPhone {
  readonly peer: SipPeer
  /** Crypto lines of Kedge's newest description. */
  lines: readonly CryptoAttribute[] = []
  section: MediaDescription | undefined
  #version = 1

  static async open(engine: SrtpEngine, suite: CryptoSuite | undefined = aes80): Promise<TrunkPhone> {
    return new TrunkPhone(await SipPeer.open(engine, suite))
  }

  static async plain(engine: SrtpEngine): Promise<TrunkPhone> {
    return new TrunkPhone(await SipPeer.open(engine))
  }

  private constructor(peer: SipPeer) {
    this.peer = peer
  }

  /** Our description; `version` counts on its own. */
  sdp(options: PhoneSdp = {}): string {
    const { ours } = this.peer
    const secure = ours !== undefined
    const {
      profile = secure ? 'RTP/SAVP' : 'RTP/AVP',
      tag = 1,
      direction = 'sendrecv',
      address = '127.0.0.1',
    } = options
    const crypto = options.crypto ?? (ours ? [cryptoLine(tag, ours)] : [])
    return [
      'v=0',
      `o=- 7 ${options.version ?? this.#version++} IN IP4 127.0.0.1`,
      's=-',
      `c=IN IP4 ${address}`,
      't=0 0',
      `m=audio ${options.port ?? this.peer.rtp.address().port} ${profile} 0`,
      ...crypto,
      `a=rtcp:${this.peer.rtcp.address().port}`,
      `a=${direction}`,
      ...(options.lines ?? []),
      ...(options.sections ?? []),
      '',
    ].join('\r\n')
  }

  /**
   * Reads what Kedge says: where to send to, and the key that it sends with.
   * @param tag - the line that we took of its offer, or the only one of its answer
   */
  read(sdp: string, tag?: number): void {
    const session = parseSdp(sdp)
    const section = session.media.find(({ port }) => port !== 0)
    if (section === undefined) throw new Error(`no open section in\n${sdp}`)
    this.section = section
    this.lines = usableCrypto(section)
    const { address } = section.connection ?? session.connection ?? { address: '127.0.0.1' }
    this.peer.meet({ address, rtpPort: section.port, rtcpPort: section.port + 1 })
    const line = tag === undefined ? this.lines[0] : this.lines.find((candidate) => candidate.tag === tag)
    if (line === undefined) return
    const theirs: SdesKeys = { suite: line.suite, keys: line.keys }
    // The same key again keeps the context, as it must on the other side.
    if (JSON.stringify(key64(this.peer.theirs)) !== JSON.stringify(key64(theirs))) this.peer.rekeyTheirs(theirs)
  }

  newKey(suite: CryptoSuite = aes80): void {
    this.peer.rekeyOurs(freshKeys(suite))
  }

  close(): void {
    this.peer.close()
  }
}

const key64 = (keys: SdesKeys | undefined) =>
  keys?.keys.map(({ masterKey, masterSalt }) => Buffer.concat([masterKey, masterSalt]).toString('base64'))

export const cryptoOf = (sdp: string): string[] => sdp.split('\r\n').filter((line) => line.startsWith('a=crypto:'))
export const originOf = (sdp: string): string => /^o=.*$/m.exec(sdp)?.[0] ?? ''
export const mediaOf = (sdp: string): string[] => sdp.split('\r\n').filter((line) => line.startsWith('m='))
