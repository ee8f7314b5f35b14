import { isUnspecified } from './address.ts'
import { hasAttribute, inherited } from './attributes.ts'
import { mentionsIce } from './dtls-parameters.ts'
import type { Direction, MediaDescription, SessionDescription } from './types.ts'

interface Flow {
  readonly send: boolean
  readonly receive: boolean
}
const flows: Readonly<Record<Direction, Flow>> = {
  sendrecv: { send: true, receive: true },
  sendonly: { send: true, receive: false },
  recvonly: { send: false, receive: true },
  inactive: { send: false, receive: false },
}

function directionOf({ send, receive }: Flow): Direction {
  if (send) return receive ? 'sendrecv' : 'sendonly'
  return receive ? 'recvonly' : 'inactive'
}

export function sends(direction: Direction): boolean {
  return flows[direction].send
}

export function receives(direction: Direction): boolean {
  return flows[direction].receive
}

/**
 * Direction of a section as its author means it: the section's own attribute, else the session's, else `sendrecv`.
 * `c=0.0.0.0` says "do not send to me", the hold of RFC 2543 phones; under ICE it only means "no candidate yet".
 */
export function readDirection(session: SessionDescription, media: MediaDescription): Direction {
  const names = Object.keys(flows) as Direction[]
  const written =
    names.find((name) => hasAttribute(media, name)) ?? names.find((name) => hasAttribute(session, name)) ?? 'sendrecv'
  const address = (media.connection ?? session.connection)?.address
  const oldHold = address !== undefined && isUnspecified(address) && !mentionsIce(session, media)
  return oldHold ? directionOf({ ...flows[written], receive: false }) : written
}

/** `sendonly` and `inactive`, in whatever spelling: the author does not want to hear us. */
export function isHold(direction: Direction): boolean {
  return !receives(direction)
}

/**
 * The answer's direction: what we want, as far as the offer allows it (RFC 3264 §6.1).
 * @param wanted - what we would say if the peer allowed everything
 */
export function answerDirection(offered: Direction, wanted: Direction = 'sendrecv'): Direction {
  return directionOf({
    send: sends(wanted) && receives(offered),
    receive: receives(wanted) && sends(offered),
  })
}

/** `a=ptime` in ms, clamped to 1..200; undefined when absent or no number. */
export function readPtime(session: SessionDescription, media: MediaDescription): number | undefined {
  const value = Number.parseInt(inherited(session, media, 'ptime') ?? '', 10)
  return Number.isNaN(value) ? undefined : Math.min(200, Math.max(1, value))
}
