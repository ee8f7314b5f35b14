import type { CallMedia } from './call-media.ts'
import type { Mix, Mixer } from './mixer.ts'

/** The calls whose sound is mixed here, so that each of their other sides hears all the others. */
export class Conference {
  readonly #mixer: Mixer
  #members: readonly CallMedia[] = []
  #mix: Mix | undefined

  constructor(mixer: Mixer) {
    this.#mixer = mixer
  }

  /**
   * From now on these calls are mixed, and no other; fewer than two are no conference. To be called again when the sound
   * of one of them changes.
   * @returns what is to be heard here; undefined without a conference
   */
  set(members: readonly CallMedia[]): MediaStream | undefined {
    const before = this.#mix
    const voices = members.flatMap(({ microphone, remote }) => (microphone ? [{ microphone, remote }] : []))
    const possible = members.length > 1 && voices.length === members.length
    this.#mix = possible ? this.#mixer(voices) : undefined
    const now = possible ? members : []
    now.forEach((member, at) => void member.send(this.#mix?.toEach[at]))
    for (const member of this.#members) if (!now.includes(member)) void member.send(undefined)
    this.#members = now
    before?.close()
    return this.#mix?.here
  }
}
