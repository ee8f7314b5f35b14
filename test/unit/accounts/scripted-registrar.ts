import type { Connector } from '../../../electron/accounts/connector.ts'
import { createSipEndpoint } from '../../../electron/sip/endpoint.ts'
import type { InboundRequest, Reply } from '../../../electron/sip/endpoint-config.ts'
import type { KeepAlivePlan, SipTransport } from '../../../electron/sip/transport/transport.ts'
import { linkTransports } from '../sip/linked-transports.ts'

export interface ScriptedRegistrar {
  readonly connector: Connector
  /** Every REGISTER and OPTIONS it got: method, CSeq, Contacts. */
  readonly seen: {
    readonly atMs: number
    readonly method: string
    readonly cseq: string
    readonly contacts: readonly string[]
  }[]
  /** What it answers from now on; `silence` is no answer at all. */
  answer: (request: InboundRequest) => Reply
  /** What connecting leads to from now on; an error refuses. */
  connecting: () => Promise<void>
  /** Ends the connection that is open. */
  hangUp(): void
  connections: number
  /** Transport of the connections to come. */
  kind: SipTransport['kind']
  /** Whether the name leads to another server when one fails. */
  otherServers: boolean
  /** Where the next connection leaves from. */
  localAddress: string
  /** Where the server sees the next connection come from, when a NAT lies between. */
  seenAs: { readonly address: string; readonly port: number } | undefined
  /** What the flow in use was told about keep-alives. */
  readonly plans: KeepAlivePlan[]
  /** How it answers calls. */
  inviteStatus: number
  /** Every message that the phone has sent, on whatever flow. */
  readonly texts: string[]
  /** Sends the phone a message of the server's. */
  send(message: string): void
}

/** A registrar without sockets: it counts, and does as it is told. */
export function scriptedRegistrar(): ScriptedRegistrar {
  let server: SipTransport | undefined
  const registrar: ScriptedRegistrar = {
    seen: [],
    connections: 0,
    kind: 'tcp',
    answer: granted(600),
    connecting: async () => undefined,
    otherServers: false,
    localAddress: '127.0.0.1',
    seenAs: undefined,
    plans: [],
    inviteStatus: 480,
    texts: [],
    send: (message) => void server?.send(message),
    connector: {
      async connect() {
        await registrar.connecting()
        registrar.connections += 1
        const link = linkTransports({
          kind: registrar.kind,
          leftPort: 40_000 + registrar.connections,
          leftAddress: registrar.localAddress,
          ...(registrar.seenAs ? { seenAs: registrar.seenAs } : {}),
          copies(text, from) {
            if (from === 'left') registrar.texts.push(text)
            return 1
          },
        })
        server = link.right
        listen(link.right)
        link.left.keepAlive = (plan) => void registrar.plans.push(plan)
        return link.left
      },
      serverFailed: () => registrar.otherServers,
    },
    hangUp: () => server?.close(),
  }

  function listen(transport: SipTransport): void {
    const reply = (request: InboundRequest): Reply => {
      registrar.seen.push({
        atMs: Date.now(),
        method: request.method,
        cseq: request.header('cseq') ?? '',
        contacts: request.headers('contact'),
      })
      return registrar.answer(request)
    }
    const endpoint = createSipEndpoint(transport, {
      aor: 'sip:registrar@example.test',
      contact: { user: 'registrar', hostPort: 'example.test' },
      userAgent: 'registrar',
      answersFor: 'any',
      onRequest: { REGISTER: reply, OPTIONS: reply },
    })
    endpoint.onInvite = (invite) => invite.reject(registrar.inviteStatus)
    const { onMessage } = transport
    transport.onMessage = (bytes) => {
      if (registrar.answer !== silence) onMessage?.(bytes)
    }
  }
  return registrar
}

export const silence = (): Reply => {
  throw new Error('silence does not answer')
}

/** 200 that binds what was asked for. */
export const granted = (seconds: number) => (request: InboundRequest) => ({
  status: 200,
  headers: request
    .headers('contact')
    .map((contact) => `Contact: ${contact.replace(/expires=\d+/, `expires=${seconds}`)}`),
})

export const replies =
  (status: number, ...headers: string[]) =>
  () => ({ status, headers })
