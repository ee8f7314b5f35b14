import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { startTrunk, type Trunk } from './trunk.ts'
import type { PhoneAnswer, PhoneQuestion, Way } from './types.ts'

/** How one message ended. */
export interface Verdict {
  readonly file: string
  readonly way: Way
  /** `accepted`: handed to a dialog, or answered (or taken, for a response) as the valid message it is. */
  readonly outcome: 'accepted' | 'refused'
  /** Statuses that came back, in order; empty when there was no answer. */
  readonly statuses: readonly number[]
  /** The valid OPTIONS after it was answered. */
  readonly answered: boolean
  /** Calls that rang because of it. */
  readonly rang: number
  /** The stream could not be followed any more and was closed (RFC 3261 §18.3). */
  readonly closed: boolean
}

export interface TortureReport {
  readonly verdicts: readonly Verdict[]
  readonly crashes: number
  readonly maxStallMs: number
}

export interface TortureMessage {
  readonly file: string
  readonly bytes: Uint8Array
}

/** Answers that say "this is no proper message, or asks for what nobody here can do", whatever it is about. */
const refusals = new Set([400, 406, 413, 414, 415, 416, 420, 482, 483, 488, 500, 505, 513])

/** How long the OPTIONS after a message may take: a message that never arrives whole holds a stream for five seconds. */
const answerMs = 15_000

/** Sends every message each way to a running softphone, each followed by a valid OPTIONS. */
export async function torture(messages: readonly TortureMessage[], ways: readonly Way[]): Promise<TortureReport> {
  const verdicts: Verdict[] = []
  let crashes = 0
  let maxStallMs = 0
  for (const way of ways) {
    let victim = await startVictim(way)
    const transactions = new Set<string>()
    for (const message of messages) {
      const transaction = transactionOf(message.bytes)
      if (transactions.has(transaction)) {
        maxStallMs = Math.max(maxStallMs, (await victim.ask('report')).maxStallMs)
        await victim.close()
        victim = await startVictim(way)
        transactions.clear()
      }
      transactions.add(transaction)
      const verdict = await sendOne(victim, message)
      verdicts.push(verdict)
      if (!victim.crashed()) continue
      crashes += 1
      await victim.close()
      victim = await startVictim(way)
    }
    if (!victim.crashed()) maxStallMs = Math.max(maxStallMs, (await victim.ask('report')).maxStallMs)
    await victim.close()
  }
  return { verdicts, crashes, maxStallMs }
}

/**
 * Two files with one method and one top Via are one transaction to the phone, and the second a repetition of the first:
 * it gets a fresh phone.
 */
function transactionOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1')
  return `${text.match(/^\S+/)?.[0]} ${text.match(/\r\nvia\s*:([^\r]*)/i)?.[1]}`
}

interface Victim {
  readonly way: Way
  readonly trunk: Trunk
  ask(question: PhoneQuestion): Promise<PhoneAnswer>
  crashed(): boolean
  close(): Promise<void>
}

const crashedAnswer: PhoneAnswer = { state: 'unregistered', rang: 0, maxStallMs: 0 }

async function startVictim(way: Way): Promise<Victim> {
  const trunk = await startTrunk(way)
  const settings: AccountSettings = {
    id: 'torture',
    label: 'Torture',
    domain: 'example.com',
    server: '127.0.0.1',
    port: trunk.port,
    transport: way === 'udp' ? 'udp' : 'tcp',
    username: 'user',
    register: true,
    encryption: 'off',
  }
  const worker = new Worker(new URL('phone.ts', import.meta.url), { workerData: settings })
  let error: unknown
  let deliver: (answer: PhoneAnswer) => void = () => undefined
  worker.on('message', (reply: PhoneAnswer) => deliver(reply))
  worker.on('error', (cause) => {
    error = cause
    deliver(crashedAnswer)
  })
  const victim: Victim = {
    way,
    trunk,
    crashed: () => error !== undefined,
    ask(question) {
      if (error !== undefined) return Promise.resolve(crashedAnswer)
      return new Promise((resolve) => {
        deliver = resolve
        worker.postMessage(question)
      })
    },
    async close() {
      if (error === undefined) {
        const gone = once(worker, 'exit')
        worker.postMessage('close')
        await gone
      }
      await trunk.close()
    },
  }
  while ((await victim.ask('report')).state !== 'registered') {
    if (error !== undefined) throw new Error('the phone does not start', { cause: error })
    await sleep(20)
  }
  await victim.ask('measure')
  return victim
}

async function sendOne(victim: Victim, { file, bytes }: TortureMessage): Promise<Verdict> {
  const { trunk, way } = victim
  const before = await victim.ask('report')
  const flow = trunk.contact
  await trunk.send(bytes)
  const { answered, statuses } = await sendOptions(victim)
  const closed = trunk.contact !== flow
  const after = await victim.ask('report')
  const malformed = (report: PhoneAnswer) => (report.counts ? report.counts.refused + report.counts.discarded : 0)
  const refused = closed || malformed(after) > malformed(before) || statuses.some((status) => refusals.has(status))
  const outcome = refused ? 'refused' : 'accepted'
  return { file, way, outcome, statuses, answered, rang: after.rang - before.rang, closed }
}

/** Sends OPTIONS until it is answered; on a stream again on each new connection. */
async function sendOptions(victim: Victim): Promise<{ answered: boolean; statuses: number[] }> {
  const { trunk } = victim
  const statuses: number[] = []
  const callId = `torture-${randomUUID()}`
  let tries = 0
  let usedFlow: string | undefined
  for (const end = Date.now() + answerMs; Date.now() < end && !victim.crashed(); await sleep(2)) {
    for (const response of trunk.takeResponses()) {
      if (response.callId === callId) return { answered: response.status === 200, statuses }
      statuses.push(response.status)
    }
    if (trunk.contact === undefined) await victim.ask('reconnect')
    else if (trunk.contact !== usedFlow) {
      usedFlow = trunk.contact
      tries += 1
      await trunk.send(Buffer.from(optionsText(usedFlow, callId, tries)))
    }
  }
  return { answered: false, statuses }
}

function optionsText(contact: string, callId: string, cseq: number): string {
  return [
    `OPTIONS ${contact} SIP/2.0`,
    `Via: SIP/2.0/TCP trunk.example.com;branch=z9hG4bK${callId}.${cseq}`,
    'Max-Forwards: 70',
    'From: <sip:trunk@example.com>;tag=trunk',
    'To: <sip:user@example.com>',
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} OPTIONS`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
}
