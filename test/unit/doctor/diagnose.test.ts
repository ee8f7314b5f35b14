import { describe, expect, test } from 'vitest'
import {
  type CallOutcome,
  diagnoseAddresses,
  diagnoseCallPassword,
  diagnoseEcho,
  diagnoseFailure,
  diagnoseMedia,
  diagnoseOptions,
  diagnoseProbe,
  diagnoseRegister,
  diagnoseTls,
} from '../../../electron/doctor/diagnose.ts'
import type { Verdict } from '../../../electron/doctor/verdict.ts'
import type { AnswerDecision } from '../../../electron/sdp/types.ts'
import { parseChallenge } from '../../../electron/sip/digest/challenge.ts'
import type { FinalResponse } from '../../../electron/sip/response.ts'
import { type ErrorCode, KedgeError } from '../../../shared/errors.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { noCounters } from '../../../shared/model/call.ts'
import type { TrunkPresetId } from '../../../shared/model/trunk-presets.ts'

const settings = (over: Partial<AccountSettings> = {}): AccountSettings => ({
  id: 'a',
  label: 'Work',
  domain: 'pbx.example',
  transport: 'tls',
  username: 'ada',
  register: true,
  encryption: 'required',
  ...over,
})
const preset = (id: TrunkPresetId, over: Partial<AccountSettings> = {}) => settings({ preset: id, ...over })

function response(status: number, reason = '', headers: Record<string, string> = {}, local = false): FinalResponse {
  return {
    status,
    reason,
    local,
    headers: (name) => {
      const value = headers[name.toLowerCase()]
      return value === undefined ? [] : [value]
    },
  }
}

const challenge = parseChallenge('Digest realm="pbx.example", nonce="n", algorithm=SHA-256, qop="auth"')
const short = ({ state, finding }: Verdict) => `${state}: ${finding}`

describe('addresses', () => {
  const at = { address: '192.0.2.1', port: 5061 }
  test.each([
    { name: 'none', found: [], asked: ['A, AAAA pbx.example: none'], expected: 'failed: net/host-not-found' },
    { name: 'a literal', found: [at], asked: [], expected: 'ok: dns-address' },
    { name: 'found', found: [at], asked: ['SRV _sips._tcp.pbx.example: none'], expected: 'ok: dns-servers' },
  ])('$name: $expected', ({ found, asked, expected }) => {
    expect(short(diagnoseAddresses(settings(), found, asked))).toBe(expected)
  })

  test('every question that was asked is told under details', () => {
    expect(diagnoseAddresses(settings(), [at], ['SRV x: none']).facts).toEqual(['SRV x: none'])
  })
})

test('a connection that fails has the code and the words of any account', () => {
  const verdict = diagnoseFailure(new KedgeError('tls/expired', 'certificate has expired'))
  expect(verdict).toEqual({ state: 'failed', finding: 'tls/expired', facts: ['certificate has expired'] })
})

test('TLS: version, name and issuer are named', () => {
  const verdict = diagnoseTls({
    transport: 'tls',
    tlsVersion: 'TLSv1.3',
    tlsCipher: 'TLS_AES_256_GCM_SHA384',
    peerName: 'pbx.example',
    peerIssuer: 'Example CA',
  })
  expect(verdict.values).toEqual({ version: 'TLS 1.3', name: 'pbx.example', issuer: 'Example CA' })
})

describe('OPTIONS: any answer is one, unless the server says that it is down', () => {
  test.each([
    [response(200, 'OK'), 'ok: sip-answers'],
    [response(404, 'Not Found'), 'ok: sip-answers'],
    [response(405, 'Method Not Allowed'), 'ok: sip-answers'],
    [response(407, 'Proxy Authentication Required'), 'ok: sip-answers'],
    [response(501, 'Not Implemented'), 'ok: sip-answers'],
    [response(503, 'Service Unavailable'), 'failed: account/server-error'],
    [response(408, 'Request Timeout', {}, true), 'failed: account/timeout'],
    [response(503, 'Flow Closed', {}, true), 'failed: net/closed'],
  ])('%#: %s', (answer, expected) => {
    expect(short(diagnoseOptions(answer))).toBe(expected)
  })
})

describe('REGISTER', () => {
  const md4 = { 'www-authenticate': 'Digest realm="r", nonce="n", algorithm=MD4' }
  const md5 = { 'www-authenticate': 'Digest realm="r", nonce="n"' }
  test.each([
    [settings(), response(200, 'OK'), 'ok: password-accepted'],
    [settings(), response(401, 'Unauthorized', md5), 'failed: account/wrong-password'],
    [settings(), response(401, 'Unauthorized', md4), 'failed: digest-unknown'],
    [settings(), response(403, 'Forbidden'), 'failed: account/refused'],
    [settings(), response(404, 'Not Found'), 'failed: account/not-found'],
    [settings(), response(500, 'Oops'), 'failed: account/server-error'],
    [settings(), response(408, 'Request Timeout', {}, true), 'failed: account/timeout'],
    [preset('twilio'), response(403, 'Forbidden'), 'failed: twilio-no-registration'],
    [settings({ domain: 'x.pstn.twilio.com' }), response(405, ''), 'failed: twilio-no-registration'],
    [settings({ domain: 'x.pstn.ashburn.twilio.com' }), response(404, ''), 'failed: twilio-no-registration'],
    [
      settings({ domain: 'x.example' }),
      response(403, 'Forbidden', { 'x-twilio-error': '32210 Registration not supported' }),
      'failed: twilio-no-registration',
    ],
    [preset('twilio-domain'), response(403, 'Forbidden'), 'failed: account/refused'],
    [preset('twilio'), response(401, 'Unauthorized', md5), 'failed: account/wrong-password'],
  ])('%#', (account, answer, expected) => {
    expect(short(diagnoseRegister(account, answer, challenge))).toBe(expected)
  })

  test('the digest algorithm is named, and a server that asks for no password is', () => {
    expect(diagnoseRegister(settings(), response(200, 'OK'), challenge).values).toEqual({ algorithm: 'SHA-256' })
    expect(short(diagnoseRegister(settings(), response(200, 'OK'), undefined))).toBe('ok: no-password-asked')
  })
})

describe('a trunk without registration', () => {
  test('that asks for the password with OPTIONS is judged by it', () => {
    expect(short(diagnoseProbe(response(200, 'OK'), challenge) as Verdict)).toBe('ok: password-accepted')
    expect(short(diagnoseProbe(response(407, ''), challenge) as Verdict)).toBe('failed: account/wrong-password')
  })

  test('that does not is judged by a call', () => {
    expect(diagnoseProbe(response(200, 'OK'), undefined)).toBeUndefined()
    const refused = (status: number): CallOutcome => ({ kind: 'refused', response: { status, reason: '' } })
    const twilio = preset('twilio', { register: false })
    expect(short(diagnoseCallPassword(settings(), refused(407), challenge))).toBe('failed: account/wrong-password')
    expect(short(diagnoseCallPassword(settings(), refused(407), undefined))).toBe('failed: digest-unknown')
    expect(short(diagnoseCallPassword(settings(), refused(404), challenge))).toBe('ok: password-accepted')
    expect(short(diagnoseCallPassword(twilio, refused(403), undefined))).toBe('failed: twilio-password')
    expect(short(diagnoseCallPassword(settings(), { kind: 'unanswered' }, challenge))).toBe('ok: password-accepted')
  })
})

describe('the offer of SRTP', () => {
  const refused = (
    status: number,
    more: { reason?: string; warning?: string; warningCode?: number } = {},
  ): CallOutcome => ({
    kind: 'refused',
    response: { status, reason: '', ...more },
  })
  const answered: CallOutcome = { kind: 'answered', response: { status: 200, reason: 'OK' } }
  const plainAnswer: AnswerDecision = {
    kind: 'refused',
    code: 'security/answer-not-encrypted',
    sipStatus: 488,
    warning: { code: 302, text: 'the answer is not encrypted' },
  }
  const tagWrong: AnswerDecision = { ...plainAnswer, code: 'sdp/answer-mismatch' }

  test.each([
    [settings(), refused(488), undefined, 'failed: security/trunk-refuses-encryption'],
    [settings(), refused(488, { warningCode: 305 }), undefined, 'failed: sdp/no-common-codec'],
    [preset('twilio'), refused(488), undefined, 'failed: twilio-secure-media-off'],
    [preset('twilio'), refused(400, { warning: '32207 Secure' }), undefined, 'failed: twilio-secure-media-off'],
    [preset('twilio'), refused(403), undefined, 'failed: twilio-password'],
    [preset('twilio'), refused(400), undefined, 'failed: twilio-number-format'],
    [settings({ domain: 'x.sip.twilio.com' }), answered, plainAnswer, 'failed: twilio-secure-media-off'],
    [preset('telnyx'), refused(488), undefined, 'failed: telnyx-encryption-off'],
    [preset('asterisk'), refused(488), undefined, 'failed: asterisk-srtp-off'],
    [preset('freeswitch'), answered, plainAnswer, 'failed: freeswitch-srtp-off'],
    [settings(), answered, plainAnswer, 'failed: security/answer-not-encrypted'],
    [preset('asterisk'), answered, tagWrong, 'failed: sdp/answer-mismatch'],
    [settings(), answered, undefined, 'failed: sdp/malformed'],
    [settings(), refused(404), undefined, 'skipped: number-not-there'],
    [settings(), refused(486), undefined, 'skipped: call-not-answered'],
    [settings(), { kind: 'unanswered' } satisfies CallOutcome, undefined, 'skipped: call-not-answered'],
    [settings(), refused(403), undefined, 'failed: call/forbidden'],
    [settings(), refused(407), undefined, 'failed: password-refused-in-call'],
    [settings(), refused(500), undefined, 'failed: call/trunk-error'],
  ] as const)('%#: %s', (account, outcome, decision, expected) => {
    expect(short(diagnoseMedia(account, '600', outcome, decision))).toBe(expected)
  })

  test('a flow that broke during the call is told as that', () => {
    const code: ErrorCode = 'net/closed'
    expect(diagnoseMedia(settings(), '600', { ...refused(503), code } as CallOutcome, undefined).finding).toBe(code)
  })
})

describe('the echo', () => {
  test.each([
    ['tone', { ...noCounters, sent: 50, received: 48 }, 'ok: echo-heard'],
    ['other', { ...noCounters, sent: 300, received: 290 }, 'failed: echo-other-sound'],
    ['other', { ...noCounters, sent: 300 }, 'failed: echo-silent'],
    ['other', { ...noCounters, sent: 300, authFailed: 290 }, 'failed: echo-keys-wrong'],
    ['other', { ...noCounters, sent: 300, received: 9, tooManyStreams: 281 }, 'failed: echo-other-sound'],
  ] as const)('%s, %o: %s', (heard, counters, expected) => {
    expect(short(diagnoseEcho('600', heard, counters))).toBe(expected)
  })

  test('says why packets were not played', () => {
    const { facts } = diagnoseEcho('600', 'other', { ...noCounters, sent: 9, received: 2, tooManyStreams: 5 })
    expect(facts).toEqual(['9 packets sent, 2 received', '5 packets of one stream too many'])
  })
})
