import type { Forwarding, ForwardTarget } from '../../../shared/model/account.ts'
import { dialTarget, parseDialString } from '../text/dial-string.ts'

/** Call forwarding as it is being filled in: whom to, as typed, for each case; empty is off. */
export interface ForwardingDraft {
  readonly always: string
  readonly busy: string
  readonly noAnswer: string
  readonly unreachable: string
  /** Seconds of ringing before `noAnswer`, as typed. */
  readonly afterS: string
}

export type ForwardingField = keyof ForwardingDraft

/** The cases in the order in which they are decided. */
export const forwardingCases = [
  'always',
  'busy',
  'noAnswer',
  'unreachable',
] as const satisfies readonly (keyof Forwarding)[]

const defaultAfterS = 25
const afterRangeS = { least: 5, most: 120 }

export function draftFromForwarding(stored: Forwarding | undefined): ForwardingDraft {
  return {
    always: stored?.always?.target ?? '',
    busy: stored?.busy?.target ?? '',
    noAnswer: stored?.noAnswer?.target ?? '',
    unreachable: stored?.unreachable?.target ?? '',
    afterS: String(stored?.noAnswer?.afterS ?? defaultAfterS),
  }
}

/** Pure. The fields that cannot be read; the seconds count only when they are used. */
export function invalidForwarding(draft: ForwardingDraft): readonly ForwardingField[] {
  const targets = forwardingCases.filter((field) => parseDialString(draft[field]).kind === 'invalid')
  const afterS = Number(draft.afterS)
  const inRange = Number.isInteger(afterS) && afterS >= afterRangeS.least && afterS <= afterRangeS.most
  return draft.noAnswer.trim() === '' || inRange ? targets : [...targets, 'afterS']
}

/**
 * Pure. The forwarding of a draft; undefined when every case is off. The account that a stored target goes through,
 * which the form does not show, stays with it.
 */
export function readForwarding(
  draft: ForwardingDraft,
  accountDomain: string,
  stored: Forwarding | undefined,
): Forwarding | undefined {
  const targetOf = (field: keyof Forwarding): ForwardTarget | undefined => {
    const target = dialTarget(parseDialString(draft[field]), accountDomain)
    const accountId = stored?.[field]?.accountId
    return target === undefined ? undefined : { target, ...(accountId === undefined ? {} : { accountId }) }
  }
  const noAnswer = targetOf('noAnswer')
  const cases = {
    always: targetOf('always'),
    busy: targetOf('busy'),
    noAnswer: noAnswer && { ...noAnswer, afterS: Number(draft.afterS) },
    unreachable: targetOf('unreachable'),
  }
  const on = Object.entries(cases).filter(([, target]) => target !== undefined)
  return on.length > 0 ? (Object.fromEntries(on) as Forwarding) : undefined
}
