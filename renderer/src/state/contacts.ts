import type { ErrorCode } from '../../../shared/errors.ts'
import type { CallChannel, CallInput, CallResult, Door } from '../../../shared/ipc/contract.ts'
import type { Contact } from '../../../shared/model/contact.ts'

interface ContactsParts {
  readonly door: Pick<Door, 'call'>
  /** What takes long before `show`, in pieces. */
  prepare(contacts: readonly Contact[]): Promise<void>
  show(contacts: readonly Contact[]): void
  onProblem(code: ErrorCode): void
}

/** The contract takes this many contacts at once. */
const batch = 100

/** Reads the contacts when they have changed, and changes them. */
export class Contacts {
  readonly #door: Pick<Door, 'call'>
  readonly #show: (contacts: readonly Contact[]) => void
  readonly #prepare: (contacts: readonly Contact[]) => Promise<void>
  readonly #onProblem: (code: ErrorCode) => void
  #revision: number | undefined
  /** The last reading failed, which was said. */
  #failed = false

  constructor({ door, prepare, show, onProblem }: ContactsParts) {
    this.#door = door
    this.#prepare = prepare
    this.#show = show
    this.#onProblem = onProblem
  }

  sync(revision: number | undefined): void {
    if (revision === undefined || revision === this.#revision) return
    this.#revision = revision
    void this.#read()
  }

  /** Adds or replaces, in pieces that the contract takes. @returns how many were kept, before a piece was refused */
  async save(contacts: readonly Contact[]): Promise<number> {
    for (let start = 0; start < contacts.length; start += batch) {
      // The schema's lists are mutable and the model's are not; nothing here or behind the door changes them.
      const input = { contacts: contacts.slice(start, start + batch) } as CallInput<'saveContacts'>
      if (!this.#isDone(await this.#door.call('saveContacts', input))) return start
    }
    return contacts.length
  }

  async remove(id: string): Promise<boolean> {
    return this.#isDone(await this.#door.call('removeContact', { id }))
  }

  #isDone(result: CallResult<CallChannel>): boolean {
    if (!result.ok) this.#onProblem(result.error.code)
    return result.ok
  }

  async #read(): Promise<void> {
    const revision = this.#revision
    const result = await this.#door.call('contacts', {})
    if (!result.ok) {
      // With the next state they are read again.
      if (revision === this.#revision) this.#revision = undefined
      if (!this.#failed) this.#onProblem(result.error.code)
      this.#failed = true
      return
    }
    this.#failed = false
    await this.#prepare(result.value.contacts)
    // A later answer may have come in between.
    if (revision === this.#revision) this.#show(result.value.contacts)
  }
}
