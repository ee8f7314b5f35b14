import { createCipheriv, createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { startCapture } from '../harness/capture.ts'
import { freePortRange } from '../harness/ports.ts'
import { type Datagram, judgeStreams } from '../harness/rtp-judge.ts'
import { findTone, type Sound, sineTone } from '../harness/tone.ts'

/** Bytes that look random and are the same in every run. */
function keystream(length: number): Buffer {
  const key = createHash('sha256').update('harness').digest()
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length))
}

function noise(rateHz: number, seconds: number, amplitude: number): Sound {
  const bytes = keystream(rateHz * seconds)
  return { rateHz, samples: Int16Array.from(bytes, (byte) => (byte - 128) * 256 * amplitude) }
}

const mixed = (a: Sound, b: Sound): Sound => ({
  rateHz: a.rateHz,
  samples: a.samples.map((sample, index) => sample + (b.samples[index] ?? 0)),
})

describe('the tone finder', () => {
  test.for([8_000, 16_000, 48_000])('finds the frequency of a tone at %i Hz to 1 Hz', (rateHz) => {
    for (const hz of [300, 441, 620, 1040, 1777, 3100]) {
      const found = findTone(sineTone(hz, rateHz, 2))
      expect(found?.hz).toSatisfy((heard: number) => Math.abs(heard - hz) < 1)
      expect(found?.levelDb).toBeCloseTo(-6, 0)
    }
  })

  test('finds a tone under noise of a tenth of its power', () => {
    expect(findTone(mixed(sineTone(620, 8_000, 3, 0.3), noise(8_000, 3, 0.1)))?.hz).toBeCloseTo(620, 0)
  })

  test.for([
    { name: 'silence', sound: sineTone(620, 8_000, 3, 0) },
    { name: 'a tone at -60 dB', sound: sineTone(620, 8_000, 3, 0.001) },
    { name: 'white noise', sound: noise(8_000, 3, 0.5) },
    { name: 'a tone of half a second', sound: sineTone(620, 8_000, 0.6) },
    { name: 'an empty recording', sound: { rateHz: 8_000, samples: new Int16Array(0) } },
  ])('finds no tone in $name', ({ sound }) => {
    expect(findTone(sound)).toBeUndefined()
  })
})

describe('the plaintext judge', () => {
  const silence = Buffer.alloc(160, 0xff)

  test('tells one packet of coded silence from one packet of ciphertext', () => {
    expect(judgeStreams([rtp(silence)])[0]?.plaintext).toBe(true)
    expect(judgeStreams([rtp(keystream(170))])[0]?.plaintext).toBe(false)
  })

  test('is not misled by contributing sources, a header extension or an RTCP packet', () => {
    const header = Buffer.from('9200000000000000000000070000000100000002bede000100000000', 'hex')
    expect(judgeStreams([datagram(Buffer.concat([header, keystream(160)]))])[0]).toMatchObject({
      ssrc: 7,
      plaintext: false,
    })
    expect(judgeStreams([datagram(Buffer.from('80c80006000000070000000000000000', 'hex'))])).toEqual([])
  })
})

test('a trace has every datagram that was sent while it ran, and none of other ports', async () => {
  const [wanted, other] = [await freePortRange(2), await freePortRange(2)]
  const socket = createSocket('udp4')
  await using capture = await startCapture([wanted])
  for (let i = 0; i < 20; i += 1) {
    socket.send(Buffer.from([i]), i % 2 ? wanted.last : wanted.first, '127.0.0.1')
    socket.send(Buffer.from([i]), other.first, '127.0.0.1')
  }
  const seen = await capture.stop()
  socket.close()
  await once(socket, 'close')
  expect(seen.map((packet) => packet.payload[0])).toEqual(Array.from({ length: 20 }, (_, i) => i))
})

function rtp(payload: Uint8Array): Datagram {
  return datagram(Buffer.concat([Buffer.from('800000010000000100000007', 'hex'), payload]))
}

function datagram(payload: Uint8Array): Datagram {
  return { sourcePort: 4000, destinationPort: 5000, payload, dscp: 0 }
}
