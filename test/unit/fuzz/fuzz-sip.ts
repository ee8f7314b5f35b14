import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSdp } from '../../../electron/sdp/parse-sdp.ts'
import { SdpError } from '../../../electron/sdp/sdp-error.ts'
import { createSipEndpoint } from '../../../electron/sip/endpoint.ts'
import { createStreamFramer } from '../../../electron/sip/transport/stream-framer.ts'
import type { SipTransport } from '../../../electron/sip/transport/transport.ts'
import type { SipDialog } from '../../../electron/sip/types.ts'
import { KedgeError } from '../../../shared/errors.ts'
import { fakeClock } from '../demo-trunk/fake-clock.ts'
import { type Random, seededRandom } from '../media/srtp/random.ts'
import { mutate } from './mutate.ts'

export interface SipFuzzCount {
  readonly inputs: number
  readonly accepted: number
  readonly refused: number
  readonly discarded: number
  readonly rang: number
  /** Longest that one input took, in ms of this thread's own processor time. */
  readonly longestMs: number
}

/** What was put off to a later turn of the event loop has been done. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Inputs between two fresh endpoints. */
const batch = 500

/**
 * Mutates messages and puts each through everything that reads a peer's SIP, in the middle of calls. Throws, with the input,
 * at the first one that breaks a promise: an error that the stack did not expect, an OPTIONS that is not answered any more, a
 * timer that is left when all is closed.
 */
export async function fuzzSip(
  inputs: number,
  seed: number,
  tell: (done: number) => void = () => undefined,
): Promise<SipFuzzCount> {
  const random = seededRandom(seed)
  const seeds = seedMessages()
  const sum = { accepted: 0, refused: 0, discarded: 0, rang: 0, longestMs: 0 }
  for (let done = 0; done < inputs; done += batch) {
    const count = Math.min(batch, inputs - done)
    const victim = createVictim((done / batch) % 2 === 0 ? 'tcp' : 'udp')
    for (let at = 0; at < count; at += 1) {
      const input = mutate(random.integer(2) === 0 ? victim.live(random) : seeds, random)
      try {
        const began = process.threadCpuUsage()
        await victim.take(input)
        if (at % 10 === 0) frame(input, random)
        const { user, system } = process.threadCpuUsage(began)
        sum.longestMs = Math.max(sum.longestMs, (user + system) / 1000)
      } catch (cause) {
        throw new Error(`fuzz seed ${seed}, input ${done + at}: ${JSON.stringify(input.toString('latin1'))}`, { cause })
      }
    }
    const { accepted, refused, discarded, rang } = await victim.finish(`fuzz seed ${seed}, inputs from ${done}`)
    sum.accepted += accepted
    sum.refused += refused
    sum.discarded += discarded
    sum.rang += rang
    tell(done + count)
  }
  return { inputs, ...sum }
}

const fixtures = join(import.meta.dirname, '../../fixtures')

function seedMessages(): Buffer[] {
  return ['rfc4475', 'rfc5118', 'cve-messages'].flatMap((folder) =>
    readdirSync(join(fixtures, folder))
      .filter((name) => !/\.(json|md)$/.test(name))
      .map((name) => readFileSync(join(fixtures, folder, name))),
  )
}

/** A phone that answers every call, ends some, and calls out all the time, so that there is something to disturb. */
function createVictim(kind: 'tcp' | 'udp') {
  const clock = fakeClock()
  const sent: string[] = []
  const live: Buffer[] = []
  const unexpected: string[] = []
  let rang = 0
  const transport: SipTransport = {
    kind,
    local: { address: '192.0.2.1', port: 5060 },
    remote: { address: '192.0.2.2', port: 5060 },
    signalling: { transport: kind },
    onMessage: undefined,
    onClose: undefined,
    async send(message) {
      sent.push(message)
      // What we say comes back changed: with our own branches, tags and Call-IDs in it.
      if (live.length < 64) live.push(Buffer.from(message))
      else live[sent.length % 64] = Buffer.from(message)
    },
    close: () => transport.onClose?.(undefined),
  }
  const endpoint = createSipEndpoint(transport, {
    aor: 'sip:user@example.com',
    contact: { user: 'contact', hostPort: '192.0.2.1:5060' },
    userAgent: 'fuzz',
    credentials: { username: 'user', password: 'fuzz' },
    answersFor: 'any',
    clock,
    log: { debug: () => undefined, warn: (message) => unexpected.push(message) },
  })
  const dialogs: SipDialog[] = []
  const take = (dialog: SipDialog) => {
    dialogs.push(dialog)
    dialog.delegate = {
      onBye: () => undefined,
      onReinvite: (request) => (rang % 2 === 0 ? request.accept('v=0\r\n') : request.reject(488)),
      onRefer: (request) => request.accept()(200, 'OK'),
    }
    if (rang % 3 === 0) void dialog.bye()
  }
  endpoint.onInvite = (invite) => {
    rang += 1
    try {
      if (invite.offer !== undefined) parseSdp(invite.offer)
    } catch (error) {
      if (!(error instanceof SdpError)) throw error
      invite.reject(488)
      return
    }
    invite.progress(180)
    if (rang % 4 === 0) invite.reject(486)
    else take(invite.accept('v=0\r\n'))
  }
  const place = () =>
    endpoint.invite(
      { target: 'sip:bob@example.com', offer: 'v=0\r\n' },
      { onProgress: () => undefined, onAccepted: (_response, dialog) => take(dialog), onRejected: () => undefined },
    )
  place()
  void endpoint.request('REGISTER', { target: 'sip:example.com' })
  let taken = 0
  return {
    /** Messages that belong to what is going on: our own, and answers to them. */
    live: (random: Random) => live.map((message) => answerTo(message, random)),
    async take(input: Buffer) {
      taken += 1
      // Half a second between two, so that no rate limit hides anything.
      clock.advance(500)
      if (taken % 50 === 0) place()
      transport.onMessage?.(input)
      await settled()
      if (unexpected.length > 0) throw new Error(unexpected.join('; '))
    },
    async finish(what: string) {
      clock.advance(200_000)
      await settled()
      sent.length = 0
      transport.onMessage?.(Buffer.from(options))
      if (!sent.some((text) => text.startsWith('SIP/2.0 200') && text.includes('after-the-fuzz'))) {
        throw new Error(`${what}: the phone does not answer OPTIONS any more`)
      }
      const counts = endpoint.counts()
      for (const dialog of dialogs) void dialog.bye()
      await settled()
      clock.advance(200_000)
      await endpoint.close()
      await settled()
      if (clock.pending > 0) throw new Error(`${what}: ${clock.pending} timers are left after closing`)
      return { ...counts, rang }
    },
  }
}

const statuses = [100, 180, 183, 200, 202, 302, 401, 404, 407, 421, 422, 423, 486, 491, 503, 600]

/** Every second time, and for a request: a response that its transaction takes, to be spoilt afterwards. */
function answerTo(message: Buffer, random: Random): Buffer {
  const lines = message.toString('latin1').split('\r\n')
  if (lines[0]?.startsWith('SIP/') || random.integer(2) === 0) return message
  const status = statuses[random.integer(statuses.length)]
  const kept = lines.filter((line) => /^(?:via|from|call-id|cseq|to)\s*:/i.test(line))
  const tagged = kept.map((line) =>
    /^to\s*:/i.test(line) && !line.includes(';tag=') ? `${line};tag=${random.integer(4)}` : line,
  )
  const more = [
    ...(status === 401 || status === 407 ? [`WWW-Authenticate: ${challenge}`, `Proxy-Authenticate: ${challenge}`] : []),
    'Contact: <sip:peer@192.0.2.2;lr>',
    'Require: 100rel',
    `RSeq: ${random.integer(5)}`,
    'Record-Route: <sip:192.0.2.2;lr>',
    'Session-Expires: 90;refresher=uac',
    'Content-Type: application/sdp',
    'Content-Length: 5',
    '',
    'v=0\r\n',
  ]
  return Buffer.from([`SIP/2.0 ${status} Reason`, ...tagged, ...more].join('\r\n'), 'latin1')
}

const challenge = 'Digest realm="example.com", nonce="n", algorithm=MD5, qop="auth,auth-int", stale=true'

const options = [
  'OPTIONS sip:contact@192.0.2.1:5060 SIP/2.0',
  'Via: SIP/2.0/TCP 192.0.2.2:5060;branch=z9hG4bKafterthefuzz',
  'From: <sip:trunk@example.com>;tag=after',
  'To: <sip:contact@192.0.2.1>',
  'Call-ID: after-the-fuzz',
  'CSeq: 1 OPTIONS',
  'Content-Length: 0',
  '',
  '',
].join('\r\n')

/** The same octets as a stream, cut anywhere: an error ends a connection, and is one of ours. */
function frame(input: Buffer, random: Random): void {
  const framer = createStreamFramer()
  try {
    for (let at = 0; at < input.length; ) {
      const length = 1 + random.integer(Math.max(1, input.length - at))
      framer.push(input.subarray(at, at + length))
      at += length
    }
    if (framer.pending > input.length) throw new Error('the framer holds more than it was given')
  } catch (error) {
    if (!(error instanceof KedgeError)) throw error
  }
}
