import { afterEach, describe, expect, test } from 'vitest'
import type { EncryptionPolicy, TransportMode } from '../../../shared/model/media.ts'
import { cryptoOf, mediaOf } from '../../fakes/trunk-phone.ts'
import { until } from '../media/worker/support/until.ts'
import { LiveBridge } from './support/live-bridge.ts'

/** Which mode each caller becomes on each kind of callee, live: the INVITE that really goes out, or the refusal. */
let kedge: LiveBridge | undefined
afterEach(() => kedge?.close())

const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':')

/** An offer of each mode; the window's comes from its own side. */
async function offerOf(mode: Exclude<TransportMode, 'webrtc'>, live: LiveBridge): Promise<string> {
  if (mode === 'rtp') return (await live.plainPhone()).sdp()
  const phone = await live.trunkPhone()
  if (mode === 'srtp') return phone.sdp()
  const dtls = [`a=fingerprint:sha-256 ${fingerprint}`, 'a=setup:actpass', 'a=rtcp-mux']
  return phone.sdp({ profile: 'UDP/TLS/RTP/SAVP', crypto: dtls })
}

function modeOf(sdp: string): TransportMode {
  if (sdp.includes('a=ice-ufrag')) return 'webrtc'
  if (sdp.includes('a=fingerprint')) return 'dtls-srtp'
  return cryptoOf(sdp).length > 0 ? 'srtp' : 'rtp'
}

type Outcome = TransportMode | 488
interface Row {
  readonly caller: TransportMode
  readonly callee: 'window' | 'trunk'
  readonly expected: Readonly<Record<EncryptionPolicy, Outcome>>
}

/** A browser callee is the window; a SIP callee is offered SDES or plain RTP, and DTLS where the account says so. */
const table: readonly Row[] = [
  { caller: 'webrtc', callee: 'trunk', expected: { required: 'srtp', preferred: 'srtp', off: 'rtp' } },
  { caller: 'dtls-srtp', callee: 'trunk', expected: { required: 'srtp', preferred: 'srtp', off: 'srtp' } },
  { caller: 'srtp', callee: 'trunk', expected: { required: 'srtp', preferred: 'srtp', off: 'srtp' } },
  { caller: 'rtp', callee: 'trunk', expected: { required: 488, preferred: 'rtp', off: 'rtp' } },
  { caller: 'dtls-srtp', callee: 'window', expected: { required: 'webrtc', preferred: 'webrtc', off: 'webrtc' } },
  { caller: 'srtp', callee: 'window', expected: { required: 'webrtc', preferred: 'webrtc', off: 'webrtc' } },
  { caller: 'rtp', callee: 'window', expected: { required: 488, preferred: 'webrtc', off: 'webrtc' } },
]
const rows = table.flatMap(({ caller, callee, expected }) =>
  (['required', 'preferred', 'off'] as const).map((policy) => ({ caller, callee, policy, expected: expected[policy] })),
)

async function outcome({ caller, callee, policy }: (typeof rows)[number]): Promise<Outcome> {
  kedge = await LiveBridge.open({
    encryption: policy,
    ...(callee === 'trunk' && { forwarding: { always: { target: 'bob' } } }),
  })
  const live = kedge
  const invite =
    caller === 'webrtc'
      ? live.incomingFromWindow((await live.windowPhone()).offer())
      : live.ring(await offerOf(caller, live))
  const invited = callee === 'trunk' ? live.trunk.invites : live.window.invites
  await until(() => invited.length > 0 || invite.log.length > 0, 'invited or refused')
  const offer = invited[0]?.request.offer
  if (offer === undefined) return Number(invite.log[0]) as 488
  expect(mediaOf(offer)).toHaveLength(1)
  return modeOf(offer)
}

describe('who calls whom', () => {
  test.each(rows)('a $caller caller to the $callee under $policy: $expected', async (row) => {
    expect(await outcome(row)).toBe(row.expected)
  })

  test('a plain caller is encrypted on the way on where only the second account asks for that', async () => {
    kedge = await LiveBridge.open({
      encryption: 'preferred',
      forwarding: { always: { target: 'bob', accountId: 'strict' } },
    })
    kedge.accounts.strict = {
      settings: { ...kedge.settings, id: 'strict', encryption: 'required' },
      endpoint: kedge.trunk,
    }
    kedge.ring((await kedge.plainPhone()).sdp())
    const { invites } = kedge.trunk
    await until(() => invites.length > 0, 'invited')
    expect(modeOf(invites[0]?.request.offer ?? '')).toBe('srtp')
  })

  test.each([
    ['webrtc', 'required', 'dtls-srtp'],
    ['webrtc', 'off', 'rtp'],
    ['srtp', 'required', 'dtls-srtp'],
    ['srtp', 'off', 'dtls-srtp'],
    ['rtp', 'required', 'dtls-srtp'],
    ['rtp', 'preferred', 'rtp'],
  ] as const)(
    'an account keyed by DTLS: %s under %s goes out as %s, over UDP too: its keys are in no message',
    async (caller, encryption, expected) => {
      kedge = await LiveBridge.open({
        encryption,
        mediaKeys: 'dtls',
        transport: 'udp',
        ...(caller !== 'webrtc' && {
          allowExposedKeys: true,
          forwarding: { always: { target: 'bob', accountId: 'other' } },
        }),
      })
      const other = { ...kedge.settings, id: 'other', encryption }
      kedge.accounts.other = { settings: other, endpoint: kedge.trunk }
      if (caller === 'rtp') Object.assign(kedge.settings, { encryption: 'off' })
      if (caller === 'webrtc') kedge.incomingFromWindow((await kedge.windowPhone()).offer())
      else kedge.ring(await offerOf(caller, kedge))
      const { invites } = kedge.trunk
      await until(() => invites.length > 0, 'invited')
      const offer = invites[0]?.request.offer ?? ''
      expect(modeOf(offer)).toBe(expected)
      if (expected !== 'dtls-srtp') return
      expect(mediaOf(offer)).toEqual([expect.stringMatching(/ UDP\/TLS\/RTP\/SAVP /)])
      expect(offer).toContain('a=setup:actpass')
      expect(cryptoOf(offer)).toEqual([])
    },
  )

  test('an account that names its suites offers those and takes no other', async () => {
    kedge = await LiveBridge.open({ suites: ['AES_CM_128_HMAC_SHA1_32'] })
    const { sent } = await kedge.dial(await kedge.windowPhone())
    expect(cryptoOf(sent.request.offer).map((line) => line.split(' ')[1])).toEqual(['AES_CM_128_HMAC_SHA1_32'])
    expect(kedge.ring((await kedge.trunkPhone('AES_CM_128_HMAC_SHA1_80')).sdp()).log).toEqual(['488'])
    kedge.ring((await kedge.trunkPhone('AES_CM_128_HMAC_SHA1_32')).sdp())
    const { invites } = kedge.window
    await until(() => invites.length === 1, 'the window rings')
  })

  test('an account keyed by DTLS whose trunk answers in clear, or with keys in the SDP, ends the call', async () => {
    for (const answer of ['rtp', 'srtp'] as const) {
      kedge = await LiveBridge.open({ mediaKeys: 'dtls' })
      const { invite, sent } = await kedge.dial(await kedge.windowPhone())
      sent.delegate.onAccepted(
        { status: 200, reason: 'OK', toTag: 'a', body: await offerOf(answer, kedge) },
        sent.dialog,
      )
      await until(() => invite.log.length > 0, 'refused')
      expect([invite.log, sent.dialog.byes]).toEqual([['488'], 1])
      kedge.close()
    }
    kedge = undefined
  })

  test.each([
    ['active', 'passive'],
    ['passive', 'active'],
    ['actpass', 'passive'],
  ])('case 11: a phone that offers setup:%s is answered setup:%s', async (offered, answered) => {
    kedge = await LiveBridge.open()
    const window = await kedge.windowPhone()
    const invite = kedge.ring((await offerOf('dtls-srtp', kedge)).replace('setup:actpass', `setup:${offered}`))
    const { invites } = kedge.window
    await until(() => invites.length > 0, 'the window rings')
    window.read(invites[0]?.request.offer ?? '')
    invites[0]?.delegate.onAccepted({ status: 200, reason: 'OK', body: window.answer() }, invites[0].dialog)
    await until(() => invite.log.length > 0, 'answered')
    expect(invite.log[0]).toContain(`a=setup:${answered}\r\n`)
  })

  test('case 11: an RFC 5763 phone is answered with our fingerprint as the passive side, and no crypto', async () => {
    kedge = await LiveBridge.open()
    const window = await kedge.windowPhone()
    const invite = kedge.ring(await offerOf('dtls-srtp', kedge))
    const { invites } = kedge.window
    await until(() => invites.length > 0, 'the window rings')
    const rung = invites[0]
    window.read(rung?.request.offer ?? '')
    rung?.delegate.onAccepted({ status: 200, reason: 'OK', body: window.answer() }, rung.dialog)
    await until(() => invite.log.length > 0, 'answered')
    const answer = invite.log[0]?.slice(4) ?? ''
    expect(mediaOf(answer)).toEqual([expect.stringMatching(/ UDP\/TLS\/RTP\/SAVP 0$/)])
    expect(answer).toMatch(/a=fingerprint:sha-256 [0-9A-F:]{95}\r\na=setup:passive\r\n/)
    expect(answer).toContain('a=rtcp-mux')
    expect(cryptoOf(answer)).toEqual([])
  })

  test.each([{ lines: ['a=rtcp-mux'] }, { lines: [] }])(
    'case 40: rtcp-mux is answered where it is offered, and only there: $lines',
    async ({ lines }) => {
      kedge = await LiveBridge.open({ forwarding: { always: { target: 'bob' } } })
      const [caller, callee] = [await kedge.trunkPhone(), await kedge.trunkPhone()]
      const invite = kedge.ring(caller.sdp({ lines }))
      const { invites } = kedge.trunk
      await until(() => invites.length > 0, 'invited')
      invites[0]?.delegate.onAccepted(
        { status: 200, reason: 'OK', body: callee.sdp({ lines: ['a=rtcp-mux'] }) },
        invites[0].dialog,
      )
      await until(() => invite.log.length > 0, 'answered')
      expect(invites[0]?.request.offer).not.toContain('rtcp-mux')
      expect(invite.log[0]?.includes('a=rtcp-mux')).toBe(lines.length > 0)
    },
  )
})

describe('an account whose ciphers were chosen', () => {
  const suites = ['AES_256_CM_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const

  test('offers those and no others', async () => {
    kedge = await LiveBridge.open({ suites, preset: 'generic' })
    const { sent } = await kedge.dial(await kedge.windowPhone())
    expect(cryptoOf(sent.request.offer).map((line) => line.split(' ')[1])).toEqual([...suites])
  })

  test('takes an offer of another cipher as one without a usable key', async () => {
    kedge = await LiveBridge.open({ suites: ['AEAD_AES_256_GCM'], preset: 'generic' })
    const invite = kedge.ring((await kedge.trunkPhone()).sdp())
    await until(() => invite.log.length > 0, 'the trunk is answered')
    expect(invite.log.at(-1)).toBe('488')
  })
})
