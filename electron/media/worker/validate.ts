import { isIP } from 'node:net'
import { KedgeError } from '../../../shared/errors.ts'
import { cryptoSuites } from '../../../shared/model/media.ts'
import type { ToMedia } from '../protocol.ts'
import { srtpProfiles } from '../srtp/profiles.ts'

/**
 * Checks what comes from the main thread before it is used: numbers in their ranges, keys of the right length. Written
 * by hand because the worker needs no more of a schema library than this.
 */
type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string' && value.length > 0 && value.length <= 256
const isAnyText: Check = (value) => typeof value === 'string' && value.length <= 256
const isFlag: Check = (value) => typeof value === 'boolean'
const isAddress: Check = (value) => typeof value === 'string' && isIP(value) !== 0
const isBytes: Check = (value) => value instanceof Uint8Array

function isWhole(first: number, last: number): Check {
  return (value) => Number.isInteger(value) && (value as number) >= first && (value as number) <= last
}

function isList(item: Check, least: number, most: number): Check {
  return (value) => Array.isArray(value) && value.length >= least && value.length <= most && value.every(item)
}

function isOptional(check: Check): Check {
  return (value) => value === undefined || check(value)
}

function isObject(fields: Readonly<Record<string, Check>>): Check {
  return (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(fields).every(([name, check]) => check((value as Record<string, unknown>)[name]))
}

const isSocketAddress = isObject({ address: isAddress, port: isWhole(1, 65_535) })
const isCodec = isObject({
  payloadType: isWhole(0, 127),
  name: isText,
  clockRateHz: isWhole(1, 1_000_000),
  channels: isWhole(1, 2),
})
const isCodecs = isList(isCodec, 0, 128)
const formats = { codecs: isCodecs, receives: isOptional(isCodecs) }
const isKey = isObject({
  masterKey: isBytes,
  masterSalt: isBytes,
  mki: isOptional(isBytes),
  lifetimePackets: isOptional(isWhole(1, 2 ** 48)),
})

const isSdesKeys: Check = (value) => {
  if (!isObject({ suite: isText, keys: isList(isKey, 1, 16) })(value)) return false
  const { suite: name, keys } = value as { suite: string; keys: { masterKey: Uint8Array; masterSalt: Uint8Array }[] }
  const suite = cryptoSuites.find((known) => known === name)
  if (suite === undefined) return false
  const { keyBytes, saltBytes } = srtpProfiles[suite]
  return keys.every(({ masterKey, masterSalt }) => masterKey.length === keyBytes && masterSalt.length === saltBytes)
}

const isFingerprints = isList(isObject({ algorithm: isText, value: isText }), 1, 16)

const isWebRtcRemote = isObject({
  iceUfrag: isText,
  icePwd: isText,
  fingerprints: isFingerprints,
  ...formats,
})

const isSdesPair = isObject({
  send: isSdesKeys,
  receive: isSdesKeys,
  dialog: isOptional(isText),
  early: isOptional(isList(isObject({ dialog: isAnyText, receive: isSdesKeys }), 0, 16)),
})

const peerParts = {
  rtp: isSocketAddress,
  rtcp: isSocketAddress,
  rtcpMux: isFlag,
  ...formats,
  sendAudio: isFlag,
  moved: isOptional(isFlag),
}
const isSipRemote = isObject({ ...peerParts, takesFirstSource: isOptional(isFlag), srtp: isOptional(isSdesPair) })
const isRole: Check = (value) => value === 'server' || value === 'client'
const isDtlsRemote = isObject({ ...peerParts, fingerprints: isFingerprints, role: isRole })

const inputs: Readonly<Record<ToMedia['command'], Check>> = {
  openWebRtcLeg: isObject({ legId: isText }),
  connectWebRtcLeg: isObject({ legId: isText, remote: isWebRtcRemote }),
  openSipLeg: isObject({ legId: isText, address: isAddress }),
  connectSipLeg: isObject({ legId: isText, remote: isSipRemote }),
  openDtlsLeg: isObject({ legId: isText, address: isAddress }),
  connectDtlsLeg: isObject({ legId: isText, remote: isDtlsRemote }),
  moveLeg: isObject({ legId: isText, address: isAddress }),
  discoverLeg: isObject({ legId: isText, server: isSocketAddress }),
  stayLeg: isObject({ legId: isText }),
  join: isObject({ a: isText, b: isText }),
  closeLeg: isObject({ legId: isText }),
}

/** The number under which a message is answered, if it has one. */
export function commandId(message: unknown): number | undefined {
  const id = (message as { id?: unknown } | null | undefined)?.id
  return Number.isSafeInteger(id) ? (id as number) : undefined
}

/** @throws KedgeError `ipc/invalid`; its message names the command, never a value */
export function readCommand(message: unknown): ToMedia {
  const { command, input } = message as { command?: unknown; input?: unknown }
  if (typeof command !== 'string' || !Object.hasOwn(inputs, command)) {
    throw new KedgeError('ipc/invalid', 'unknown media command')
  }
  if (!inputs[command as ToMedia['command']](input)) throw new KedgeError('ipc/invalid', `bad input of ${command}`)
  return message as ToMedia
}
