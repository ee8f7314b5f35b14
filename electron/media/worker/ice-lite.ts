import { randomBytes } from 'node:crypto'
import {
  errorCode,
  parseStun,
  printStun,
  type StunMessage,
  stunAttribute,
  stunMethod,
  stunValue,
  unknownAttributes,
  unknownRequired,
  verifyIntegrity,
  xorMappedAddress,
} from './stun.ts'

export interface IceCredentials {
  readonly ufrag: string
  readonly pwd: string
}

/** What became of one STUN datagram. `reply` goes back to its source. Without a reply nothing is sent at all. */
export type StunOutcome =
  | { readonly kind: 'checked'; readonly reply: Buffer; readonly nominated: boolean }
  | { readonly kind: 'refused'; readonly reply: Buffer }
  | { readonly kind: 'malformed' }
  /** Not made by someone who knows our password for this leg. */
  | { readonly kind: 'foreign' }

interface ValidatedSource {
  readonly address: string
  readonly port: number
  checkedAtMs: number
}

/** A source is forgotten when it was not checked for this long (consent, RFC 7675 §5.1). */
const CONSENT_MS = 30_000
/** More sources than a browser has interfaces; the least recently checked one makes room. */
const MAX_SOURCES = 8

const understood: ReadonlySet<number> = new Set(Object.values(stunAttribute))

/**
 * The ICE-lite side of one leg (RFC 8445 §7.3, RFC 8445 §2.5): it only answers checks and remembers which sources passed.
 * Those sources, and nobody else, may speak DTLS and SRTP to us.
 *
 * A restart (RFC 8445 §9) adds credentials; the former ones hold until a check under the new ones has passed.
 * Departure from RFC 8489 §9.1.3: a request that fails its integrity check gets no 400 or 401, it is dropped. Only
 * strangers on this machine could receive such an answer.
 */
export class IceLite {
  #local: IceCredentials
  #former: IceCredentials | undefined
  #remoteUfrag: string | undefined
  readonly #sources: ValidatedSource[] = []
  #selected: ValidatedSource | undefined
  readonly #isOwnAddress: (address: string) => boolean

  /** @param isOwnAddress - whether an address belongs to this machine: a check from elsewhere is never answered */
  constructor(isOwnAddress: (address: string) => boolean) {
    this.#isOwnAddress = isOwnAddress
    this.#local = freshCredentials()
  }

  get credentials(): IceCredentials {
    return this.#local
  }

  /** Where media and DTLS are sent: the source nominated last, or before any nomination the one checked first. */
  get selected(): { readonly address: string; readonly port: number } | undefined {
    return this.#selected
  }

  /** From now on checks must name the peer's fragment too. */
  setRemoteUfrag(ufrag: string): void {
    this.#remoteUfrag = ufrag
  }

  /** New credentials on the same socket; validated sources stay, so that media goes on meanwhile (RFC 8445 §9). */
  restart(): IceCredentials {
    this.#former = this.#local
    this.#local = freshCredentials()
    this.#remoteUfrag = undefined
    return this.#local
  }

  isValidated(address: string, port: number): boolean {
    const sources = this.#sources
    for (let index = 0; index < sources.length; index++) {
      const source = sources[index]
      if (source !== undefined && source.port === port && source.address === address) return true
    }
    return false
  }

  /** Forgets sources whose consent has run out. Call it now and then. */
  expire(nowMs: number): void {
    for (let index = this.#sources.length - 1; index >= 0; index--) {
      const source = this.#sources[index]
      if (source !== undefined && nowMs - source.checkedAtMs > CONSENT_MS) this.#remove(index)
    }
  }

  receive(datagram: Buffer, address: string, port: number, nowMs: number): StunOutcome {
    const message = parseStun(datagram)
    if (message === undefined) return { kind: 'malformed' }
    // A lite agent sends no requests, so it is due no responses; indications need no answer (RFC 8445 §2.5).
    if (message.type !== stunMethod.bindingRequest) return { kind: 'foreign' }
    const credentials = this.#authenticate(message)
    if (credentials === undefined || !this.#isOwnAddress(address)) return { kind: 'foreign' }

    const unknown = unknownRequired(message, understood)
    if (unknown.length > 0) {
      return refusal(message, credentials, 420, 'Unknown Attribute', {
        type: stunAttribute.unknownAttributes,
        value: unknownAttributes(unknown),
      })
    }
    // A lite agent is always the controlled one (RFC 8445 §6.1.1).
    if (stunValue(message, stunAttribute.iceControlled) !== undefined) {
      return refusal(message, credentials, 487, 'Role Conflict')
    }

    if (credentials === this.#local) this.#former = undefined
    const source = this.#validate(address, port, nowMs)
    const nominated = stunValue(message, stunAttribute.useCandidate) !== undefined
    // With several nominations the last one counts: browsers move a call to another interface this way.
    if (nominated || this.#selected === undefined) this.#selected = source
    const attributes = [{ type: stunAttribute.xorMappedAddress, value: xorMappedAddress(address, port) }]
    const reply = { type: stunMethod.bindingSuccess, transactionId: message.transactionId, attributes }
    return { kind: 'checked', reply: printStun(reply, credentials.pwd), nominated }
  }

  #authenticate(message: StunMessage): IceCredentials | undefined {
    const username = stunValue(message, stunAttribute.username)?.toString()
    if (username === undefined || stunValue(message, stunAttribute.fingerprint) === undefined) return undefined
    for (const credentials of [this.#local, this.#former]) {
      if (credentials === undefined || !username.startsWith(`${credentials.ufrag}:`)) continue
      const peer = username.slice(credentials.ufrag.length + 1)
      const peerKnown = credentials === this.#local ? this.#remoteUfrag : undefined
      if (peerKnown !== undefined && peer !== peerKnown) return undefined
      return verifyIntegrity(message, credentials.pwd) ? credentials : undefined
    }
    return undefined
  }

  #validate(address: string, port: number, nowMs: number): ValidatedSource {
    const known = this.#sources.find((source) => source.port === port && source.address === address)
    if (known !== undefined) {
      known.checkedAtMs = nowMs
      return known
    }
    if (this.#sources.length === MAX_SOURCES) {
      const oldest = this.#sources.reduce((a, b) => (b.checkedAtMs < a.checkedAtMs ? b : a))
      this.#remove(this.#sources.indexOf(oldest))
    }
    const source = { address, port, checkedAtMs: nowMs }
    this.#sources.push(source)
    return source
  }

  #remove(index: number): void {
    const [removed] = this.#sources.splice(index, 1)
    if (removed === this.#selected) this.#selected = this.#sources.at(-1)
  }
}

function refusal(
  message: StunMessage,
  credentials: IceCredentials,
  status: number,
  reason: string,
  ...more: { readonly type: number; readonly value: Uint8Array }[]
): StunOutcome {
  const attributes = [{ type: stunAttribute.errorCode, value: errorCode(status, reason) }, ...more]
  const reply = { type: stunMethod.bindingError, transactionId: message.transactionId, attributes }
  return { kind: 'refused', reply: printStun(reply, credentials.pwd) }
}

/** 48 and 144 random bits in ice-chars (RFC 8445 §5.3 asks for 24 and 128); hexadecimal digits are ice-chars. */
function freshCredentials(): IceCredentials {
  return { ufrag: randomBytes(6).toString('hex'), pwd: randomBytes(18).toString('hex') }
}
