import { Application, createDecoder, createEncoder } from 'libopus-wasm'
import type { LegCodec } from '../protocol.ts'
import { type G711Law, g711Decoders, g711Encoders } from './g711.ts'
import { G722Decoder, G722Encoder } from './g722.ts'

/**
 * Telephone sound between two codecs is 8 kHz, mono, 16 bit: G.711 knows no other, Opus decodes to and encodes from that
 * rate by itself (RFC 6716 §2.1.3), and the lower sub-band of G.722 has it, so nothing has to be resampled.
 */
export const SAMPLE_RATE_HZ = 8000
/** Samples of a 20 ms frame, the packet time that every phone takes. */
export const FRAME_SAMPLES = 160
/** Opus guesses in steps of its shortest frame, 2.5 ms (RFC 6716 §2.1.4). */
const CONCEALED_STEP_SAMPLES = 20

/** Sound of one codec; a decoder and an encoder carry state from packet to packet and belong to one stream. */
export interface SoundDecoder {
  /** @returns samples, or undefined where the payload is no valid packet of the codec */
  decode(payload: Buffer): Int16Array | undefined
  /** Samples in place of lost ones, where the codec can guess them; undefined where it cannot. */
  conceal(samples: number): Int16Array | undefined
  close(): void
}

export interface SoundEncoder {
  /** @param frame - FRAME_SAMPLES samples */
  encode(frame: Int16Array): Uint8Array
  close(): void
}

const isG722 = ({ name }: Pick<LegCodec, 'name'>): boolean => name.toUpperCase() === 'G722'

const lawOf = (codec: Pick<LegCodec, 'name'>): G711Law | undefined => {
  const name = codec.name.toUpperCase()
  return name === 'PCMU' || name === 'PCMA' ? name : undefined
}

export async function openDecoder(codec: LegCodec): Promise<SoundDecoder> {
  const law = lawOf(codec)
  if (law) return g711Decoder(law)
  return isG722(codec) ? g722Decoder() : opusDecoder()
}

export async function openEncoder(codec: LegCodec): Promise<SoundEncoder> {
  const law = lawOf(codec)
  if (law) return g711Encoder(law)
  return isG722(codec) ? g722Encoder() : opusEncoder()
}

function g711Decoder(law: G711Law): SoundDecoder {
  const decode = g711Decoders[law]
  return {
    decode: (payload) => Int16Array.from(payload, decode),
    conceal: () => undefined,
    close: () => undefined,
  }
}

function g711Encoder(law: G711Law): SoundEncoder {
  const encode = g711Encoders[law]
  return { encode: (frame) => Uint8Array.from(frame, encode), close: () => undefined }
}

/** Its clock counts octets (RFC 3551 §4.5.2), which are the samples of one sub-band. */
function g722Decoder(): SoundDecoder {
  const decoder = new G722Decoder()
  return { decode: (payload) => decoder.decode(payload), conceal: () => undefined, close: () => undefined }
}

function g722Encoder(): SoundEncoder {
  const encoder = new G722Encoder()
  return { encode: (frame) => encoder.encode(frame), close: () => undefined }
}

async function opusDecoder(): Promise<SoundDecoder> {
  const decoder = await createDecoder({ sampleRate: SAMPLE_RATE_HZ, channels: 1 })
  return {
    decode(payload) {
      try {
        return decoder.decode(payload)
      } catch {
        // The library says so of a payload that no Opus encoder makes; what it decoded before stays as it was.
        return undefined
      }
    },
    // How much is missing is the sender's word: it may be anything.
    conceal: (samples) =>
      samples > 0 && samples % CONCEALED_STEP_SAMPLES === 0 ? decoder.decodePacketLoss(samples) : undefined,
    close: () => decoder.free(),
  }
}

/** Speech at 8 kHz gains nothing from more bits; in-band FEC lets the receiver mend single losses (RFC 6716 §2.1.7). */
async function opusEncoder(): Promise<SoundEncoder> {
  const encoder = await createEncoder({
    sampleRate: SAMPLE_RATE_HZ,
    channels: 1,
    frameSize: FRAME_SAMPLES,
    application: Application.Voip,
    bitrate: 24_000,
    fec: true,
    packetLossPercent: 5,
  })
  return { encode: (frame) => encoder.encode(frame), close: () => encoder.free() }
}
