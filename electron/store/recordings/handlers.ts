import { KedgeError } from '../../../shared/errors.ts'
import type { CallInput, CallOutputs } from '../../../shared/ipc/contract.ts'
import type { AccountId } from '../../../shared/model/account.ts'
import type { CallView } from '../../../shared/model/call.ts'
import type { Recordings } from './recordings.ts'

export interface RecordingHandlersDeps {
  readonly recordings: Recordings
  callOf(id: string): CallView | undefined
  labelOf(id: AccountId): string
  /** Epoch ms. */
  now(): number
}

/** The window records, because it alone hears both sides whatever the codec; what it hears is encrypted and kept here. */
export function recordingHandlers({ recordings, callOf, labelOf, now }: RecordingHandlersDeps) {
  return {
    async startRecording({ callId }: CallInput<'startRecording'>): Promise<CallOutputs['startRecording']> {
      const call = callOf(callId)
      if (call?.state !== 'connected') throw new KedgeError('call/not-connected', 'only a running call can be recorded')
      const { remote, accountId } = call
      return { id: await recordings.start({ callId, remote, accountLabel: labelOf(accountId), startedAt: now() }) }
    },
    appendRecording({ id, data }: CallInput<'appendRecording'>) {
      recordings.append(id, Buffer.from(data, 'base64'))
      return {}
    },
    finishRecording({ id }: CallInput<'finishRecording'>) {
      recordings.finish(id, now())
      return {}
    },
    recordings: () => ({ recordings: recordings.list() }),
    async readRecording({ id, from }: CallInput<'readRecording'>): Promise<CallOutputs['readRecording']> {
      const { data, ...rest } = await recordings.read(id, from)
      return { data: data.toString('base64'), ...rest }
    },
    removeRecording({ id }: CallInput<'removeRecording'>) {
      recordings.remove(id)
      return {}
    },
  }
}
