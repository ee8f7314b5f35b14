import { createHash } from 'node:crypto'
import type { AccountSettings } from '../../shared/model/account.ts'
import type { KedgeEndpoint } from '../sip/endpoint.ts'
import { randomToken } from '../sip/message/random.ts'
import type { FinalResponse } from '../sip/response.ts'
import { uriHost } from './connect-account.ts'
import { failureOf, probeOutcome, registerOutcome, type Settled } from './registration-outcome.ts'

/** What one account says to its server, and remembers of it: numbers, Contacts, what was asked for. */
export interface RegistrarClient {
  /** User part of our Contact, which nobody can guess. */
  readonly contactUser: string
  /** Registers, or asks a trunk without registration whether it is there. Never rejects. */
  ask(at: KedgeEndpoint): Promise<Settled>
  /** Takes our own binding back. */
  leave(at: KedgeEndpoint): Promise<FinalResponse>
  /** Asks whether the server is there; any answer says so. */
  ping(at: KedgeEndpoint): Promise<FinalResponse>
}

/** Asked for with each REGISTER, s. Over UDP it also keeps the mapping of a NAT, which forgets within minutes. */
const expiresS = { stream: 600, udp: 120 } as const
/** Between two OPTIONS at a trunk without registration, s. */
const probeS = { stream: 300, udp: 60 } as const

/** Times that one registration is asked for anew for longer (423): whoever wants more has no end of it. */
const maxRaises = 3

/** @param instanceId - UUID of this installation, the same after each start */
export function createRegistrarClient(settings: AccountSettings, instanceId: string): RegistrarClient {
  const target = `sip:${uriHost(settings.domain)}`
  const kind = settings.transport === 'udp' ? 'udp' : 'stream'
  const contactUser = randomToken()
  const callId = randomToken()
  const instance = `"<urn:uuid:${accountInstance(instanceId, settings.id)}>"`
  let cseq = 0
  let requestedS: number = expiresS[kind]
  /** False once a server has said that there is no way for us to have flows (439, RFC 5626 §6). */
  let asksForOutbound = true
  /** The registrar replaces by instance and reg-id: an old Contact need not be taken back, and must not be named. */
  let replacesByInstance = false
  /** Contact of the last registration, to be taken back when the flow, and with it the Contact, has changed. */
  let boundContact: string | undefined

  const parameters = () => `;+sip.instance=${instance}${asksForOutbound ? ';reg-id=1' : ''}`
  const send = (at: KedgeEndpoint, headers: readonly string[]) =>
    at.request('REGISTER', { target, headers, callId, nextCSeq: () => ++cseq })

  async function register(at: KedgeEndpoint): Promise<Settled> {
    for (let raises = 0; ; raises += 1) {
      const { contact } = at
      const hasMoved = boundContact !== undefined && boundContact !== contact && !replacesByInstance
      const old = hasMoved ? [`Contact: ${boundContact};expires=0`] : []
      const own = `Contact: ${contact}${parameters()};expires=${requestedS}`
      const response = await send(at, [own, ...old, `Expires: ${requestedS}`])
      const outcome = registerOutcome(response, contactUser, requestedS)
      if (outcome.kind === 'accepted') {
        boundContact = contact
        replacesByInstance = outcome.word.outbound
        return outcome
      }
      if (outcome.kind === 'tooBrief') {
        if (raises >= maxRaises) return failureOf(response)
        requestedS = outcome.minExpiresS
      } else if (response.status === 439 && asksForOutbound) asksForOutbound = false
      else return outcome
    }
  }

  const ping = (at: KedgeEndpoint) => at.request('OPTIONS', { target, to: target })
  return {
    contactUser,
    ask: async (at) => (settings.register ? register(at) : probeOutcome(await ping(at), probeS[kind])),
    leave: (at) => send(at, [`Contact: ${at.contact}${parameters()};expires=0`, 'Expires: 0']),
    ping,
  }
}

/** Pure: an instance id of its own for each account, so that two providers cannot tell that they serve one person. */
export function accountInstance(instanceId: string, accountId: string): string {
  const hex = createHash('sha256').update(`${instanceId} ${accountId}`).digest('hex')
  // A UUID of version 8 (RFC 9562 §5.8): its content is ours to choose.
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`
}
