import { type IncomingRequestMessage, IncomingResponseMessage } from 'sip.js/lib/core/index.js'
import { bodyParts, mediaType } from './message/body-parts.ts'
import { retryAfterSeconds } from './message/delta-seconds.ts'
import { displayText, visible } from './message/display-text.ts'
import type { SipAddress, SipResponse } from './types.ts'

/** A final response with its headers, or a local failure in the shape of one (RFC 3261 §8.1.3.1). */
export interface FinalResponse extends SipResponse {
  /** Every value of a header, by its name in any case. */
  headers(name: string): readonly string[]
  /** True when no peer sent it: 408 for a timeout, 503 for a flow that is gone. */
  readonly local: boolean
}

/** The core makes its own 408 and 503 as messages without a single header. */
export const isLocal = (message: IncomingResponseMessage): boolean => Object.keys(message.headers).length === 0

/** A response that no peer sent. */
export function localResponse(status: number, reason: string): IncomingResponseMessage {
  const message = new IncomingResponseMessage()
  message.statusCode = status
  message.reasonPhrase = reason
  return message
}

export function toSipResponse(message: IncomingResponseMessage): SipResponse {
  const body = sdpOf(message)
  const warning = displayText(message.getHeader('warning')?.match(/"((?:[^"\\]|\\.)*)/)?.[1])
  const warningCode = message.getHeader('warning')?.match(/^\s*(3\d\d)\s/)?.[1]
  const retryAfterS = retryAfterSeconds(message.getHeader('retry-after'))
  return {
    status: message.statusCode ?? 0,
    reason: displayText(message.reasonPhrase) ?? '',
    ...(message.toTag ? { toTag: message.toTag } : {}),
    ...(body === undefined ? {} : { body }),
    ...(warning === undefined ? {} : { warning }),
    ...(warningCode === undefined ? {} : { warningCode: Number(warningCode) }),
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
  }
}

export function toFinalResponse(message: IncomingResponseMessage): FinalResponse {
  return { ...toSipResponse(message), headers: (name) => message.getHeaders(name), local: isLocal(message) }
}

/** The session description of a message, alone or among the parts of a multipart body; undefined when there is none. */
export function sdpOf(message: IncomingRequestMessage | IncomingResponseMessage): string | undefined {
  if (!message.body) return undefined
  const contentType = message.getHeader('content-type') ?? ''
  const type = mediaType(contentType)
  if (type === 'application/sdp') return message.body
  if (!type.startsWith('multipart/')) return undefined
  return bodyParts(contentType, message.body).find((part) => mediaType(part.contentType) === 'application/sdp')?.content
}

/** From or To as the bridge shows it. */
export function toSipAddress(header: IncomingRequestMessage['from']): SipAddress {
  const displayName = displayText(header.displayName)
  return {
    user: visible(header.uri.user ?? ''),
    host: header.uri.host,
    ...(displayName === undefined ? {} : { displayName }),
  }
}
