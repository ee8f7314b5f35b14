import { describe, expect, test } from 'vitest'
import { openSocketDoor, retryDelayMs, type Socket } from '../../../renderer/src/door/socket-door.ts'
import type { ClientFrame, ServerFrame } from '../../../shared/ipc/contract.ts'
import { appState } from './calls.ts'

class FakeSocket implements Socket {
  readyState = 0
  readonly sent: ClientFrame[] = []
  readonly #listeners = {
    open: [] as (() => void)[],
    close: [] as (() => void)[],
    message: [] as ((event: { data: unknown }) => void)[],
  }

  send(data: string): void {
    this.sent.push(JSON.parse(data) as ClientFrame)
  }
  addEventListener(type: 'open' | 'close' | 'message', listener: (event: never) => void): void {
    this.#listeners[type].push(listener as never)
  }
  open(): void {
    this.readyState = 1
    for (const listener of this.#listeners.open) listener()
  }
  close(): void {
    this.readyState = 3
    for (const listener of this.#listeners.close) listener()
  }
  receive(frame: ServerFrame): void {
    for (const listener of this.#listeners.message) listener({ data: JSON.stringify(frame) })
  }
}

function openDoor() {
  const sockets: FakeSocket[] = []
  const waits: { task: () => void; delayMs: number }[] = []
  const door = openSocketDoor({
    connect: () => {
      const socket = new FakeSocket()
      sockets.push(socket)
      return socket
    },
    later: (task, delayMs) => waits.push({ task, delayMs }),
  })
  const latest = () => sockets.at(-1) as FakeSocket
  return { door, sockets, waits, latest }
}

describe('the door on a WebSocket', () => {
  test('a call is answered by the result with its id, whatever order results come in', async () => {
    const { door, latest } = openDoor()
    latest().open()
    const retry = door.call('retryAccount', { id: 'a' })
    const state = door.call('state', {})
    expect(latest().sent).toEqual([
      { t: 'call', id: 1, channel: 'retryAccount', input: { id: 'a' } },
      { t: 'call', id: 2, channel: 'state', input: {} },
    ])
    latest().receive({ t: 'result', id: 2, result: { ok: true, value: appState([]) } })
    latest().receive({ t: 'result', id: 1, result: { ok: false, error: { code: 'internal', message: '' } } })
    expect(await state).toEqual({ ok: true, value: appState([]) })
    expect(await retry).toMatchObject({ ok: false, error: { code: 'internal' } })
  })

  test('calls are refused with ipc/disconnected before it is open', async () => {
    const { door } = openDoor()
    expect(await door.call('state', {})).toMatchObject({ ok: false, error: { code: 'ipc/disconnected' } })
  })

  test('a call under way when the socket is lost is refused, not left open', async () => {
    const { door, latest } = openDoor()
    latest().open()
    const state = door.call('state', {})
    latest().close()
    expect(await state).toMatchObject({ ok: false, error: { code: 'ipc/disconnected' } })
  })

  test('a listener hears the present state at once and every change after', () => {
    const { door, latest, waits } = openDoor()
    const heard: boolean[] = []
    const unsubscribe = door.sip.onOpen((open) => heard.push(open))
    latest().open()
    latest().close()
    waits[0]?.task()
    latest().open()
    unsubscribe()
    latest().close()
    expect(heard).toEqual([false, true, false, true])
  })

  test('it connects again after each loss, waiting longer up to 8 s, and from 250 ms after a success', () => {
    const { sockets, waits, latest } = openDoor()
    for (let loss = 0; loss < 8; loss += 1) {
      latest().close()
      waits.at(-1)?.task()
    }
    expect(waits.map((wait) => wait.delayMs)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000])
    latest().open()
    latest().close()
    expect(waits.at(-1)?.delayMs).toBe(retryDelayMs(1))
    expect(sockets).toHaveLength(9)
  })

  test('SIP messages pass both ways while it is open, and are dropped while it is not', () => {
    const { door, latest } = openDoor()
    const heard: string[] = []
    door.sip.onMessage((message) => heard.push(message))
    door.sip.send('too early')
    latest().open()
    door.sip.send('OPTIONS')
    latest().receive({ t: 'sip', message: 'SIP/2.0 200 OK' })
    expect(latest().sent).toEqual([{ t: 'sip', message: 'OPTIONS' }])
    expect(heard).toEqual(['SIP/2.0 200 OK'])
  })

  test('events reach their listeners until they unsubscribe', () => {
    const { door, latest } = openDoor()
    let heard = 0
    const unsubscribe = door.on('state', () => {
      heard += 1
    })
    latest().open()
    latest().receive({ t: 'event', event: 'state', payload: appState([]) })
    unsubscribe()
    latest().receive({ t: 'event', event: 'state', payload: appState([]) })
    expect(heard).toBe(1)
  })
})
