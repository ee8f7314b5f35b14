import type { RawData, WebSocket } from 'ws'
import { z } from 'zod'
import type { ServerFrame } from '../../shared/ipc/contract.ts'
import { parseJson } from '../../shared/text/parse-json.ts'
import type { WindowConnection } from './host.ts'

const clientFrame = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('call'), id: z.number().int().nonnegative(), channel: z.string(), input: z.unknown() }),
  z.strictObject({ t: z.literal('sip'), message: z.string().min(1) }),
])

/** WebSocket close codes (RFC 6455 §7.4): a frame that breaks the contract, and a window that was replaced. */
const policyViolation = 1008
const goingAway = 1001

/** A window on the other end of an admitted WebSocket. One malformed frame ends the connection. */
export function socketWindow(socket: WebSocket): WindowConnection {
  const send = (frame: ServerFrame) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame))
  }
  const window: WindowConnection = {
    onCall: undefined,
    onSip: undefined,
    onClose: undefined,
    send: (event, payload) => send({ t: 'event', event, payload }),
    sendSip: (message) => send({ t: 'sip', message }),
    close: () => socket.close(goingAway),
  }
  socket.on('message', (data: RawData, isBinary: boolean) => {
    const frame = isBinary ? undefined : clientFrame.safeParse(parseJson(String(data))).data
    if (frame === undefined) {
      socket.close(policyViolation)
      return
    }
    if (frame.t === 'sip') {
      window.onSip?.(frame.message)
      return
    }
    void window.onCall?.(frame.channel, frame.input).then((result) => send({ t: 'result', id: frame.id, result }))
  })
  // A broken socket is a closed one: `close` follows `error` (ws documentation), and there is nothing to add to it.
  socket.on('error', () => socket.terminate())
  socket.on('close', () => window.onClose?.())
  return window
}
