import type { Clock } from './clock.ts'
import { branchOfText } from './reliability/transaction-key.ts'
import type { SipTransport } from './transport/transport.ts'

/**
 * The stream that requests too large for UDP take (RFC 3261 §18.1.1), and all that belongs to them: CANCEL and the ACK of a
 * refusal, and responses to what the server sends on it.
 */
export interface StreamDetour {
  /** @returns undefined for a message that goes over UDP */
  send(message: string): Promise<void> | undefined
  close(): void
}

export interface StreamDetourDeps {
  readonly clock: Clock
  readonly openStream: () => Promise<SipTransport>
  /** Over UDP after all (§18.1.1: when the stream is refused). */
  readonly fallBack: (message: string) => Promise<void>
  readonly onMessage: (bytes: Uint8Array) => void
}

/** Without a known path MTU this is the largest datagram (§18.1.1), bytes. */
const largestDatagramBytes = 1_300
/** A server that has refused a stream is asked again after this much, ms. */
const refusedMs = 3_600_000
/** Transactions that are remembered; what is older is long over. */
const maxBranches = 256

export function createStreamDetour({ clock, openStream, fallBack, onMessage }: StreamDetourDeps): StreamDetour {
  /** By branch: the request while nothing has been heard of it. */
  const branches = new Map<string, string | undefined>()
  let stream: Promise<SipTransport> | undefined
  let refusedUntil = 0
  let closed = false

  function connected(): Promise<SipTransport> {
    stream ??= openStream().then((opened) => {
      if (closed) opened.close()
      opened.onMessage = (bytes) => {
        remember(branchOfText(Buffer.from(bytes).toString('latin1')), undefined)
        onMessage(bytes)
      }
      opened.onClose = () => {
        stream = undefined
        sendUnheard()
      }
      return opened
    })
    return stream
  }

  function remember(branch: string | undefined, request: string | undefined): void {
    if (branch === undefined) return
    branches.delete(branch)
    branches.set(branch, request)
    const [oldest] = branches.keys()
    if (branches.size > maxBranches && oldest !== undefined) branches.delete(oldest)
  }

  /** The stream is gone: what the server has not answered with a word may never have reached it. */
  function sendUnheard(): void {
    for (const [branch, request] of branches) {
      if (request === undefined || closed) continue
      branches.delete(branch)
      fallBack(request).catch(() => undefined)
    }
  }

  async function sendOnStream(branch: string, message: string, isRequest: boolean): Promise<void> {
    if (isRequest) remember(branch, message)
    try {
      await (await connected()).send(message.replace(/(\r\nVia: SIP\/2\.0\/)UDP/, '$1TCP'))
    } catch {
      stream = undefined
      branches.delete(branch)
      refusedUntil = clock.now() + refusedMs
      if (!closed) await fallBack(message)
    }
  }

  return {
    send(message) {
      const branch = branchOfText(message)
      if (branch === undefined) return undefined
      if (branches.has(branch)) return sendOnStream(branch, message, false)
      const isLarge = !message.startsWith('SIP/') && Buffer.byteLength(message) > largestDatagramBytes
      return isLarge && clock.now() >= refusedUntil ? sendOnStream(branch, message, true) : undefined
    },
    close() {
      closed = true
      branches.clear()
      void stream?.then((opened) => opened.close()).catch(() => undefined)
    },
  }
}
