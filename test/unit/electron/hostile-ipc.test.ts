import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type CallHandlers, createDispatch } from '../../../electron/ipc/dispatch.ts'
import { type CallChannel, callInputs } from '../../../shared/ipc/contract.ts'
import { ask, callDoor, openDoor, ourFrame, type ShellRig, startShell, theWindow } from './rig.ts'

vi.mock('electron', () => import('../../fakes/electron.ts'))

/** 20,000 messages that the window would never send, through the door of the Electron shell: nothing happens. */
const runs = 20_000
const seed = Number(process.env.KEDGE_SEED ?? 20_262)
const channels = Object.keys(callInputs) as CallChannel[]
const done: string[] = []

let rig: ShellRig
beforeAll(async () => {
  rig = await startShell()
})
afterAll(() => rig.close())

const handlers = Object.fromEntries(
  channels.map((channel) => [
    channel,
    () => {
      done.push(channel)
      return {}
    },
  ]),
) as unknown as CallHandlers

function connect() {
  openDoor()
  const connection = rig.opened.at(-1)
  if (!connection) throw new Error('no connection')
  connection.onCall = createDispatch(handlers)
  return connection
}

const hostileChannel = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown>(...channels) },
  fc.constantFrom<unknown>('__proto__', 'constructor', 'toString', '', 'state ', 'STATE', null, undefined, 0, {}, [
    'state',
  ]),
  fc.anything(),
)
const hostileFrame = fc.oneof(
  { weight: 3, arbitrary: fc.constant<unknown>(ourFrame) },
  fc.constantFrom<unknown>(
    null,
    { origin: 'app://kedge', parent: {} },
    { origin: 'app://kedge:80', parent: null },
    { origin: 'https://app.kedge', parent: null },
    { origin: 'null', parent: null },
    { origin: '', parent: null },
  ),
)
/** Objects that look like inputs and are none: real field names with anything in them, prototypes, endless text. */
const fields = [...new Set(channels.flatMap((channel) => Object.keys(callInputs[channel].shape)))]
const hostileInput = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true }),
  fc.dictionary(fc.constantFrom(...fields, '__proto__', 'extra'), fc.anything(), { minKeys: 1 }),
  fc.constantFrom<unknown>(JSON.parse('{"__proto__":{"id":"x"}}'), { id: 'x'.repeat(100_000) }, { id: '\r\nVia: x' }),
)

const isWellFormed = (frame: unknown, channel: unknown, input: unknown) =>
  frame === ourFrame &&
  channels.some((known) => known === channel) &&
  callInputs[channel as CallChannel].safeParse(input).success

const messages = fc
  .sample(fc.tuple(hostileFrame, hostileChannel, hostileInput), { numRuns: runs + 4_000, seed })
  .filter((message) => !isWellFormed(...message))
  .slice(0, runs)

describe('hostile messages to the main process', () => {
  it(`${runs} of them, seed ${seed}: none is carried out, each is answered or refused, and the door stays open`, async () => {
    const connection = connect()
    expect(messages).toHaveLength(runs)
    const codes = new Map<string, number>()
    for (const [senderFrame, channel, input] of messages) {
      const event = { sender: theWindow().webContents, senderFrame }
      const answer = await callDoor(event, channel, input)
      const code = answer.ok ? 'carried out' : answer.error.code
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    expect(done).toEqual([])
    expect([...codes.keys()].sort()).toEqual(['ipc/disconnected', 'ipc/invalid', 'ipc/unknown-channel'])
    expect(codes.get('ipc/invalid')).toBeGreaterThan(runs / 10)
    const heard: string[] = []
    connection.onSip = (message) => heard.push(message)
    expect(await ask('state', {})).toMatchObject({ ok: true })
    expect(done).toEqual(['state'])
  })

  it('would be carried out by the hundred without the checks (canary)', async () => {
    let carriedOut = 0
    const careless = async (_frame: unknown, channel: unknown, _input: unknown) => {
      if (typeof channel === 'string' && channels.some((known) => known === channel)) carriedOut += 1
    }
    for (const [frame, channel, input] of messages) await careless(frame, channel, input)
    expect(carriedOut).toBeGreaterThan(1_000)
  })

  it('what is no SIP text does not reach the local leg', () => {
    const port = openDoor()
    const connection = rig.opened.at(-1)
    const heard: string[] = []
    if (connection) connection.onSip = (message) => heard.push(message)
    for (const data of [
      null,
      undefined,
      1,
      {},
      [],
      new Uint8Array(8),
      { toString: () => 'INVITE' },
      'x'.repeat(70_000),
    ]) {
      port.emit('message', { data })
    }
    port.emit('message', { data: 'OPTIONS sip:x SIP/2.0' })
    expect(heard).toEqual(['OPTIONS sip:x SIP/2.0'])
  })
})
