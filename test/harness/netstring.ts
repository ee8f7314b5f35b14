/** Netstrings (`5:hello,`): the framing of baresip's control connection. */
export function toNetstring(text: string): string {
  return `${Buffer.byteLength(text)}:${text},`
}

/** Takes bytes as they come and returns the texts that are complete by then. */
export class NetstringReader {
  #pending = Buffer.alloc(0)

  push(bytes: Uint8Array): string[] {
    this.#pending = Buffer.concat([this.#pending, bytes])
    const texts: string[] = []
    for (;;) {
      const colon = this.#pending.indexOf(':')
      if (colon < 0) return texts
      const start = colon + 1
      const end = start + Number(this.#pending.toString('latin1', 0, colon))
      if (Number.isNaN(end)) throw new Error('no netstring')
      if (this.#pending.length <= end) return texts
      texts.push(this.#pending.toString('utf8', start, end))
      this.#pending = this.#pending.subarray(end + 1)
    }
  }
}
