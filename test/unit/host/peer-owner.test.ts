import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { ownerOfPeer } from '../../../electron/host/peer-owner.ts'

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 11 1
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 12 1
   2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 13 1
   3: 0200A8C0:C351 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1002        0 14 1
`

test('the other end of a connection, not ours, says whose it is', () => {
  expect(ownerOfPeer(50_000, 8080, () => table)).toBe(1001)
})

test('a connection that is not there, or from elsewhere, is nobody’s', () => {
  expect(ownerOfPeer(50_001, 8080, () => table)).toBe(-1)
  expect(ownerOfPeer(50_000, 8081, () => table)).toBe(-1)
})

test('where there is no list nobody can tell', () => {
  expect(ownerOfPeer(50_000, 8080, () => undefined)).toBeUndefined()
})

test.runIf(process.platform === 'linux')('a real connection of ours is ours', async () => {
  const owner = Promise.withResolvers<number | undefined>()
  const server = createServer(({ socket }, response) => {
    owner.resolve(ownerOfPeer(socket.remotePort ?? 0, socket.localPort ?? 0))
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  server.closeAllConnections()
  server.close()
  expect(await owner.promise).toBe(process.getuid?.())
})
