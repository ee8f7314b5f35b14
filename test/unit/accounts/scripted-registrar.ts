import { createSipEndpoint } from '../../../electron/sip/endpoint.ts'
import type { InboundRequest, Reply } from '../../../electron/sip/endpoint-config.ts'
import type { SipTransport } from '../../../electron/sip/transport/transport.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { linkTransports } from '../sip/linked-transports.ts'

export interface ScriptedRegistrar {
  readonly connect: (settings: AccountSettings) => Promise<SipTransport>
  /** Every REGISTER and OPTIONS it got: method, CSeq, Contacts. */
  readonly seen: {
    readonly atMs: number
    readonly method: string
    readonly cseq: string
    readonly contacts: readonly string[]
  }[]
  /** What it answers from now on; the last one given. `undefined` is silence. */
  answer: (request: InboundRequest) => Reply | undefined
  /** What connecting leads to from now on; an error refuses. */
  connecting: () => Promise<void>
  /** Ends the connection that is open. */
  hangUp(): void
  connections: number
}

/** A registrar without sockets: it counts, and does as it is told. */
export function scriptedRegistrar(): ScriptedRegistrar {
  let server: SipTransport | undefined
  const registrar: ScriptedRegistrar = {
    seen: [],
    connections: 0,
    answer: granted(600),
    connecting: async () => undefined,
    async connect() {
      await registrar.connecting()
      registrar.connections += 1
      const link = linkTransports()
      server = link.right
      listen(link.right)
      return link.left
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
      const answer = registrar.answer(request)
      if (!answer) throw new Error('silence')
      return answer
    }
    const endpoint = createSipEndpoint(transport, {
      aor: 'sip:registrar@example.test',
      contact: { user: 'registrar', hostPort: 'example.test' },
      userAgent: 'registrar',
      answersFor: 'any',
      onRequest: { REGISTER: reply, OPTIONS: reply },
    })
    const { onMessage } = transport
    // Silence is silence: the endpoint would say 500 where the script says nothing.
    transport.onMessage = (bytes) => {
      const send = transport.send
      if (registrar.answer === silence) transport.send = async () => undefined
      onMessage?.(bytes)
      transport.send = send
    }
    void endpoint
  }
  return registrar
}

export const silence = () => undefined

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
