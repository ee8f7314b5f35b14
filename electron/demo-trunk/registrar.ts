/** One registered contact. It belongs to the connection it came over and dies with it (RFC 5626 §5.1 in spirit). */
export interface Binding<Connection> {
  readonly connection: Connection
  readonly contactUri: string
  /** Epoch ms. */
  readonly expiresAt: number
}

/** The Contact part of a REGISTER (RFC 3261 §10.2): one contact with its seconds, a wildcard, or a question. */
export type RegisterRequest =
  | { readonly kind: 'bind'; readonly contactUri: string; readonly expiresS: number }
  | { readonly kind: 'unbindAll' }
  | { readonly kind: 'query' }

export interface Registrar<Connection> {
  /** @returns the bindings of this connection afterwards, for the 200's Contact headers */
  register(connection: Connection, request: RegisterRequest): readonly Binding<Connection>[]
  /**
   * The connection is gone: nothing can reach its contacts any more.
   * @returns whether it had any
   */
  forget(connection: Connection): boolean
  /** The binding that was refreshed last and is still alive. */
  current(): Binding<Connection> | undefined
}

/** Seconds a registration may last; clients that ask for more get this. */
export const maxExpiresS = 3600
/** Used where the request names no time (RFC 3261 §10.2.1.1). */
export const defaultExpiresS = 600

/**
 * The bindings of the demo trunk's only user. Expired ones are dropped whenever somebody asks.
 * @param clock - epoch ms
 */
export function createRegistrar<Connection>(clock: () => number): Registrar<Connection> {
  /** Oldest refresh first. */
  let bindings: Binding<Connection>[] = []

  function alive(): Binding<Connection>[] {
    const now = clock()
    bindings = bindings.filter((binding) => binding.expiresAt > now)
    return bindings
  }

  return {
    register(connection, request) {
      if (request.kind === 'unbindAll') bindings = bindings.filter((binding) => binding.connection !== connection)
      if (request.kind === 'bind') {
        const { contactUri } = request
        bindings = bindings.filter((binding) => binding.connection !== connection || binding.contactUri !== contactUri)
        const expiresS = Math.min(request.expiresS, maxExpiresS)
        if (expiresS > 0) bindings.push({ connection, contactUri, expiresAt: clock() + expiresS * 1000 })
      }
      return alive().filter((binding) => binding.connection === connection)
    },
    forget(connection) {
      const before = alive().length
      bindings = bindings.filter((binding) => binding.connection !== connection)
      return bindings.length < before
    },
    current: () => alive().at(-1),
  }
}
