/**
 * What the answers of one INVITE's early dialogs settled, by To tag: a forked INVITE has as many as there are phones
 * that said something (RFC 3261 §13.2.2.4). One is the current one, where media is sent; the others are listened to
 * until a 2xx chooses.
 */
export class EarlyDialogs<T> {
  readonly #byTag = new Map<string, T>()
  #currentTag: string | undefined

  get current(): T | undefined {
    return this.#currentTag === undefined ? undefined : this.#byTag.get(this.#currentTag)
  }

  /** Undefined before the first answer. */
  get currentTag(): string | undefined {
    return this.#currentTag
  }

  get others(): readonly { readonly tag: string; readonly value: T }[] {
    return [...this.#byTag].flatMap(([tag, value]) => (tag === this.#currentTag ? [] : [{ tag, value }]))
  }

  get(tag: string): T | undefined {
    return this.#byTag.get(tag)
  }

  /** The newest answer of a dialog, which becomes the current one. */
  set(tag: string, value: T): void {
    this.#byTag.set(tag, value)
    this.#currentTag = tag
  }

  /** This dialog was chosen: the others are forgotten. @returns false when it has not answered our offer yet */
  confirm(tag: string): boolean {
    for (const other of [...this.#byTag.keys()]) if (other !== tag) this.#byTag.delete(other)
    if (!this.#byTag.has(tag)) return false
    this.#currentTag = tag
    return true
  }
}
