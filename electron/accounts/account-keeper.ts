import { KedgeError } from '../../shared/errors.ts'
import type { AccountSettings, AccountView } from '../../shared/model/account.ts'
import type { PasswordChoice, PasswordProtection } from '../../shared/model/desktop.ts'
import type { AccountManager } from './account-manager.ts'

/** The parts that keep an account beyond this run. */
export interface AccountKeeperDeps {
  readonly accounts: Pick<AccountManager, 'list' | 'save' | 'remove' | 'retry'>
  readonly store: {
    accounts(): readonly { readonly settings: AccountSettings; readonly sealedPassword: Uint8Array | undefined }[]
    saveAccount(settings: AccountSettings, sealedPassword: Uint8Array | undefined): void
    removeAccount(id: string): void
  }
  readonly secrets: {
    readonly protection: PasswordProtection
    seal(plain: string): Promise<Uint8Array>
    open(sealed: Uint8Array): Promise<string>
  }
  passwordChoice(): PasswordChoice
  /** A sealed password could not be opened: another user's key store, or a lost key. */
  onUnreadable(settings: AccountSettings, error: unknown): void
  onChange(): void
}

/** On disk, in place of a sealed password: there is one, and the user did not want it stored. */
const notStored = new Uint8Array(0)

const needed = Symbol('the user must enter it')

/**
 * What becomes of a password. Pure.
 * @returns `ask` when only the user can say
 */
export function passwordKeeping(protection: PasswordProtection, choice: PasswordChoice): 'seal' | 'forget' | 'ask' {
  if (protection === 'system' || protection === 'key-file') return 'seal'
  if (choice === 'not-stored') return 'forget'
  return protection === 'readable' && choice === 'readable' ? 'seal' : 'ask'
}

/** Accounts with their passwords at rest. One whose password is not there waits for it, and bothers no server until then. */
export class AccountKeeper {
  readonly #deps: AccountKeeperDeps
  readonly #waiting = new Map<string, AccountSettings>()

  constructor(deps: AccountKeeperDeps) {
    this.#deps = deps
  }

  list(): readonly AccountView[] {
    return [...this.#deps.accounts.list(), ...[...this.#waiting.values()].map(waitingView)]
  }

  /** Starts what is stored. */
  async load(): Promise<void> {
    for (const { settings, sealedPassword } of this.#deps.store.accounts()) {
      const password = await this.#open(settings, sealedPassword)
      if (password === needed) this.#waiting.set(settings.id, settings)
      else this.#deps.accounts.save(settings, password)
    }
    this.#deps.onChange()
  }

  /**
   * Adds the account or replaces the one with this id. Without a password the one that is known stays.
   * @throws KedgeError `account/password-storage` when only the user can say where the password may lie
   */
  async save(settings: AccountSettings, password: string | undefined): Promise<void> {
    const { accounts, store } = this.#deps
    store.saveAccount(settings, password === undefined ? undefined : await this.#seal(password))
    if (password === undefined && this.#waiting.has(settings.id)) {
      this.#waiting.set(settings.id, settings)
      this.#deps.onChange()
      return
    }
    this.#waiting.delete(settings.id)
    accounts.save(settings, password)
  }

  remove(id: string): void {
    this.#deps.store.removeAccount(id)
    if (this.#waiting.delete(id)) this.#deps.onChange()
    else this.#deps.accounts.remove(id)
  }

  retry(id: string): void {
    if (!this.#waiting.has(id)) this.#deps.accounts.retry(id)
  }

  async #seal(password: string): Promise<Uint8Array> {
    const { secrets, passwordChoice } = this.#deps
    switch (passwordKeeping(secrets.protection, passwordChoice())) {
      case 'seal':
        return secrets.seal(password)
      case 'forget':
        return notStored
      case 'ask':
        throw new KedgeError('account/password-storage', 'this computer has no protected place for passwords')
    }
  }

  async #open(settings: AccountSettings, sealed: Uint8Array | undefined): Promise<string | undefined | typeof needed> {
    if (sealed === undefined) return undefined
    if (sealed.length === 0) return needed
    try {
      return await this.#deps.secrets.open(sealed)
    } catch (error) {
      this.#deps.onUnreadable(settings, error)
      return needed
    }
  }
}

const waitingView = (settings: AccountSettings): AccountView => ({
  settings,
  state: { kind: 'failed', code: 'account/password-needed' },
  canReceiveCalls: false,
  demo: false,
})
