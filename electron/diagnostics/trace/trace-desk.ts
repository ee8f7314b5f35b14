import { KedgeError } from '../../../shared/errors.ts'
import type { CallInput } from '../../../shared/ipc/contract.ts'
import type { AccountId } from '../../../shared/model/account.ts'
import type { SipTrace } from './sip-trace.ts'
import { traceFile } from './trace-file.ts'

/**
 * The trace as the channels of the contract ask for it.
 * @param labelOf - the account's name as the user gave it, for the name of a file
 * @param application - who writes a capture, for example `Kedge/0.1.0`
 */
export const traceHandlers = (trace: SipTrace, labelOf: (id: AccountId) => string, application: string) => ({
  trace: ({ scope }: CallInput<'trace'>) => trace.view(scope),
  traceMessage({ id }: CallInput<'traceMessage'>) {
    const text = trace.text(id)
    if (text === undefined) throw new KedgeError('trace/forgotten', 'newer messages took the place of this one')
    return { text }
  },
  exportTrace({ scope, form }: CallInput<'exportTrace'>) {
    const what = scope.accountId === undefined ? 'call' : labelOf(scope.accountId)
    return traceFile(trace.entries(scope), form, what, application)
  },
})
