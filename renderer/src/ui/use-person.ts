import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import { nameOf, type Person, personOf } from '../text/call-words.ts'
import { useWindow } from './use-controller.ts'

/** How the other end of a call is shown, by the contacts as they are now. */
export function usePerson(remote: CallView['remote']): Person {
  return useWindow((state) => personOf(remote, state.contacts))
}

/** The other end of a call as a sentence names it: never empty, whatever a caller keeps back. */
export function useName(remote: CallView['remote']): string {
  const { t } = useTranslation()
  return useWindow((state) => nameOf(remote, state.contacts)) || t('call.unknown')
}
