import { parentPort } from 'node:worker_threads'
import type { FromMedia } from '../protocol.ts'
import { loadEngine } from '../srtp/engine.ts'
import { makeCertificate } from './certificate.ts'
import { LegTable } from './leg-table.ts'
import { type Libc, loadLibc } from './libc.ts'

/** The media worker's entry. Messages that come before `ready` wait in the port. */
if (parentPort === null) throw new Error('the media worker runs in a worker thread')
const port = parentPort
const post = (message: FromMedia) => port.postMessage(message)

const [engine, certificate] = await Promise.all([loadEngine(), makeCertificate(Date.now())])
let libc: Libc | undefined
let notice: string | undefined
try {
  libc = loadLibc()
} catch (error) {
  // Calls work without it: they cost more, and their packets carry no mark.
  notice = `media goes through Node's sockets alone: ${String(error)}`
}
const legs = new LegTable({ engine, certificate, libc, post })
port.on('message', (message: unknown) => void legs.handle(message))
post({ type: 'ready', ...(notice !== undefined && { notice }) })
