import type { CallInput, Door } from '../../../shared/ipc/contract.ts'
import type { Contact } from '../../../shared/model/contact.ts'

/** The contract takes this many contacts at once. */
const batch = 100

/** Reads the contacts when they have changed, and changes them. */
export class Contacts {
  readonly #door: Door
  readonly #show: (contacts: readonly Contact[]) => void
  readonly #prepare: (contacts: readonly Contact[]) => Promise<void>
  #revision: number | undefined

  /** @param prepare - what takes long before `show`, in pieces */
  constructor(
    door: Door,
    prepare: (contacts: readonly Contact[]) => Promise<void>,
    show: (contacts: readonly Contact[]) => void,
  ) {
    this.#door = door
    this.#prepare = prepare
    this.#show = show
  }

  sync(revision: number | undefined): void {
    if (revision === undefined || revision === this.#revision) return
    this.#revision = revision
    void this.#read()
  }

  /** Adds or replaces; in pieces that the contract takes. False when the main process refused. */
  async save(contacts: readonly Contact[]): Promise<boolean> {
    for (let start = 0; start < contacts.length; start += batch) {
      // The schema's lists are mutable and the model's are not; nothing here or behind the door changes them.
      const input = { contacts: contacts.slice(start, start + batch) } as CallInput<'saveContacts'>
      const result = await this.#door.call('saveContacts', input)
      if (!result.ok) return false
    }
    return true
  }

  async remove(id: string): Promise<boolean> {
    return (await this.#door.call('removeContact', { id })).ok
  }

  async #read(): Promise<void> {
    const revision = this.#revision
    const result = await this.#door.call('contacts', {})
    if (!result.ok) return
    await this.#prepare(result.value.contacts)
    // A later answer may have come in between.
    if (revision === this.#revision) this.#show(result.value.contacts)
  }
}
