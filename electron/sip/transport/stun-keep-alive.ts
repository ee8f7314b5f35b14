import { randomBytes } from 'node:crypto'
import { KedgeError } from '../../../shared/errors.ts'
import { isStun, stunIdBytes, stunMappedAddress, stunRequest } from '../../stun/binding.ts'
import { hostPort } from './transport.ts'

/** STUN keep-alive of one UDP flow (RFC 5626 §4.4.2). */
export interface StunKeepAlive {
  /** From now on, each `everyMs`. */
  start(everyMs: number): void
  /** @returns true when the datagram was STUN, whether it was ours or not */
  take(datagram: Uint8Array): boolean
  stop(): void
}

export interface StunKeepAliveDeps {
  readonly send: (datagram: Uint8Array) => void
  /** No answer, or our address in the eyes of the server has changed: the flow has failed. */
  readonly onFailed: (error: KedgeError) => void
}

/** RFC 5389 §7.2.1: 500 ms, doubled six times, and 16 times the first after the last. */
const firstRepeatMs = 500
const repeats = 7
const lastWaitMs = 16 * firstRepeatMs

export function createStunKeepAlive({ send, onFailed }: StunKeepAliveDeps): StunKeepAlive {
  let next: NodeJS.Timeout | undefined
  let open: { readonly id: Uint8Array; timer: NodeJS.Timeout | undefined } | undefined
  let known: string | undefined
  let everyMs = 0

  function ask(): void {
    const id = randomBytes(stunIdBytes)
    open = { id, timer: undefined }
    repeat(stunRequest(id), 1, firstRepeatMs)
  }

  function repeat(request: Uint8Array, count: number, waitMs: number): void {
    send(request)
    if (!open) return
    const more = count < repeats
    open.timer = setTimeout(
      () => (more ? repeat(request, count + 1, 2 * waitMs) : fail('net/timeout', 'the server stopped answering')),
      more ? waitMs : lastWaitMs,
    )
  }

  function fail(code: 'net/timeout' | 'net/closed', message: string): void {
    stop()
    onFailed(new KedgeError(code, message))
  }

  function stop(): void {
    clearTimeout(next)
    clearTimeout(open?.timer)
    open = undefined
  }

  return {
    start(interval) {
      everyMs = interval
      if (open) return
      clearTimeout(next)
      next = setTimeout(ask, everyMs)
    },
    take(datagram) {
      if (!isStun(datagram)) return false
      const mapped = open && stunMappedAddress(datagram, open.id)
      if (!mapped) return true
      stop()
      const now = hostPort(mapped)
      if (known !== undefined && known !== now) fail('net/closed', 'the address seen by the server has changed')
      else next = setTimeout(ask, everyMs)
      known = now
      return true
    },
    stop,
  }
}
