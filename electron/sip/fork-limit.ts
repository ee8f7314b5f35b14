import type { IncomingResponseMessage, UserAgentCore } from 'sip.js/lib/core/index.js'

/** Phones that one INVITE is followed on, ringing and answering; proxies fork to some thirty at most. */
export const maxForks = 64

interface Forks {
  readonly ringing: Set<string>
  /** Counted apart: whoever answers is heard, also where more phones ring than are followed. */
  readonly answered: Set<string>
}

/**
 * Bounds what the responses to one INVITE of ours may cost: each new To tag makes a dialog, and one with a description a
 * receive context beside it (RFC 3261 §12.1, §13.2.2.4).
 * @returns whether a response is to be looked at
 */
export function createForkLimit(core: UserAgentCore): (response: IncomingResponseMessage) => boolean {
  const known = new WeakMap<object, Forks>()
  return ({ method, viaBranch, statusCode = 0, toTag }) => {
    const client = method === 'INVITE' ? core.userAgentClients.get(`${viaBranch}${method}`) : undefined
    if (!client || toTag === undefined || statusCode <= 100 || statusCode >= 300) return true
    const forks = known.get(client) ?? { ringing: new Set(), answered: new Set() }
    known.set(client, forks)
    const tags = statusCode < 200 ? forks.ringing : forks.answered
    if (tags.size < maxForks) tags.add(toTag)
    return tags.has(toTag)
  }
}
