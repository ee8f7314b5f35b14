import { fileURLToPath } from 'node:url'
import type { NetworkNamespace } from '../../harness/network-namespace.ts'
import { type PeerProcess, startProcess } from '../../harness/process.ts'

export interface AttackOptions {
  readonly address: string
  readonly ports: readonly number[]
  /** The peer's own, so that a forged packet is as like its stream as can be. */
  readonly ssrc: number
  readonly seconds: number
  readonly packetsPerS: number
}

export interface AttackReport {
  /** By port. */
  readonly sent: Record<number, { rtp: number; srtp: number; stun: number; dtls: number }>
  /** Datagrams that came back. */
  readonly answered: number
}

/** Attacks from another network; ends by itself. */
export async function attack({ namespace }: NetworkNamespace, options: AttackOptions): Promise<AttackReport> {
  await using attacker: PeerProcess = await startProcess({
    name: 'the attacker',
    command: process.execPath,
    args: [fileURLToPath(new URL('attacker.ts', import.meta.url)), JSON.stringify(options)],
    namespace,
  })
  const [line] = await attacker.waitForOutput(/^\{"sent".*\}$/m, options.seconds * 1000 + 60_000)
  return JSON.parse(line) as AttackReport
}
