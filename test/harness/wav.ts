import { readFile, writeFile } from 'node:fs/promises'
import type { Sound } from './tone.ts'

const headerBytes = 44
const pcm = 1

/** Writes 16-bit mono PCM. */
export async function writeWav(path: string, { rateHz, samples }: Sound): Promise<void> {
  const file = Buffer.alloc(headerBytes + samples.length * 2)
  file.write('RIFF', 0)
  file.writeUInt32LE(file.length - 8, 4)
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(pcm, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(rateHz, 24)
  file.writeUInt32LE(rateHz * 2, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36)
  file.writeUInt32LE(samples.length * 2, 40)
  samples.forEach((sample, index) => {
    file.writeInt16LE(sample, headerBytes + index * 2)
  })
  await writeFile(path, file)
}

/**
 * Reads 16-bit PCM; of several channels only the first. A recording that is still being written (its length not
 * filled in yet) is read up to where it ends.
 */
export async function readWav(path: string): Promise<Sound> {
  const file = await readFile(path)
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') {
    throw new Error(`${path} is no WAV file`)
  }
  const format = findChunk(file, 'fmt ')
  const data = findChunk(file, 'data')
  if (!format || !data || format.length < 16) throw new Error(`${path} has no sound in it`)
  const channels = format.readUInt16LE(2)
  const bits = format.readUInt16LE(14)
  if (bits !== 16) throw new Error(`${path} has ${bits}-bit samples, not 16-bit ones`)
  const samples = new Int16Array(Math.floor(data.length / 2 / channels))
  for (let i = 0; i < samples.length; i += 1) samples[i] = data.readInt16LE(i * 2 * channels)
  return { rateHz: format.readUInt32LE(4), samples }
}

function findChunk(file: Buffer, id: string): Buffer | undefined {
  for (let at = 12; at + 8 <= file.length; ) {
    const length = file.readUInt32LE(at + 4)
    const start = at + 8
    if (file.toString('latin1', at, at + 4) === id) {
      const known = length > 0 && start + length <= file.length
      return file.subarray(start, known ? start + length : file.length)
    }
    at = start + length + (length & 1)
  }
  return undefined
}
