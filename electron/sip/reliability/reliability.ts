import type { Clock } from '../clock.ts'
import type { RawMessage } from '../message/raw-message.ts'
import { inviteClient, inviteServer, nonInviteClient, nonInviteServer, type TimerName } from './tables.ts'
import { type AnyTable, runTransaction, type Transaction } from './transaction.ts'
import { factsOf, factsOfText, type TransactionFacts } from './transaction-key.ts'

/** What SIP.js core leaves out over UDP, between it and the transport. */
export interface Reliability {
  /** A message of the core's. Resolves when handed to the network, at once for what is absorbed. */
  send(message: string): Promise<void>
  /** @returns true when the core shall see this message; false when it was absorbed or answered here */
  receive(message: RawMessage): boolean
  /** A request that was passed on is not going to be answered: it holds no place, and a repetition is looked at anew. */
  forget(message: RawMessage): void
  /** Stops all repetitions. */
  close(): void
}

export interface ReliabilityDeps {
  readonly clock: Clock
  readonly transmit: (message: string) => Promise<void>
}

/** Requests remembered at once. Past it new ones are dropped in silence: their senders repeat them. */
const maxServers = 1024

interface Machine {
  readonly table: AnyTable
  readonly state: string
  readonly timers: readonly TimerName[]
}

const clientMachine = (method: string): Machine =>
  method === 'INVITE'
    ? { table: inviteClient, state: 'calling', timers: ['A', 'B'] }
    : { table: nonInviteClient, state: 'trying', timers: ['E', 'F'] }

const serverMachine = (method: string): Machine =>
  method === 'INVITE'
    ? { table: inviteServer, state: 'proceeding', timers: [] }
    : { table: nonInviteServer, state: 'trying', timers: [] }

export function createReliability({ clock, transmit }: ReliabilityDeps): Reliability {
  const clients = new Map<string, Transaction>()
  const servers = new Map<string, Transaction>()

  // A repetition that cannot be sent is as good as lost: the next one follows, or the timer that ends the transaction.
  const resend = (message: string) => void transmit(message).catch(() => undefined)

  function open(into: Map<string, Transaction>, key: string, { table, ...first }: Machine): Transaction {
    const transaction = runTransaction(table, first, { clock, resend, onTerminated: () => into.delete(key) })
    into.set(key, transaction)
    return transaction
  }

  function sendRequest(message: string, { method, key }: TransactionFacts): Promise<void> {
    const existing = clients.get(key)
    if (method === 'ACK') {
      // The ACK of a refusal; that of a 2xx has a branch of its own and is repeated by the core.
      existing?.rememberAck(message)
      if (existing && !existing.input('ack').transmit) return Promise.resolve()
    } else if (!existing) {
      open(clients, key, clientMachine(method)).remember(message)
    }
    return transmit(message)
  }

  function sendResponse(message: string, { key }: TransactionFacts, status: number): Promise<void> {
    const server = servers.get(key)
    if (!server) return transmit(message)
    const { transmit: wanted } = server.input(`send${statusClass(status)}`)
    if (!wanted) return Promise.resolve()
    server.remember(message)
    return transmit(message)
  }

  function receiveRequest({ method, key }: TransactionFacts): boolean {
    const server = servers.get(key)
    if (server) return server.input(method === 'ACK' ? 'ack' : 'request').passUp
    if (method === 'ACK') return true
    if (servers.size >= maxServers) return false
    open(servers, key, serverMachine(method))
    return true
  }

  return {
    send(message) {
      const facts = factsOfText(message)
      if (!facts) return transmit(message)
      return facts.status === undefined ? sendRequest(message, facts) : sendResponse(message, facts, facts.status)
    },
    receive(message) {
      const facts = factsOf(message)
      if (!facts) return false
      if (facts.status === undefined) return receiveRequest(facts)
      return clients.get(facts.key)?.input(statusClass(facts.status)).passUp ?? false
    },
    forget(message) {
      const facts = factsOf(message)
      if (!facts || facts.status !== undefined) return
      servers.get(facts.key)?.dispose()
      servers.delete(facts.key)
    },
    close() {
      for (const transaction of [...clients.values(), ...servers.values()]) transaction.dispose()
      clients.clear()
      servers.clear()
    },
  }
}

function statusClass(status: number): '1xx' | '2xx' | '3xx-6xx' {
  if (status < 200) return '1xx'
  return status < 300 ? '2xx' : '3xx-6xx'
}
