import type { SdesKeys, SipRemote } from '../../media/protocol.ts'
import type { SrtpEngine, SrtpReceiver, SrtpResult, SrtpSender } from '../../media/srtp/types.ts'

/** What stands between a session and its sockets: SRTP both ways, or nothing where plain RTP was agreed on. */
export interface PacketGuard {
  readonly secure: boolean
  protectRtp(buffer: Uint8Array, length: number): SrtpResult
  protectRtcp(buffer: Uint8Array, length: number): SrtpResult
  unprotectRtp(buffer: Uint8Array, length: number): SrtpResult
  unprotectRtcp(buffer: Uint8Array, length: number): SrtpResult
  /** Takes over what a later offer and answer agreed on. Keys that did not change keep their context and its ROC. */
  update(keys: SipRemote['srtp']): void
  /** Wipes the keys. Idempotent. */
  close(): void
}

export function createPacketGuard(engine: SrtpEngine, keys: SipRemote['srtp']): PacketGuard {
  return keys === undefined ? plainGuard : createSrtpGuard(engine, keys)
}

const unchanged = (_buffer: Uint8Array, length: number): SrtpResult => length

const plainGuard: PacketGuard = {
  secure: false,
  protectRtp: unchanged,
  protectRtcp: unchanged,
  unprotectRtp: unchanged,
  unprotectRtcp: unchanged,
  update: () => undefined,
  close: () => undefined,
}

function createSrtpGuard(engine: SrtpEngine, initial: NonNullable<SipRemote['srtp']>): PacketGuard {
  let keys = initial
  let sender: SrtpSender = createSender(engine, keys.send)
  const receiver: SrtpReceiver = engine.createReceiver(keys.receive.suite, keys.receive.keys)
  return {
    secure: true,
    protectRtp: (buffer, length) => sender.protectRtp(buffer, length),
    protectRtcp: (buffer, length) => sender.protectRtcp(buffer, length),
    unprotectRtp: (buffer, length) => receiver.unprotectRtp(buffer, length),
    unprotectRtcp: (buffer, length) => receiver.unprotectRtcp(buffer, length),
    update(next) {
      if (next === undefined) return
      if (!sameSdesKeys(next.receive, keys.receive)) receiver.rekey(next.receive.suite, next.receive.keys)
      if (!sameSdesKeys(next.send, keys.send)) {
        sender.close()
        sender = createSender(engine, next.send)
      }
      keys = next
    },
    close() {
      sender.close()
      receiver.close()
    },
  }
}

function createSender(engine: SrtpEngine, { suite, keys: [key] }: SdesKeys): SrtpSender {
  if (key === undefined) throw new TypeError('a sender needs a key')
  return engine.createSender(suite, key)
}

function sameSdesKeys(a: SdesKeys, b: SdesKeys): boolean {
  return (
    a.suite === b.suite &&
    a.keys.length === b.keys.length &&
    a.keys.every((key, at) => {
      const other = b.keys[at]
      return (
        other !== undefined &&
        Buffer.compare(key.masterKey, other.masterKey) === 0 &&
        Buffer.compare(key.masterSalt, other.masterSalt) === 0 &&
        Buffer.compare(key.mki ?? noMki, other.mki ?? noMki) === 0
      )
    })
  )
}

const noMki = new Uint8Array(0)
