import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { createSipEndpoint, type KedgeEndpoint } from '../../electron/sip/endpoint.ts'
import { hostPort } from '../../electron/sip/transport/transport.ts'
import { connectUdp } from '../../electron/sip/transport/udp.ts'
import { type ImpairedRelay, impairedRelay } from '../harness/impaired-relay.ts'
import { freePort, udpBound } from '../harness/ports.ts'
import { type PeerProcess, startProcess } from '../harness/process.ts'
import { scratchFolder } from '../harness/scratch.ts'

/** 200 calls each way take two minutes; ten show the same. */
const full = process.env.KEDGE_FULL === '1'
const calls = full ? 200 : 10
const perSecond = 20
/** Every transaction has come to its end by then: 64*T1 for the INVITE, as much for the BYE. */
const withinMs = 1000 * (calls / perSecond) + 70_000

const bad = { loss: 0.2, duplication: 0.1, reordering: 0.2 }
const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n'
const scenario = (name: string) => fileURLToPath(new URL(`sip-scenarios/${name}.xml`, import.meta.url))
const cleanUp: (() => PromiseLike<unknown>)[] = []

afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function sipp(port: number, args: readonly string[]): Promise<PeerProcess> {
  const scratch = await scratchFolder('sipp')
  const process = await startProcess({
    name: 'sipp',
    command: 'sipp',
    // No behaviour of its own: it would end calls at what loss and repetition make unexpected.
    args: [
      ...['-i', '127.0.0.1', '-p', String(port), '-nostdin', '-nd', '-max_retrans', '20'],
      ...['-max_invite_retrans', '20', '-max_non_invite_retrans', '20', '-m', String(calls), ...args],
    ],
    cwd: scratch.path,
  })
  cleanUp.push(
    () => scratch[Symbol.asyncDispose](),
    () => process.stop(),
  )
  return process
}

/** @param listens - the other side speaks first */
async function behind(relay: ImpairedRelay, listens = false): Promise<KedgeEndpoint> {
  cleanUp.push(() => relay[Symbol.asyncDispose]())
  const flow = await connectUdp({ host: '127.0.0.1', port: relay.nearPort })
  const endpoint = createSipEndpoint(flow, {
    aor: 'sip:kedge@example.test',
    contact: { user: 'kedge', hostPort: hostPort(flow.local) },
    userAgent: 'Kedge/test',
  })
  cleanUp.push(() => endpoint.close())
  // The relay has to know where we are before the other side calls; nobody hears this.
  if (listens) await flow.send('\r\n\r\n')
  return endpoint
}

const callIdOf = (text: string) => text.match(/\r\nCall-ID: *([^\r]*)/i)?.[1] ?? ''
const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`

/** Calls for which such a message has come through. */
const reached = (relay: ImpairedRelay, toward: 'near' | 'far', pattern: RegExp) =>
  new Set(
    relay.passed
      .filter((one) => one.toward === toward && one.copies > 0 && pattern.test(one.text))
      .map(({ text }) => callIdOf(text)),
  )

function report(relay: ImpairedRelay, what: string, tookMs: number): void {
  const lost = relay.passed.filter(({ copies }) => copies === 0).length
  const twice = relay.passed.filter(({ copies }) => copies > 1).length
  const sent = relay.passed.length
  console.info(
    `${calls} calls ${what} in ${(tookMs / 1000).toFixed(1)} s: ${sent} datagrams, ${share(lost, sent)} lost, ${share(twice, sent)} doubled`,
  )
}

it(`${calls} calls placed over UDP with 20 % loss, duplication and reordering are all answered and ended`, {
  timeout: withinMs + 20_000,
}, async () => {
  const port = await freePort()
  await sipp(port, ['-sf', scenario('lossy-answer')])
  await udpBound(port)
  const relay = await impairedRelay({ ...bad, seed: 4711 }, port)
  const endpoint = await behind(relay)
  const began = Date.now()
  const ends = Array.from({ length: calls }, async (_, n) => {
    await sleep((1000 / perSecond) * n)
    const { promise, resolve } = Promise.withResolvers<string>()
    endpoint.invite(
      { target: 'sip:sipp@example.test', offer },
      {
        onProgress: () => undefined,
        onAccepted: (_response, dialog) =>
          void sleep(300)
            .then(() => dialog.bye())
            .then(() => resolve('ended')),
        onRejected: ({ status, reason }) => resolve(`${status} ${reason}`),
      },
    )
    return promise
  })
  expect(new Set(await Promise.all(ends))).toEqual(new Set(['ended']))
  report(relay, 'placed', Date.now() - began)
  // Each was acknowledged, and the answer to each BYE came back.
  expect(reached(relay, 'far', /^BYE /).size).toBe(calls)
  expect(reached(relay, 'near', /^SIP\/2\.0 200 .*\r\nCSeq: *\d+ BYE/is).size).toBe(calls)
})

it(`${calls} calls received over UDP with 20 % loss, duplication and reordering are all answered and ended`, {
  timeout: withinMs + 20_000,
}, async () => {
  const port = await freePort()
  const relay = await impairedRelay({ ...bad, seed: 815 })
  const endpoint = await behind(relay, true)
  const rung: string[] = []
  const ended: string[] = []
  endpoint.onInvite = (invite) => {
    rung.push(invite.callId)
    invite.progress(180)
    invite.accept(offer).delegate = {
      onBye: () => ended.push(invite.callId),
      onReinvite: (request) => request.reject(488),
    }
  }
  const began = Date.now()
  const target = `127.0.0.1:${relay.farPort}`
  const process = await sipp(port, ['-sf', scenario('lossy-call'), '-s', 'kedge', '-r', String(perSecond), target])
  const { code } = await process.exited
  report(relay, 'received', Date.now() - began)
  expect(code, process.tail()).toBe(0)
  expect([rung.length, new Set(rung).size, new Set(ended).size]).toEqual([calls, calls, calls])
})
