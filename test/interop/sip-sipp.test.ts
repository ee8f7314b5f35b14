import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { createSipEndpoint, type KedgeEndpoint } from '../../electron/sip/endpoint.ts'
import { connectTcp } from '../../electron/sip/transport/tcp.ts'
import { hostPort } from '../../electron/sip/transport/transport.ts'
import { connectUdp } from '../../electron/sip/transport/udp.ts'
import type { SipDialog, SipResponse } from '../../electron/sip/types.ts'
import { freePort, udpBound } from '../harness/ports.ts'
import { type PeerProcess, startProcess } from '../harness/process.ts'
import { scratchFolder } from '../harness/scratch.ts'

const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n'
const scenarios = fileURLToPath(new URL('sip-scenarios/', import.meta.url))
const cleanUp: (() => PromiseLike<unknown>)[] = []

afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function sipp(args: readonly string[]): Promise<PeerProcess> {
  const scratch = await scratchFolder('sipp')
  const process = await startProcess({
    name: 'sipp',
    command: 'sipp',
    args: ['-i', '127.0.0.1', '-nostdin', '-timeout', '60s', '-timeout_error', ...args],
    cwd: scratch.path,
  })
  cleanUp.push(
    () => scratch[Symbol.asyncDispose](),
    () => process.stop(),
  )
  return process
}

/** sipp as the called party on one port, and an endpoint of ours on a flow to it. */
async function calledParty(transport: 'udp' | 'tcp', scenario: string) {
  const port = await freePort()
  const mode = transport === 'tcp' ? 't1' : 'u1'
  const process = await sipp(['-sf', join(scenarios, `${scenario}.xml`), '-p', String(port), '-t', mode, '-m', '1'])
  if (transport === 'udp') await udpBound(port)
  return { process, port, endpoint: await endpointTo(transport, port) }
}

async function endpointTo(transport: 'udp' | 'tcp', port: number): Promise<KedgeEndpoint> {
  const flow = await (transport === 'udp' ? connectUdp : connectTcpEventually)({ host: '127.0.0.1', port })
  const endpoint = createSipEndpoint(flow, {
    aor: 'sip:kedge@example.test',
    contact: { user: 'kedge-contact', hostPort: hostPort(flow.local), ...(transport === 'tcp' ? { transport } : {}) },
    userAgent: 'Kedge/test',
  })
  cleanUp.push(() => endpoint.close())
  return endpoint
}

/** sipp does not say when it listens. */
async function connectTcpEventually(target: { host: string; port: number }) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await connectTcp(target)
    } catch (error) {
      if (tries > 100) throw error
      await sleep(50)
    }
  }
}

function place(endpoint: KedgeEndpoint, target = 'sip:sipp@example.test') {
  const progress: SipResponse[] = []
  const ringing = Promise.withResolvers<void>()
  const accepted = Promise.withResolvers<SipDialog>()
  const rejected = Promise.withResolvers<SipResponse>()
  const invite = endpoint.invite(
    { target, offer },
    {
      onProgress(response) {
        progress.push(response)
        ringing.resolve()
      },
      onAccepted: (_response, dialog) => accepted.resolve(dialog),
      onRejected: (response) => rejected.resolve(response),
    },
  )
  return { invite, progress, ringing: ringing.promise, accepted: accepted.promise, rejected: rejected.promise }
}

const succeeds = async (process: PeerProcess) => {
  const { code } = await process.exited
  expect(code, process.tail()).toBe(0)
}

describe.each(['udp', 'tcp'] as const)('sipp over %s', (transport) => {
  it('sends early media, answers, and hangs up', async () => {
    const { process, endpoint } = await calledParty(transport, 'early-media-and-bye')
    const call = place(endpoint)
    const dialog = await call.accepted
    const hungUp = new Promise<void>((resolve) => {
      dialog.delegate = { onBye: resolve, onReinvite: (request) => request.reject(488) }
    })
    expect(call.progress.map(({ status, body }) => [status, body !== undefined])).toEqual([[183, true]])
    await hungUp
    await succeeds(process)
  })

  it('is hung up on by us', async () => {
    const { process, endpoint } = await calledParty(transport, 'answer')
    await (await place(endpoint).accepted).bye()
    await succeeds(process)
  })

  it('is cancelled while it rings', async () => {
    const { process, endpoint } = await calledParty(transport, 'cancelled')
    const call = place(endpoint)
    await call.ringing
    call.invite.cancel()
    expect(await call.rejected).toMatchObject({ status: 487 })
    await succeeds(process)
  })

  it('answers although it was cancelled: acknowledged, then ended with BYE', async () => {
    const { process, endpoint } = await calledParty(transport, 'answer-crosses-cancel')
    const call = place(endpoint)
    await call.ringing
    call.invite.cancel()
    expect(await call.rejected).toMatchObject({ status: 487 })
    await succeeds(process)
  })

  it.each([486, 603])('refuses with %i', async (status) => {
    const { process, endpoint } = await calledParty(transport, `refuse-${status}`)
    expect(await place(endpoint).rejected).toMatchObject({ status })
    await succeeds(process)
  })
})

it('sipp calls us over UDP, is answered and hangs up', async () => {
  const port = await freePort()
  const endpoint = await endpointTo('udp', port)
  const answered: SipDialog[] = []
  const byes: SipDialog[] = []
  endpoint.onInvite = (invite) => {
    invite.progress(180)
    const dialog = invite.accept(offer)
    dialog.delegate = { onBye: () => void byes.push(dialog), onReinvite: (request) => request.reject(488) }
    answered.push(dialog)
  }
  const target = endpoint.contact.match(/@([^>;]+)/)?.[1] ?? ''
  const five = ['-m', '5', '-r', '10', '-d', '50']
  await succeeds(await sipp(['-sn', 'uac', target, '-p', String(port), '-s', 'kedge', ...five]))
  expect([answered.length, byes]).toEqual([5, answered])
})
