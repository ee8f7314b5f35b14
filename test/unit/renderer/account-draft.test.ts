import { describe, expect, test } from 'vitest'
import {
  type AccountDraft,
  type DraftField,
  defaultPort,
  draftFromPreset,
  draftFromSettings,
  readDraft,
} from '../../../renderer/src/state/account-draft.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { trunkPresets } from '../../../shared/model/trunk-presets.ts'

const filled: AccountDraft = {
  ...draftFromPreset(trunkPresets.generic),
  domain: 'sip.example.com',
  username: 'ada',
  password: 'difference',
}
const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'

const key = '-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----'

describe('a new account', () => {
  test('needs no more than domain, user name and password', () => {
    expect(readDraft(filled, 'a1')).toEqual({
      ok: true,
      secrets: { password: 'difference' },
      settings: {
        id: 'a1',
        label: 'sip.example.com',
        domain: 'sip.example.com',
        transport: 'tls',
        username: 'ada',
        register: true,
        encryption: 'required',
        preset: 'generic',
      },
    })
  })

  test('takes the names that were entered apart, and the ciphers that were chosen', () => {
    const entered = {
      ...filled,
      authUsername: ' ada-9 ',
      displayName: 'Ada',
      suites: ['AES_CM_128_HMAC_SHA1_80'] as const,
    }
    expect(readDraft(entered, 'a1')).toMatchObject({
      settings: { authUsername: 'ada-9', displayName: 'Ada', suites: ['AES_CM_128_HMAC_SHA1_80'] },
    })
    expect(readDraft({ ...filled, suites: [] }, 'a1')).toEqual({ ok: false, invalid: new Set(['suites']) })
    expect(readDraft({ ...filled, authUsername: 'a b' }, 'a1')).toEqual({
      ok: false,
      invalid: new Set(['authUsername']),
    })
  })

  test('keeps the quirks that were ticked, and none when none is', () => {
    const settings = (quirks: AccountDraft['quirks']) => readDraft({ ...filled, quirks }, 'a1')
    expect(settings(['renumbers-answer-tag'])).toMatchObject({ settings: { quirks: ['renumbers-answer-tag'] } })
    expect(settings([])).not.toHaveProperty('settings.quirks')
  })

  test('keeps the switch for exposed keys only where keys could be exposed', () => {
    const settings = (change: Partial<AccountDraft>) =>
      readDraft({ ...filled, allowExposedKeys: true, ...change }, 'a1')
    expect(settings({ transport: 'udp' })).toMatchObject({ settings: { allowExposedKeys: true } })
    expect(settings({ transport: 'tls' })).not.toHaveProperty('settings.allowExposedKeys')
    expect(settings({ transport: 'tcp', encryption: 'off' })).not.toHaveProperty('settings.allowExposedKeys')
  })

  test('keeps who agrees on media keys; DTLS exposes none', () => {
    const settings = (change: Partial<AccountDraft>) => readDraft({ ...filled, mediaKeys: 'dtls', ...change }, 'a1')
    expect(settings({})).toMatchObject({ settings: { mediaKeys: 'dtls' } })
    expect(settings({ mediaKeys: 'sdes' })).not.toHaveProperty('settings.mediaKeys')
    expect(settings({ transport: 'udp', allowExposedKeys: true })).not.toHaveProperty('settings.allowExposedKeys')
  })

  test('keeps the consent to calls in clear only while the policy asks for it', () => {
    const settings = (change: Partial<AccountDraft>) => readDraft({ ...filled, clearAllowed: true, ...change }, 'a1')
    expect(settings({ encryption: 'preferred' })).toMatchObject({ settings: { clearAllowed: true } })
    expect(settings({ encryption: 'required' })).not.toHaveProperty('settings.clearAllowed')
  })

  test('sends keys with the sound unless told otherwise', () => {
    expect(readDraft(filled, 'a1')).not.toHaveProperty('settings.dtmf')
    const chosen = readDraft({ ...filled, dtmf: 'info' }, 'a1')
    expect(chosen).toMatchObject({ settings: { dtmf: 'info' } })
    expect(chosen.ok && draftFromSettings(chosen.settings).dtmf).toBe('info')
  })

  test.each<[name: string, change: Partial<AccountDraft>, field: DraftField]>([
    ['a scheme before the domain', { domain: 'sip:example.com' }, 'domain'],
    ['an empty domain', { domain: ' ', label: 'Work' }, 'domain'],
    ['a name that is too long', { label: 'x'.repeat(65) }, 'label'],
    ['a user name with a blank', { username: 'ada lovelace' }, 'username'],
    ['no password', { password: '' }, 'password'],
    ['a port past the last', { port: '65536' }, 'port'],
    ['a port that is no number', { port: 'tls' }, 'port'],
    ['half a port', { port: '50.5' }, 'port'],
    ['a server with a port in it', { server: 'proxy.example.com:5061' }, 'server'],
    ['a certificate that is none', { caPem: 'hello' }, 'caPem'],
    ['a private key instead of a certificate', { caPem: '-----BEGIN PRIVATE KEY-----' }, 'caPem'],
    ['a certificate of the phone that is none', { clientCertPem: 'hello', clientKeyPem: key }, 'clientCertPem'],
    ['a certificate of the phone without its key', { clientCertPem: certificate }, 'clientKeyPem'],
    ['a certificate instead of a key', { clientCertPem: certificate, clientKeyPem: certificate }, 'clientKeyPem'],
  ])('%s is refused at its field', (_name, change, field) => {
    const read = readDraft({ ...filled, ...change }, 'a1')
    expect(read).toEqual({ ok: false, invalid: new Set([field]) })
  })

  test.each<[name: string, change: Partial<AccountDraft>]>([
    ['no certificate without TLS', { transport: 'tcp', caPem: 'hello', clientCertPem: 'hello', clientKeyPem: 'hello' }],
    ['no key without a certificate', { clientKeyPem: 'hello' }],
  ])('the form asks for %s, so nothing that was pasted there before stands in the way', (_name, change) => {
    const { transport } = { ...filled, ...change }
    expect(readDraft({ ...filled, ...change }, 'a1')).toEqual({
      ...readDraft({ ...filled, transport }, 'a1'),
      secrets: { password: 'difference' },
    })
  })

  test('an address to forward to that is too long is refused at its field', () => {
    const forwarding = { ...filled.forwarding, busy: `${'a'.repeat(128)}@${'b'.repeat(200)}` }
    expect(readDraft({ ...filled, forwarding }, 'a1')).toEqual({ ok: false, invalid: new Set(['busy']) })
  })

  test('what is filled in under Advanced is kept', () => {
    const read = readDraft({ ...filled, server: '192.0.2.1', port: '5071', caPem: `\n${certificate}\n` }, 'a1')
    expect(read).toMatchObject({ ok: true, settings: { server: '192.0.2.1', port: 5071, caPem: certificate } })
  })

  test('the key of the phone travels beside the settings, and only with its certificate', () => {
    const typed = { ...filled, clientKeyPem: `\n${key}\n`, clientKeyPassphrase: 'open sesame', acceptsWildcards: true }
    const read = readDraft({ ...typed, clientCertPem: certificate }, 'a1')
    expect(read).toMatchObject({
      ok: true,
      settings: { clientCertPem: certificate, acceptsWildcards: true },
      secrets: { password: 'difference', clientKey: { pem: key, passphrase: 'open sesame' } },
    })
    expect(read.ok && JSON.stringify(read.settings)).not.toMatch(/PRIVATE KEY|sesame/)
    expect(readDraft(typed, 'a1')).toMatchObject({ secrets: { password: 'difference' } })
  })

  test('a preset decides transport, registration and encryption and fills in no default port', () => {
    expect(draftFromPreset(trunkPresets.twilio)).toMatchObject({ register: false, transport: 'tls', port: '' })
    expect([defaultPort('tls'), defaultPort('tcp'), defaultPort('udp')]).toEqual([5061, 5060, 5060])
  })
})

describe('a stored account', () => {
  const stored: AccountSettings = {
    id: 'a1',
    label: 'Work',
    domain: 'sip.example.com',
    port: 5071,
    transport: 'tcp',
    username: 'ada',
    authUsername: 'digest-ada',
    register: false,
    encryption: 'preferred',
    preset: 'asterisk',
    caPem: certificate,
  }

  test('comes back unchanged when nothing is edited, what the form does not show included', () => {
    expect(readDraft(draftFromSettings(stored), 'a1', stored)).toEqual({
      ok: true,
      settings: stored,
      secrets: {},
    })
  })

  test('keeps its password when the field stays empty', () => {
    expect(readDraft({ ...draftFromSettings(stored), label: 'Office' }, 'a1', stored)).toMatchObject({
      ok: true,
      secrets: {},
    })
  })

  test('keeps the key of its certificate when the field stays empty', () => {
    const withKey = { ...stored, clientCertPem: certificate }
    expect(readDraft(draftFromSettings(withKey), 'a1', withKey)).toMatchObject({ ok: true, secrets: {} })
  })

  test('keeps its certificates while it goes without TLS, whatever was pasted before', () => {
    const trusting = { ...stored, transport: 'tls', clientCertPem: certificate, acceptsWildcards: true } as const
    const draft = { ...draftFromSettings(trusting), transport: 'udp', caPem: 'hello', acceptsWildcards: false } as const
    expect(readDraft(draft, 'a1', trusting)).toEqual({
      ok: true,
      settings: { ...trusting, transport: 'udp' },
      secrets: {},
    })
  })

  test('loses what was deleted from the form', () => {
    const draft = { ...draftFromSettings({ ...stored, transport: 'tls' }), port: '', caPem: '' } as const
    const read = readDraft(draft, 'a1', stored)
    expect(read.ok && 'port' in read.settings).toBe(false)
    expect(read.ok && 'caPem' in read.settings).toBe(false)
  })
})
