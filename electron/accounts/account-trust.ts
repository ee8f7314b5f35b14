import { KedgeError } from '../../shared/errors.ts'
import type { AccountId, AccountSettings } from '../../shared/model/account.ts'
import { pinFor } from '../../shared/model/certificate.ts'
import type { AccountManager } from './account-manager.ts'
import { readClientKey } from './client-key.ts'

/** A private key as the user pasted it. */
export interface PastedKey {
  readonly pem: string
  readonly passphrase?: string | undefined
}

export interface AccountTrustDeps {
  presentedCertificate: AccountManager['presentedCertificate']
  /** Stored settings of an account. */
  settingsOf(id: AccountId): AccountSettings | undefined
  /** Stores settings and connects with them; password and key stay as they are. */
  save(settings: AccountSettings): Promise<void>
  readonly keys: {
    all(): readonly { readonly accountId: AccountId; readonly sealedKey: Uint8Array }[]
    save(id: AccountId, sealedKey: Uint8Array): void
    remove(id: AccountId): void
  }
  readonly secrets: {
    seal(plain: string): Promise<Uint8Array>
    open(sealed: Uint8Array): Promise<string>
  }
  readonly now: () => number
  /** A sealed key could not be opened: another user's key store, or a lost one. The account goes on without its key. */
  onUnreadable(id: AccountId, error: unknown): void
}

/**
 * Whom the user trusts, per account, beyond public authorities: one pinned certificate, and the key that this phone proves
 * itself with. Keys are sealed at rest and never leave this process again.
 */
export class AccountTrust {
  readonly #deps: AccountTrustDeps
  readonly #keys = new Map<AccountId, string>()

  constructor(deps: AccountTrustDeps) {
    this.#deps = deps
  }

  async load(): Promise<void> {
    for (const { accountId, sealedKey } of this.#deps.keys.all()) {
      try {
        this.#keys.set(accountId, await this.#deps.secrets.open(sealedKey))
      } catch (error) {
        this.#deps.onUnreadable(accountId, error)
      }
    }
  }

  /** Private key of the account's client certificate, PEM. */
  keyOf(id: AccountId): string | undefined {
    return this.#keys.get(id)
  }

  /**
   * What is to be stored of settings that come from the window: the pin is the one that stands, and only for the same
   * domain. A new key is read, held against the certificate and sealed; a certificate that is taken away takes its key along.
   * @throws KedgeError `account/client-key` (as rejection); nothing is changed then
   */
  async adopt(settings: AccountSettings, key: PastedKey | undefined): Promise<AccountSettings> {
    const { pin: _sent, ...rest } = settings
    const stored = this.#deps.settingsOf(settings.id)
    await this.#adoptKey(rest, key)
    const pin = stored && pinFor({ domain: settings.domain, pin: stored.pin })
    return pin === undefined ? rest : { ...rest, pin }
  }

  async #adoptKey({ id, clientCertPem }: AccountSettings, key: PastedKey | undefined): Promise<void> {
    if (clientCertPem === undefined) {
      this.forget(id)
      return
    }
    const known = this.#keys.get(id)
    if (key === undefined && known === undefined)
      throw new KedgeError('account/client-key', 'the certificate has no key')
    const plain = readClientKey(clientCertPem, key?.pem ?? known ?? '', key?.passphrase)
    if (plain === known) return
    this.#deps.keys.save(id, await this.#deps.secrets.seal(plain))
    this.#keys.set(id, plain)
  }

  /** Forgets an account's key, also one that could not be opened. */
  forget(id: AccountId): void {
    this.#keys.delete(id)
    this.#deps.keys.remove(id)
  }

  /**
   * Pins the certificate that the account's server showed last.
   * @param sha256 - the fingerprint that the user has compared
   * @throws KedgeError `tls/pin-changed` when the server has shown another one since (as rejection)
   */
  async trust(id: AccountId, sha256: string): Promise<void> {
    const settings = this.#settings(id)
    const shown = this.#deps.presentedCertificate(id)
    if (shown?.view.sha256 !== sha256)
      throw new KedgeError('tls/pin-changed', 'the server shows another certificate now')
    const { domain } = settings
    const pin = { domain, sha256, certPem: shown.certPem, trustedAt: this.#deps.now() }
    await this.#deps.save({ ...settings, pin })
  }

  /** Takes the pin back: what the server shows is judged by authorities again. */
  async distrust(id: AccountId): Promise<void> {
    const { pin: _pin, ...settings } = this.#settings(id)
    await this.#deps.save(settings)
  }

  #settings(id: AccountId): AccountSettings {
    const settings = this.#deps.settingsOf(id)
    if (!settings) throw new KedgeError('call/account-unknown', 'there is no such account')
    return settings
  }
}
