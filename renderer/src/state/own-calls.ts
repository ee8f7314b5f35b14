/** What of a browser's `sessionStorage` is needed: kept for this window alone, over a reload or a crash of the page. */
export type PageStorage = Pick<Storage, 'getItem' | 'setItem'>

type Key = 'calls' | 'muted'
/** Far more than anyone is in at a time; the oldest are forgotten. */
const maxCalls = 20

/**
 * The calls that the user has placed or answered in this window, by their ids: those that it may take up again, microphone
 * and all, after the page was loaded anew; and which of them are muted. What any message says gets no call onto this list.
 */
export class OwnCalls {
  readonly #storage: PageStorage
  #ids: readonly string[]
  #muted: readonly string[]

  constructor(storage: PageStorage) {
    this.#storage = storage
    this.#ids = read(storage, 'calls')
    this.#muted = read(storage, 'muted')
  }

  has(id: string): boolean {
    return this.#ids.includes(id)
  }

  add(id: string): void {
    if (!this.has(id)) this.#ids = this.#keep('calls', [...this.#ids, id])
  }

  isMuted(id: string): boolean {
    return this.#muted.includes(id)
  }

  setMuted(id: string, muted: boolean): void {
    const others = this.#muted.filter((one) => one !== id)
    this.#muted = this.#keep('muted', muted ? [...others, id] : others)
  }

  #keep(key: Key, ids: readonly string[]): readonly string[] {
    const newest = ids.slice(-maxCalls)
    this.#storage.setItem(key, JSON.stringify(newest))
    return newest
  }
}

function read(storage: PageStorage, key: Key): readonly string[] {
  try {
    const stored: unknown = JSON.parse(storage.getItem(key) ?? '[]')
    return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string') : []
  } catch {
    return []
  }
}
