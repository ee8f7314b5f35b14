import type { Body, Dialog, IncomingResponseMessage, OutgoingRequestMessage, URI } from 'sip.js/lib/core/index.js'
import type { EndpointContext } from './context.ts'
import type { DigestTarget } from './digest/digest.ts'
import { randomToken } from './message/random.ts'
import { localResponse } from './response.ts'

/** A request outside any dialog. */
export interface ClientRequest {
  readonly method: string
  readonly requestUri: URI
  readonly from: URI
  readonly to: URI
  readonly headers: readonly string[]
  readonly routeSet: readonly string[]
  /** Registrations of one account share a Call-ID and count on (RFC 3261 §10.2); chosen afresh when absent. */
  readonly callId?: string
  /** Next CSeq number, asked for each try; counts from 1 when absent. */
  readonly nextCSeq?: () => number
}

/**
 * Sends a non-INVITE request outside dialogs and answers challenges.
 * @returns the final response that stands; never rejects: a timeout is a local 408, a lost flow a local 503
 */
export function sendRequest(ctx: EndpointContext, request: ClientRequest): Promise<IncomingResponseMessage> {
  const callId = request.callId ?? randomToken()
  const fromTag = randomToken()
  let cseq = 0
  const nextCSeq = request.nextCSeq ?? (() => ++cseq)
  const target = { method: request.method, uri: request.requestUri.toRaw(), body: '' }
  return sendWithCredentials(ctx, target, true, (lines) =>
    ctx.core.makeOutgoingRequestMessage(
      request.method,
      request.requestUri,
      request.from,
      request.to,
      { callId, fromTag, cseq: nextCSeq(), routeSet: [...request.routeSet] },
      [...request.headers, ...lines],
    ),
  )
}

/**
 * Sends a non-INVITE request within a dialog.
 * @param ownDialog - whether we sent the INVITE: only then are challenges answered, because the other party of a
 *   call that it began may ask for credentials in our server's name (CVE-2021-41158)
 * @param headers - whole lines, asked for each try
 */
export function sendInDialog(
  ctx: EndpointContext,
  dialog: Dialog,
  method: string,
  ownDialog: boolean,
  { body, headers = () => [] }: { readonly body?: Body; readonly headers?: () => readonly string[] } = {},
): Promise<IncomingResponseMessage> {
  const target = { method, uri: dialog.remoteTarget.toRaw(), body: body?.content ?? '' }
  return sendWithCredentials(ctx, target, ownDialog, (lines) =>
    dialog.createOutgoingRequestMessage(method, {
      extraHeaders: [...headers(), ...lines],
      ...(body ? { body } : {}),
    }),
  )
}

/**
 * Sends a request and answers challenges to it.
 * @param make - the next try, with these credentials
 */
export async function sendWithCredentials(
  ctx: EndpointContext,
  target: DigestTarget,
  mayAuthenticate: boolean,
  make: (credentialLines: string[]) => OutgoingRequestMessage,
): Promise<IncomingResponseMessage> {
  const credentials = mayAuthenticate ? ctx.credentialsFor(target) : undefined
  for (;;) {
    const response = await sendOnce(ctx, make(credentials?.lines() ?? []))
    const { statusCode: status } = response
    if (status !== 401 && status !== 407) {
      credentials?.accepted((name) => response.getHeader(name))
      return response
    }
    if (!credentials?.challenged(status, challengesOf(response, status))) return response
  }
}

export function challengesOf(response: IncomingResponseMessage, status: 401 | 407): string[] {
  return response.getHeaders(status === 401 ? 'www-authenticate' : 'proxy-authenticate')
}

function sendOnce(ctx: EndpointContext, message: OutgoingRequestMessage): Promise<IncomingResponseMessage> {
  if (!ctx.isOpen()) return Promise.resolve(localResponse(503, 'Flow Closed'))
  return new Promise((resolve) => {
    const settle = (response: IncomingResponseMessage) => {
      ctx.onFlowLost.delete(lost)
      resolve(response)
    }
    const lost = () => settle(localResponse(503, 'Flow Closed'))
    ctx.onFlowLost.add(lost)
    const take = (response: { message: IncomingResponseMessage }) => settle(response.message)
    ctx.core.request(message, { onAccept: take, onRedirect: take, onReject: take })
  })
}
