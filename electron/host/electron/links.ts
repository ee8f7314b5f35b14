import { app } from 'electron'
import { type Link, LinkLimit, linkOfArguments, linkSchemes, parseLink } from '../desktop/deep-link.ts'

/** A double dash before the link: what comes after it is never read as a switch. */
const linkArguments = ['--']

export interface LinksParts {
  onTarget(target: string): void
  /** A second start of Kedge, or a link: the user wants to see it. */
  onShow(): void
  log(message: string): void
  readonly now?: () => number
}

/** Links that the system gives to Kedge: at its start, to the one that runs already, and macOS's way. */
export class Links {
  readonly #parts: LinksParts
  readonly #limit = new LinkLimit()

  constructor(parts: LinksParts) {
    this.#parts = parts
    app.on('second-instance', (_event, args) => {
      const link = linkOfArguments(args)
      if (link === undefined) this.#parts.onShow()
      else this.#take(link, 'show')
    })
    app.on('open-url', (event, url) => {
      event.preventDefault()
      this.#take(parseLink(url), 'show')
    })
  }

  /** The link that Kedge itself was started for. */
  takeStartLink(args: readonly string[]): void {
    const link = linkOfArguments(args)
    if (link) this.#take(link, 'started')
  }

  /** Tells the system whether Kedge opens such links. */
  register(wanted: boolean): void {
    for (const scheme of linkSchemes) {
      const isOurs = app.isDefaultProtocolClient(scheme, process.execPath, linkArguments)
      if (wanted && !isOurs) app.setAsDefaultProtocolClient(scheme, process.execPath, linkArguments)
      if (!wanted && isOurs) app.removeAsDefaultProtocolClient(scheme, process.execPath, linkArguments)
    }
  }

  get openHere(): boolean {
    return linkSchemes.every((scheme) => app.isDefaultProtocolClient(scheme, process.execPath, linkArguments))
  }

  /** One too many does not raise the window either: a page could hold it in front of everything else. */
  #take(link: Link, window: 'show' | 'started'): void {
    const now = this.#parts.now ?? Date.now
    const admitted = this.#limit.admits(now())
    if (admitted && window === 'show') this.#parts.onShow()
    const taken: Link = admitted ? link : { kind: 'refused', reason: 'too-often' }
    // The link itself is not logged: it may be anything.
    if (taken.kind === 'refused') this.#parts.log(`a link was refused: ${taken.reason}`)
    else this.#parts.onTarget(taken.target)
  }
}
