import type { CallView } from '../../../shared/model/call.ts'
import { type Person, personOf } from '../text/call-words.ts'
import { useWindow } from './use-controller.ts'

/** How the other end of a call is shown, by the contacts as they are now. */
export function usePerson(remote: CallView['remote']): Person {
  return useWindow((state) => personOf(remote, state.contacts))
}
