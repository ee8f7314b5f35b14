import { networkInterfaces } from 'node:os'

export interface NetworkWatch {
  stop(): void
}

export interface NetworkWatchDeps {
  readonly clock: {
    /** Epoch ms. */
    now(): number
    /** Calls `action` once; the returned function takes that back. */
    after(delayMs: number, action: () => void): () => void
  }
  /** Addresses of this machine that lead out of it; the system's when absent. */
  readonly addresses?: () => readonly string[]
  /** Called once for each change, when the new addresses have stayed the same for one look. */
  readonly onChange: () => void
  /** The machine has slept: more time has passed between two looks than can have. */
  readonly onSlept: () => void
}

/** Time between two looks, ms. Node tells of no change, and a look takes less than a millisecond. */
const lookMs = 1_000
/** A machine under load is late by seconds, not by this, ms. */
const sleptMs = 15_000

/**
 * Watches this machine's addresses (cable, Wi-Fi, VPN) and its sleep, in any shell. An address that comes and goes
 * within a second is not told: a network that is being set up changes several times.
 */
export function watchNetwork({
  clock,
  addresses = outwardAddresses,
  onChange,
  onSlept,
}: NetworkWatchDeps): NetworkWatch {
  const look = () => [...addresses()].sort().join(' ')
  let told = look()
  let seen = told
  let lookedAt = clock.now()
  let stop = clock.after(lookMs, lookAgain)

  function lookAgain(): void {
    stop = clock.after(lookMs, lookAgain)
    const slept = clock.now() - lookedAt > sleptMs
    lookedAt = clock.now()
    const now = look()
    const settled = now === seen
    seen = now
    if (slept) onSlept()
    if (!settled || now === told) return
    told = now
    onChange()
  }

  return { stop: () => stop() }
}

/** Addresses on interfaces other than loopback; link-local IPv6 ones lead nowhere and change on their own. */
function outwardAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter(({ internal, address }) => !internal && !/^fe80:/i.test(address))
    .map(({ address }) => address)
}
