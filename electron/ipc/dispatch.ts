import { KedgeError, toWireError } from '../../shared/errors.ts'
import {
  type CallChannel,
  type CallInput,
  type CallOutputs,
  type CallResult,
  callInputs,
} from '../../shared/ipc/contract.ts'

/** What the softphone does for each channel of the contract; inputs arrive validated. */
export type CallHandlers = {
  [C in CallChannel]: (input: CallInput<C>) => CallOutputs[C] | Promise<CallOutputs[C]>
}

const isChannel = (name: string): name is CallChannel => Object.hasOwn(callInputs, name)

/**
 * The main-process end of the IPC contract: validate, call, answer. Never rejects: an unknown channel, an input that
 * does not match its schema and a handler's failure all become a typed error in the result.
 */
export function createDispatch(handlers: CallHandlers) {
  return async (channel: string, input: unknown): Promise<CallResult<CallChannel>> => {
    try {
      if (!isChannel(channel)) throw new KedgeError('ipc/unknown-channel', 'no such channel')
      return { ok: true, value: await dispatch(handlers, channel, input) }
    } catch (error) {
      return { ok: false, error: toWireError(error) }
    }
  }
}

async function dispatch<C extends CallChannel>(handlers: CallHandlers, channel: C, input: unknown) {
  const parsed = callInputs[channel].safeParse(input)
  if (!parsed.success) {
    const fields = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))].join(', ')
    throw new KedgeError('ipc/invalid', `not valid: ${fields || 'the input itself'}`)
  }
  return handlers[channel](parsed.data as CallInput<C>)
}
