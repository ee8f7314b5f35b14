import { parentPort, workerData } from 'node:worker_threads'
import { toWireError } from '../../shared/errors.ts'
import type { SipLog } from '../sip/log.ts'
import type { FromDemoTrunk, ToDemoTrunk, WorkerInput } from './protocol.ts'
import { startTrunkServer, type TrunkServer } from './trunk-server.ts'

/** Entry of the demo trunk's worker thread: the trunk at one end, messages of `protocol.ts` at the other. */
const port = parentPort
if (port === null) throw new Error('this file runs as a worker thread only')

const post = (message: FromDemoTrunk) => port.postMessage(message)
const log: SipLog = {
  debug: (message) => post({ type: 'log', level: 'debug', message }),
  warn: (message) => post({ type: 'log', level: 'warn', message }),
}

async function serve(server: TrunkServer, message: ToDemoTrunk): Promise<void> {
  if (message.type === 'close') {
    await server.close()
    // Ends this thread, with whatever a client still holds open.
    process.exit(0)
  }
  try {
    if (message.type === 'openFault') {
      post({ type: 'faultOpen', id: message.id, port: await server.openFault(message.fault) })
      return
    }
    await server.call(message.scenario)
    post({ type: 'called', id: message.id })
  } catch (error) {
    post({ type: 'called', id: message.id, error: toWireError(error) })
  }
}

try {
  const input: WorkerInput = workerData
  const server = await startTrunkServer({ ...input, log, emit: (event) => post({ type: 'event', event }) })
  port.on('message', (message: ToDemoTrunk) => void serve(server, message))
  post({ type: 'ready', account: server.account })
} catch (error) {
  post({ type: 'failed', error: toWireError(error) })
}
