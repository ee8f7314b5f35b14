import type { CallChannel, CallInput, CallResult, Door } from '../../../shared/ipc/contract.ts'
import type { AccountId, AccountSettings } from '../../../shared/model/account.ts'
import type { DoctorSubject } from '../../../shared/model/doctor.ts'
import type { AccountSecrets } from './account-draft.ts'
import type { WindowState } from './window-state.ts'

interface AccountDeskParts {
  readonly door: Pick<Door, 'call'>
  /** Asks, and shows what went wrong. True when it was done. */
  ask<C extends CallChannel>(channel: C, input: CallInput<C>): Promise<boolean>
  state(): WindowState
  set(change: Partial<WindowState>): void
}

/** What the user does with accounts: adding, trusting, choosing, looking at their trunks. */
export class AccountDesk {
  readonly #parts: AccountDeskParts

  constructor(parts: AccountDeskParts) {
    this.#parts = parts
  }

  /** The first account of the user's own becomes the default. */
  async save(settings: AccountSettings, secrets: AccountSecrets): Promise<CallResult<'saveAccount'>> {
    const isFirst = this.#parts.state().app?.accounts.every(({ demo }) => demo) === true
    // The schema's lists are mutable and the model's are not; nothing here or behind the door changes them.
    const input = { settings, ...secrets } as CallInput<'saveAccount'>
    const saved = await this.#parts.door.call('saveAccount', input)
    if (saved.ok && isFirst) await this.makeDefault(settings.id)
    return saved
  }

  remove(id: AccountId): Promise<boolean> {
    return this.#parts.ask('removeAccount', { id })
  }

  retry(id: AccountId): Promise<boolean> {
    return this.#parts.ask('retryAccount', { id })
  }

  /** For the next call alone. */
  choose(accountId: AccountId): void {
    this.#parts.set({ chosenAccountId: accountId })
  }

  /** The account that calls go through from now on, unless another is chosen. */
  makeDefault(defaultAccountId: AccountId): Promise<boolean> {
    this.#parts.set({ chosenAccountId: undefined })
    return this.#parts.ask('saveSettings', { settings: { defaultAccountId } })
  }

  trustCertificate(id: AccountId, sha256: string): Promise<boolean> {
    return this.#parts.ask('trustCertificate', { id, sha256 })
  }

  forgetCertificate(id: AccountId): Promise<boolean> {
    return this.#parts.ask('forgetCertificate', { id })
  }

  /** The trunk is looked at step by step. @param number - called for the echo, in place of the trunk's own */
  startDoctor(subject: DoctorSubject, number?: string): Promise<boolean> {
    if (subject.kind === 'practice') return this.#parts.ask('practiceDoctor', { fault: subject.fault })
    const { accountId } = subject
    return this.#parts.ask('runDoctor', number === undefined ? { accountId } : { accountId, number })
  }

  closeDoctor(): Promise<boolean> {
    return this.#parts.ask('closeDoctor', {})
  }
}
