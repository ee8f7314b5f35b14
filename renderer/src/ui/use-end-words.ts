import { useTranslation } from 'react-i18next'
import type { CallView, TransferView } from '../../../shared/model/call.ts'
import { accountOf } from '../state/selectors.ts'
import { nameOf } from '../text/call-words.ts'
import { errorWords } from '../text/error-words.ts'
import { serverOf } from './account-status.tsx'
import { useWindow } from './use-controller.ts'

/** What a sentence about the end of a call needs; a call on the screen has it, and an entry of the history. */
export type EndedView = Pick<CallView, 'remote' | 'accountId' | 'end'>

export interface EndWords {
  /** Why the call ended, in one sentence. */
  readonly what: string
  /** What to do next; empty when there is nothing to mend. */
  readonly advice: string
}

/** Why going on with somebody else did not work, in one sentence; undefined where it has not failed. */
export const useWhyNotPassedOn = (
  { accountId }: Pick<CallView, 'accountId'>,
  { to, code }: Pick<TransferView, 'to' | 'code'>,
): string | undefined => useEndWords(code && { accountId, remote: to, end: { by: 'remote', code } })?.what

export function useEndWords(call: EndedView | undefined): EndWords | undefined {
  const { t } = useTranslation()
  const account = useWindow((state) => (call ? accountOf(state, call.accountId) : undefined))
  const who = useWindow((state) => (call ? nameOf(call.remote, state.contacts) : '')) || t('call.unknown')
  if (!call?.end) return undefined
  const key = errorWords[call.end.code]
  const values = {
    who,
    trunk: account?.settings.label ?? call.remote.domain,
    server: account ? serverOf(account) : call.remote.domain,
    domain: account?.settings.domain ?? call.remote.domain,
  }
  return {
    what: t(`${key}.what`, { ...values, context: call.end.by }),
    // Where to change it is called differently at each kind of trunk.
    advice: t(`${key}.advice`, { ...values, context: account?.settings.preset, defaultValue: '' }),
  }
}
