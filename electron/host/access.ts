import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * Who may talk to the browser shell. A page from elsewhere, another program or another user of this machine has
 * neither the ticket nor the cookie; a rebound DNS name has the wrong Host; a foreign page has the wrong Origin. A ticket
 * stands on the browser's command line, where everybody can read it, so another user's is refused all the same.
 */
export interface AccessRequest {
  readonly method: string
  /** Request target as received, path and query. */
  readonly url: string
  readonly host: string | undefined
  readonly origin: string | undefined
  readonly cookie: string | undefined
  /** Whether the other end belongs to this user, as far as the system tells. */
  isOwner(): boolean
}

export type AccessDecision =
  | { readonly kind: 'allow'; readonly path: string }
  /** The ticket was right and is spent: set the cookie and send the browser to the plain page. */
  | { readonly kind: 'admit'; readonly setCookie: string }
  | { readonly kind: 'deny'; readonly status: 403 | 405 | 421 }

export interface Access {
  /** A new address with a ticket that admits one browser once. */
  ticketUrl(): string
  page(request: AccessRequest): AccessDecision
  /** The WebSocket upgrade: Host, Origin and cookie must all be right. */
  socket(request: AccessRequest): boolean
}

const tokenBytes = 32
const maxTickets = 8
const cookieName = 'kedge'

/** @param port - the port this shell listens on; the only authority it answers for is 127.0.0.1:port */
export function createAccess(port: number): Access {
  const authority = `127.0.0.1:${port}`
  const origin = `http://${authority}`
  const session = randomBytes(tokenBytes).toString('base64url')
  const tickets: string[] = []

  const hasCookie = (cookie: string | undefined) =>
    (cookie ?? '').split(';').some((part) => {
      const [name, value] = part.trim().split('=', 2)
      return name === cookieName && value !== undefined && sameToken(value, session)
    })

  return {
    ticketUrl() {
      const ticket = randomBytes(tokenBytes).toString('base64url')
      tickets.push(ticket)
      if (tickets.length > maxTickets) tickets.shift()
      return `${origin}/?ticket=${ticket}`
    },
    page(request) {
      if (request.host !== authority) return { kind: 'deny', status: 421 }
      if (request.method !== 'GET' && request.method !== 'HEAD') return { kind: 'deny', status: 405 }
      const url = URL.parse(request.url, origin)
      if (url === null || url.origin !== origin) return { kind: 'deny', status: 403 }
      const ticket = url.searchParams.get('ticket')
      if (ticket !== null) {
        const index = tickets.findIndex((issued) => sameToken(ticket, issued))
        if (index < 0 || !request.isOwner()) return { kind: 'deny', status: 403 }
        tickets.splice(index, 1)
        return { kind: 'admit', setCookie: `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/` }
      }
      if (!hasCookie(request.cookie)) return { kind: 'deny', status: 403 }
      return { kind: 'allow', path: url.pathname }
    },
    socket: (request) =>
      request.host === authority && request.origin === origin && hasCookie(request.cookie) && request.isOwner(),
  }
}

/** Compares digests, so that neither length nor content shows in the time it takes. */
function sameToken(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
