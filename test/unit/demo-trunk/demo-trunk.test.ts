import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DemoTrunk, startDemoTrunk } from '../../../electron/demo-trunk/demo-trunk.ts'

let folder: string
const trunks: DemoTrunk[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kedge-trunk-'))
})
afterEach(async () => {
  await Promise.all(trunks.splice(0).map((trunk) => trunk.close()))
  await rm(folder, { recursive: true, force: true })
})

async function start(dataDir = folder): Promise<DemoTrunk> {
  const trunk = await startDemoTrunk({ dataDir })
  trunks.push(trunk)
  return trunk
}

/** Resolves with the code of the failure, or with the answer to one OPTIONS. */
function ask(trunk: DemoTrunk, servername: string): Promise<string> {
  const socket = connectTls({ host: '127.0.0.1', port: trunk.port, servername, ca: trunk.caPem })
  const request = [
    `OPTIONS sip:${trunk.domain} SIP/2.0`,
    'Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK1',
    'Max-Forwards: 70',
    `From: <sip:demo@${trunk.domain}>;tag=1`,
    `To: <sip:${trunk.domain}>`,
    'Call-ID: 1',
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
  ]
  return new Promise((resolve) => {
    socket.on('secureConnect', () => socket.write(`${request.join('\r\n')}\r\n\r\n`))
    socket.on('data', (bytes) => socket.end(() => resolve(bytes.toString().split('\r\n')[0] ?? '')))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
}

test('a client that trusts its authority and knows its domain is answered over TLS', async () => {
  const trunk = await start()
  expect(await ask(trunk, trunk.domain)).toBe('SIP/2.0 200 OK')
})

test('its certificate is for its domain alone', async () => {
  const trunk = await start()
  expect(await ask(trunk, 'localhost')).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
})

test('it is the same trunk at the next start', async () => {
  const first = await start()
  await first.close()
  const { username, password, caPem } = await start()
  expect({ username, password, caPem }).toEqual({
    username: first.username,
    password: first.password,
    caPem: first.caPem,
  })
})

test('calling the user rejects while nobody is registered', async () => {
  await expect((await start()).call('tone')).rejects.toMatchObject({ name: 'KedgeError', code: 'call/unavailable' })
})

test.each(['expired-certificate', 'other-name', 'unknown-authority', 'no-tls'] as const)(
  'a faulty server is opened once, and closed with the trunk: %s',
  async (fault) => {
    const trunk = await start()
    const port = await trunk.openFault(fault)
    expect(await trunk.openFault(fault)).toBe(port)
    await trunk.close()
    const [error] = await once(connectTcp(port, '127.0.0.1'), 'error')
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
    await expect(trunk.openFault(fault)).rejects.toMatchObject({ code: 'net/closed' })
  },
)

test('after close nothing listens, and a call rejects', async () => {
  const trunk = await start()
  await trunk.close()
  const socket = connectTcp(trunk.port, '127.0.0.1')
  const [error] = await once(socket, 'error')
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  await expect(trunk.call('tone')).rejects.toMatchObject({ code: 'net/closed' })
})

test('a client that never speaks does not hold it open', async () => {
  const trunk = await start()
  const socket = connectTcp(trunk.port, '127.0.0.1')
  await once(socket, 'connect')
  // In good order or by a reset: whichever the ending thread comes to.
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const began = performance.now()
  await trunk.close()
  expect(performance.now() - began).toBeLessThan(3000)
  await closed
})

test('a data folder that cannot be made is an error of the start', async () => {
  const path = join(folder, 'file')
  await writeFile(path, '')
  await expect(startDemoTrunk({ dataDir: join(path, 'below') })).rejects.toMatchObject({
    name: 'KedgeError',
    code: 'internal',
  })
})
