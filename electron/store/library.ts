import type { AppState, CallInput } from '../../shared/ipc/contract.ts'
import type { Contact } from '../../shared/model/contact.ts'
import type { WindowSettings } from '../../shared/model/settings.ts'
import type { Store } from './store.ts'

/**
 * What the user keeps here beside accounts: history, contacts and settings, as the channels of the contract ask for them.
 * The window is not sent all of it with each state, only a revision that tells when to read it again.
 */
export class Library {
  readonly #store: Pick<Store, 'history' | 'contacts' | 'settings'>
  readonly #onChange: () => void
  #historyRevision = 0
  #contactsRevision = 0

  constructor(store: Pick<Store, 'history' | 'contacts' | 'settings'>, onChange: () => void) {
    this.#store = store
    this.#onChange = onChange
  }

  get state(): Pick<AppState, 'historyRevision' | 'contactsRevision' | 'settings'> {
    return {
      historyRevision: this.#historyRevision,
      contactsRevision: this.#contactsRevision,
      settings: this.#store.settings.read(),
    }
  }

  /** Calls have been written into the history. */
  historyGrew(): void {
    this.#historyRevision += 1
  }

  readonly handlers = {
    history: (query: CallInput<'history'>) => this.#store.history.find(query),
    deleteCall: ({ id }: CallInput<'deleteCall'>) => this.#changeHistory(() => this.#store.history.remove(id)),
    clearHistory: () => this.#changeHistory(() => this.#store.history.clear()),
    contacts: () => ({ contacts: this.#store.contacts.all() }),
    saveContacts: ({ contacts }: CallInput<'saveContacts'>) =>
      this.#changeContacts(() => this.#store.contacts.save(contacts as readonly Contact[])),
    removeContact: ({ id }: CallInput<'removeContact'>) => this.#changeContacts(() => this.#store.contacts.remove(id)),
    saveSettings: ({ settings }: CallInput<'saveSettings'>) => {
      this.#store.settings.save(settings as Partial<WindowSettings>)
      this.#onChange()
      return {}
    },
  }

  #changeHistory(change: () => void): Record<string, never> {
    change()
    this.#historyRevision += 1
    this.#onChange()
    return {}
  }

  #changeContacts(change: () => void): Record<string, never> {
    change()
    this.#contactsRevision += 1
    this.#onChange()
    return {}
  }
}
