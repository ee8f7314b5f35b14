import { describe, expect, test } from 'vitest'
import { commandId, readCommand } from '../../../../electron/media/worker/validate.ts'

const key = { masterKey: new Uint8Array(16), masterSalt: new Uint8Array(14) }
const keys = { suite: 'AES_CM_128_HMAC_SHA1_80', keys: [key] }
const address = { address: '192.0.2.1', port: 4000 }
const codec = { payloadType: 0, name: 'PCMU', clockRateHz: 8000, channels: 1 }
const sip = {
  rtp: address,
  rtcp: address,
  rtcpMux: false,
  srtp: { send: keys, receive: keys },
  codecs: [codec],
  sendAudio: true,
}
const webRtc = {
  iceUfrag: 'abcd',
  icePwd: 'secret',
  fingerprints: [{ algorithm: 'sha-256', value: 'AA:BB' }],
  codecs: [codec],
}
const dtls = { ...sip, fingerprints: webRtc.fingerprints, role: 'server' }

const good = [
  { command: 'openWebRtcLeg', input: { legId: 'a' } },
  { command: 'connectWebRtcLeg', input: { legId: 'a', remote: webRtc } },
  { command: 'openSipLeg', input: { legId: 'a', address: '::1' } },
  { command: 'connectSipLeg', input: { legId: 'a', remote: sip } },
  { command: 'connectSipLeg', input: { legId: 'a', remote: { ...sip, srtp: undefined } } },
  {
    command: 'connectSipLeg',
    input: { legId: 'a', remote: { ...sip, receives: [codec, { ...codec, payloadType: 96 }] } },
  },
  {
    command: 'connectSipLeg',
    input: {
      legId: 'a',
      remote: { ...sip, srtp: { send: keys, receive: keys, dialog: 'x', early: [{ dialog: '', receive: keys }] } },
    },
  },
  { command: 'openDtlsLeg', input: { legId: 'a', address: '192.0.2.1' } },
  { command: 'connectDtlsLeg', input: { legId: 'a', remote: dtls } },
  { command: 'connectDtlsLeg', input: { legId: 'a', remote: { ...dtls, role: 'client', moved: true } } },
  { command: 'moveLeg', input: { legId: 'a', address: '192.0.2.2' } },
  { command: 'stayLeg', input: { legId: 'a' } },
  { command: 'join', input: { a: 'a', b: 'b' } },
  { command: 'closeLeg', input: { legId: 'a' } },
]

const sipWith = (change: object) => ({ command: 'connectSipLeg', input: { legId: 'a', remote: { ...sip, ...change } } })
const sendKeys = (send: object) => sipWith({ srtp: { send: { ...keys, ...send }, receive: keys } })

const bad: { name: string; message: { command: unknown; input: unknown } }[] = [
  { name: 'an unknown command', message: { command: 'openDoor', input: {} } },
  { name: 'a command by the name of an inherited property', message: { command: 'toString', input: {} } },
  { name: 'no input', message: { command: 'closeLeg', input: undefined } },
  {
    name: 'a DTLS leg without a fingerprint',
    message: { command: 'connectDtlsLeg', input: { legId: 'a', remote: { ...dtls, fingerprints: [] } } },
  },
  {
    name: 'a DTLS leg without a role',
    message: { command: 'connectDtlsLeg', input: { legId: 'a', remote: { ...dtls, role: 'both' } } },
  },
  { name: 'a move to a name', message: { command: 'moveLeg', input: { legId: 'a', address: 'wifi' } } },
  {
    name: 'an early dialog without keys',
    message: sipWith({ srtp: { send: keys, receive: keys, early: [{ dialog: 'x' }] } }),
  },
  { name: 'an empty leg id', message: { command: 'closeLeg', input: { legId: '' } } },
  { name: 'a host name as address', message: { command: 'openSipLeg', input: { legId: 'a', address: 'localhost' } } },
  { name: 'port 0', message: sipWith({ rtp: { address: '192.0.2.1', port: 0 } }) },
  { name: 'port 65536', message: sipWith({ rtcp: { address: '192.0.2.1', port: 65_536 } }) },
  { name: 'payload type 128', message: sipWith({ codecs: [{ ...codec, payloadType: 128 }] }) },
  { name: 'a number of no use to receive', message: sipWith({ receives: [{ ...codec, payloadType: -1 }] }) },
  { name: 'more numbers than there are', message: sipWith({ receives: Array.from({ length: 129 }, () => codec) }) },
  { name: 'a clock that stands still', message: sipWith({ codecs: [{ ...codec, clockRateHz: 0 }] }) },
  { name: 'an unknown suite', message: sendKeys({ suite: 'NULL' }) },
  { name: 'no key', message: sendKeys({ keys: [] }) },
  { name: 'a key too short for its suite', message: sendKeys({ keys: [{ ...key, masterKey: new Uint8Array(15) }] }) },
  { name: 'a salt too long for its suite', message: sendKeys({ keys: [{ ...key, masterSalt: new Uint8Array(15) }] }) },
  {
    name: 'a WebRTC peer without a fingerprint',
    message: { command: 'connectWebRtcLeg', input: { legId: 'a', remote: { ...webRtc, fingerprints: [] } } },
  },
]

describe('messages to the worker', () => {
  test.each(good)('$command is read', (message) => {
    expect(readCommand({ id: 1, ...message })).toMatchObject(message)
  })

  test.each(bad)('$name is refused, and no value is repeated', ({ message }) => {
    expect(() => readCommand({ id: 1, ...message })).toThrow(
      expect.objectContaining({
        code: 'ipc/invalid',
        message: expect.stringMatching(/^(unknown media command|bad input of \w+)$/),
      }),
    )
  })

  test.each([undefined, null, 7, {}, { id: '1' }, { id: 1.5 }])('without a number nobody waits: %j', (message) => {
    expect(commandId(message)).toBeUndefined()
  })
})
