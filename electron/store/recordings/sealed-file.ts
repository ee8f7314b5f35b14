import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { closeSync, fdatasyncSync, fstatSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { KedgeError } from '../../../shared/errors.ts'

/**
 * A file of parts that are encrypted one by one while it grows, so that a crash loses no more than the last of them:
 *
 *     magic (8) salt (32) | length (4) ciphertext tag (16) | length (4) …
 *
 * AES-256-GCM under a key of the file's own, HKDF-SHA256 of the master key and the salt. The nonce is the number of the
 * part with a last octet that is 1 in the final part alone: parts cannot be left out, repeated, swapped or cut off without
 * notice (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015). The header is authenticated with each.
 */
const magic = Buffer.from('KEDGREC1')
const saltBytes = 32
const headerBytes = magic.length + saltBytes
const lengthBytes = 4
const tagBytes = 16
/** Longest part in clear. */
export const MAX_PART_BYTES = 256 * 1024

function fileKey(masterKey: Uint8Array, salt: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, salt, 'kedge recording', 32))
}

function nonceOf(part: number, isFinal: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUIntBE(part, 5, 6)
  nonce[11] = isFinal ? 1 : 0
  return nonce
}

/** Writes one such file, readable by this user alone. Throws what the file system throws. */
export class SealedWriter {
  readonly #file: number
  readonly #key: Buffer
  readonly #header: Buffer
  #part = 0

  /** @param path - must not exist */
  constructor(path: string, masterKey: Uint8Array) {
    const salt = randomBytes(saltBytes)
    this.#header = Buffer.concat([magic, salt])
    this.#key = fileKey(masterKey, salt)
    this.#file = openSync(path, 'wx', 0o600)
    try {
      writeFileSync(this.#file, this.#header)
    } catch (error) {
      this.abandon()
      rmSync(path)
      throw error
    }
  }

  append(data: Uint8Array): void {
    this.#write(data, false)
  }

  /** Without this a reader says that the file was cut off. */
  finish(): void {
    try {
      this.#write(new Uint8Array(0), true)
      fdatasyncSync(this.#file)
    } finally {
      this.abandon()
    }
  }

  /** Closes the file as it is. */
  abandon(): void {
    this.#key.fill(0)
    closeSync(this.#file)
  }

  #write(data: Uint8Array, isFinal: boolean): void {
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonceOf(this.#part, isFinal))
    cipher.setAAD(this.#header)
    const length = Buffer.alloc(lengthBytes)
    length.writeUInt32BE(data.length)
    // All of it or an error: a single `write` may take a part, on a disk that is nearly full.
    writeFileSync(this.#file, Buffer.concat([length, cipher.update(data), cipher.final(), cipher.getAuthTag()]))
    this.#part++
  }
}

/** Where reading goes on: parts cannot be found by counting bytes. */
export interface Place {
  readonly offset: number
  readonly part: number
}

export interface SealedPiece {
  readonly data: Buffer
  /** Absent at the end. */
  readonly next?: Place
  /** Of the last piece: whether the file was finished. */
  readonly complete: boolean
}

/**
 * Decrypts whole parts from a place on, until `atLeast` bytes are there or the file ends. A last part that was only half
 * written is left out.
 * @param place - the beginning, or `next` of the piece before
 * @throws KedgeError `recording/unreadable` when the file was changed, or belongs to another key
 */
export function readSealed(
  path: string,
  masterKey: Uint8Array,
  place: Place | undefined,
  atLeast: number,
): SealedPiece {
  const file = openSync(path, 'r')
  try {
    return readPieces(file, masterKey, place ?? { offset: headerBytes, part: 0 }, atLeast)
  } finally {
    closeSync(file)
  }
}

function readPieces(file: number, masterKey: Uint8Array, from: Place, atLeast: number): SealedPiece {
  const header = readAt(file, 0, headerBytes)
  if (!header?.subarray(0, magic.length).equals(magic)) throw unreadable()
  const key = fileKey(masterKey, header.subarray(magic.length))
  const { size } = fstatSync(file)
  const data: Buffer[] = []
  let { offset, part } = from
  for (let bytes = 0; bytes < atLeast; part++) {
    const length = readAt(file, offset, lengthBytes)?.readUInt32BE()
    if (length === undefined || offset + lengthBytes + length + tagBytes > size)
      return { data: Buffer.concat(data), complete: false }
    if (length > MAX_PART_BYTES) throw unreadable()
    const sealed = readAt(file, offset + lengthBytes, length + tagBytes)
    if (!sealed) throw unreadable()
    const opened = open(key, header, sealed, part)
    data.push(opened.data)
    bytes += opened.data.length
    offset += lengthBytes + length + tagBytes
    if (opened.isFinal) return { data: Buffer.concat(data), complete: true }
  }
  return { data: Buffer.concat(data), next: { offset, part }, complete: false }
}

/** Only an empty part can be the final one. */
function open(key: Buffer, header: Buffer, sealed: Buffer, part: number): { data: Buffer; isFinal: boolean } {
  const isFinal = sealed.length === tagBytes
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(part, isFinal))
  decipher.setAAD(header)
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes))
  try {
    return { data: Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()]), isFinal }
  } catch (cause) {
    throw unreadable(cause)
  }
}

function readAt(file: number, offset: number, bytes: number): Buffer | undefined {
  const buffer = Buffer.alloc(bytes)
  return readSync(file, buffer, 0, bytes, offset) === bytes ? buffer : undefined
}

const unreadable = (cause?: unknown) =>
  new KedgeError('recording/unreadable', 'the recording was changed, or was written under another key', { cause })
