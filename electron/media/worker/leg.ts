import type { WireError } from '../../../shared/errors.ts'
import type { CryptoSuite } from '../../../shared/model/media.ts'
import type { SrtpEngine } from '../srtp/types.ts'
import type { DirectSockets } from './direct-sockets.ts'
import type { LegSockets } from './leg-sockets.ts'
import type { MediaPath, PathDeps } from './media-path.ts'

/** What a leg announces. */
export interface LegEvents {
  connected(suite: CryptoSuite): void
  failed(error: WireError): void
  /** The key that we send with has few packets left. */
  keyNearsEnd(): void
  /** @param atMs - epoch ms with fractions */
  firstPacket(atMs: number): void
}

export interface LegDeps extends PathDeps {
  readonly engine: SrtpEngine
  /** Undefined where the system cannot be asked past Node. */
  readonly direct: DirectSockets | undefined
}

/** A leg that can be moved to another address of this machine. */
export interface MovableLeg extends Leg {
  readonly sockets: LegSockets
}

/** One side of a call: sockets, who may speak on them, and the path its media takes. */
export interface Leg {
  readonly path: MediaPath
  /** Called twice a second. */
  tick(): void
  /** Closes sockets and wipes keys. Idempotent. */
  close(): void
}
