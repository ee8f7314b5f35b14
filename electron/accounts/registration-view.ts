import type { RegistrationState } from '../../shared/model/account.ts'
import type { Failure } from './registration-outcome.ts'
import type { LifeState } from './registration-table.ts'

interface Known {
  readonly state: LifeState
  /** False for a trunk without registration. */
  readonly registers: boolean
  /** Epoch ms. */
  readonly expiresAt: number
  readonly retryAt: number | undefined
  readonly failure: Failure | undefined
}

/** Pure. What the window says of an account's life. */
export function registrationView({ state, registers, expiresAt, retryAt, failure }: Known): RegistrationState {
  switch (state) {
    case 'off':
      return { kind: 'unregistered' }
    case 'connecting':
      return { kind: 'connecting' }
    case 'registering':
    case 'proving':
      return { kind: 'registering' }
    case 'online':
    case 'refreshing':
      return registers ? { kind: 'registered', expiresAt } : { kind: 'ready' }
    case 'waiting':
      return { ...failed(failure), ...(retryAt === undefined ? {} : { retryAt }) }
    case 'blocked':
      return failed(failure)
  }
}

const failed = (failure: Failure | undefined) => ({
  kind: 'failed' as const,
  code: failure?.code ?? 'internal',
  ...(failure === undefined ? {} : { details: failure.details }),
  ...(failure?.presented === undefined ? {} : { certificate: failure.presented.view }),
})
