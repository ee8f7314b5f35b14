import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createAccountManager } from '../../../electron/accounts/account-manager.ts'
import { systemClock } from '../../../electron/sip/clock.ts'
import type { AccountTransport } from '../../../shared/model/account.ts'

/** A port of 127.0.0.1 where nobody listens: bound a moment ago, and let go. */
async function closedPort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return port
}

it.each<AccountTransport>(['udp', 'tcp', 'tls'])(
  'over %s, a server that is not there is net/refused, with a next try',
  async (transport) => {
    const accounts = createAccountManager({ userAgent: 'test', clock: systemClock })
    const port = await closedPort()
    const settings = {
      id: 'a',
      label: 'A',
      domain: 'sip.test',
      server: '127.0.0.1',
      username: 'alice',
      register: true,
    } as const
    accounts.save({ ...settings, transport, port, encryption: 'off' }, 'secret')
    for (let tries = 0; tries < 200 && accounts.list()[0]?.state.kind !== 'failed'; tries += 1) await sleep(10)
    expect(accounts.list()[0]?.state).toMatchObject({
      kind: 'failed',
      code: 'net/refused',
      retryAt: expect.any(Number),
    })
    await accounts.close()
  },
)
