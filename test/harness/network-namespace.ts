import { runTool } from './process.ts'

/** Where a peer runs: another address than 127.0.0.1, in a network of its own. */
export interface Site {
  readonly host: string
  /** Name of the network namespace; this one when absent. */
  readonly namespace?: string
}

/** Kept for documentation and tests, and in use nowhere near a real one (RFC 2544, RFC 5737). */
const prefix = '198.18.77'

/**
 * A second network on this machine: peers run in it, at `host`, and a cable (veth) leads to this one, whose address on it
 * can be changed while calls run. Linux, as root.
 */
export class NetworkNamespace implements Site, AsyncDisposable {
  readonly host = `${prefix}.100`
  readonly namespace: string
  readonly #cable: string
  #address: string | undefined

  static async open(): Promise<NetworkNamespace> {
    const network = new NetworkNamespace(`kedge-${process.pid}`, `kdg${process.pid}`)
    await network.#build()
    return network
  }

  private constructor(namespace: string, cable: string) {
    this.namespace = namespace
    this.#cable = cable
  }

  /** Gives this machine's end of the cable another address, as a change of network does: the old one is gone. */
  async takeAddress(last: number): Promise<string> {
    const address = `${prefix}.${last}`
    if (this.#address) await ip('addr', 'del', `${this.#address}/24`, 'dev', this.#cable)
    await ip('addr', 'add', `${address}/24`, 'dev', this.#cable)
    this.#address = address
    return address
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await ip('link', 'del', this.#cable)
    await ip('netns', 'del', this.namespace)
  }

  async #build(): Promise<void> {
    await ip('netns', 'add', this.namespace)
    const inside = ['-n', this.namespace] as const
    await ip('link', 'add', this.#cable, 'type', 'veth', 'peer', 'name', 'far', 'netns', this.namespace)
    await ip(...inside, 'link', 'set', 'lo', 'up')
    await ip(...inside, 'addr', 'add', `${this.host}/24`, 'dev', 'far')
    await ip(...inside, 'link', 'set', 'far', 'up')
    // A phone without a way out of its network believes that it has none.
    await ip(...inside, 'route', 'add', 'default', 'dev', 'far')
    await ip('link', 'set', this.#cable, 'up')
  }
}

const ip = (...args: string[]) => runTool('ip', args)
