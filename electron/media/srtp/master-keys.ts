import type { CryptoSuite } from '../../../shared/model/media.ts'
import { SrtpError } from './errors.ts'
import { MAX_MKI_BYTES, MAX_STREAMS, srtpProfiles } from './profiles.ts'
import type { SrtpMasterKey, StreamPosition } from './types.ts'

/** @throws SrtpError when a length or the lifetime is not the suite's (RFC 4568 §6.1) */
export function checkMasterKey(suite: CryptoSuite, key: SrtpMasterKey): void {
  const profile = srtpProfiles[suite]
  const keyBytes = key.masterKey.length
  const saltBytes = key.masterSalt.length
  const mkiBytes = key.mki?.length
  if (keyBytes !== profile.keyBytes) {
    throw new SrtpError(
      'srtp/bad-key-length',
      `${suite} takes a master key of ${profile.keyBytes} bytes, not ${keyBytes}`,
    )
  }
  if (saltBytes !== profile.saltBytes) {
    throw new SrtpError('srtp/bad-salt-length', `${suite} takes a salt of ${profile.saltBytes} bytes, not ${saltBytes}`)
  }
  if (mkiBytes !== undefined && (mkiBytes < 1 || mkiBytes > MAX_MKI_BYTES)) {
    throw new SrtpError('srtp/bad-mki', `an MKI has 1 to ${MAX_MKI_BYTES} bytes, not ${mkiBytes}`)
  }
  const lifetime = key.lifetimePackets
  if (lifetime !== undefined && !(Number.isSafeInteger(lifetime) && lifetime >= 1 && lifetime <= profile.maxPackets)) {
    throw new SrtpError(
      'srtp/bad-lifetime',
      `${suite} takes a lifetime of 1 to ${profile.maxPackets} packets, not ${lifetime}`,
    )
  }
}

/**
 * Several keys are told apart by MKIs that differ and have one length: the MKI's place is counted from the packet's end
 * (RFC 3711 §3.1, RFC 4568 §6.1).
 * @throws SrtpError as `checkMasterKey`, and when the keys cannot be told apart
 */
export function checkMasterKeys(suite: CryptoSuite, keys: readonly SrtpMasterKey[]): void {
  const [first] = keys
  if (first === undefined) throw new SrtpError('srtp/no-key', 'a receiver needs at least one master key')
  for (const key of keys) checkMasterKey(suite, key)
  if (keys.length === 1) return
  const mkis = new Set(keys.map((key) => key.mki?.toString()))
  const oneLength = keys.every((key) => key.mki !== undefined && key.mki.length === first.mki?.length)
  if (mkis.size < keys.length || !oneLength) {
    throw new SrtpError('srtp/bad-mki', 'several master keys need different MKIs of one length')
  }
}

/** @throws SrtpError when there are too many streams, one twice, or an index out of range */
export function checkPositions(positions: readonly StreamPosition[]): void {
  const inRange = (index: number | undefined, end: number): boolean =>
    index === undefined || (Number.isSafeInteger(index) && index >= 0 && index < end)
  const valid = positions.every(
    ({ ssrc, rtpIndex, rtcpIndex }) =>
      inRange(ssrc, 2 ** 32) && inRange(rtpIndex, 2 ** 48) && inRange(rtcpIndex, 2 ** 31),
  )
  const distinct = new Set(positions.map(({ ssrc }) => ssrc)).size === positions.length
  if (!valid || !distinct || positions.length > MAX_STREAMS) {
    throw new SrtpError('srtp/bad-position', `at most ${MAX_STREAMS} different streams, each at an index of its range`)
  }
}
