import type { OfferedInDialog } from './types.ts'

/**
 * Offers of the other side that nobody has answered yet. When the dialog ends they are answered all the same (RFC 3261
 * §15.1.2): the core keeps a request without a final response for ever.
 */
export class OpenOffers {
  readonly #open = new Set<OfferedInDialog>()

  /** @returns the offer, which is open until it is answered */
  note(request: OfferedInDialog): OfferedInDialog {
    const noted: OfferedInDialog = {
      ...request,
      accept: (sdp) => {
        if (this.#open.delete(noted)) request.accept(sdp)
      },
      reject: (status, warning) => {
        if (this.#open.delete(noted)) request.reject(status, warning)
      },
    }
    this.#open.add(noted)
    return noted
  }

  end(): void {
    for (const request of this.#open) request.reject(487)
  }
}
