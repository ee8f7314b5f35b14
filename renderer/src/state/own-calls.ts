/** What of a browser's `sessionStorage` is needed: kept for this window alone, over a reload or a crash of the page. */
export type PageStorage = Pick<Storage, 'getItem' | 'setItem'>

const key = 'calls'
/** Far more than anyone is in at a time; the oldest are forgotten. */
const maxCalls = 20

/**
 * The calls that the user has placed or answered in this window, by their ids: those that it may take up again, microphone
 * and all, after the page was loaded anew. What any message says does not get a call onto this list.
 */
export class OwnCalls {
  readonly #storage: PageStorage
  #ids: readonly string[]

  constructor(storage: PageStorage) {
    this.#storage = storage
    this.#ids = read(storage)
  }

  has(id: string): boolean {
    return this.#ids.includes(id)
  }

  add(id: string): void {
    if (this.has(id)) return
    this.#ids = [...this.#ids, id].slice(-maxCalls)
    this.#storage.setItem(key, JSON.stringify(this.#ids))
  }
}

function read(storage: PageStorage): readonly string[] {
  try {
    const stored: unknown = JSON.parse(storage.getItem(key) ?? '[]')
    return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string') : []
  } catch {
    return []
  }
}
