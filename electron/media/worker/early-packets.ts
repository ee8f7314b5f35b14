import type { Component } from './leg-sockets.ts'

/** Packets that came before there were keys, with where they came from. */
export interface EarlyPacket {
  readonly packet: Buffer
  readonly address: string
  readonly port: number
  readonly component: Component
}

/** Half a second of audio: an answer that takes longer than its media does loses the beginning. */
const MAX_EARLY = 25

/**
 * Holds the first packets of a leg until its keys are known (RFC 4568 §5.1.1: media may come before the answer). They
 * are tried like any other then; nothing is played that does not authenticate.
 */
export class EarlyPackets {
  #held: EarlyPacket[] = []

  /** Copies the packet. @returns false when there is no more room */
  hold(packet: Buffer, address: string, port: number, component: Component): boolean {
    if (this.#held.length === MAX_EARLY) return false
    this.#held.push({ packet: Buffer.from(packet), address, port, component })
    return true
  }

  /** Hands over what was held and forgets it. */
  release(): readonly EarlyPacket[] {
    const held = this.#held
    this.#held = []
    return held
  }
}
