import { createInstance } from 'i18next'
import { describe, expect, test } from 'vitest'
import en from '../../../renderer/src/locales/en.json' with { type: 'json' }
import { errorWords } from '../../../renderer/src/text/error-words.ts'
import { formatDuration } from '../../../renderer/src/text/format.ts'
import { convertedFrom, hopSecurity, suiteNames, tlsName } from '../../../renderer/src/text/security-words.ts'
import { errorCodes } from '../../../shared/errors.ts'
import { noCounters } from '../../../shared/model/call.ts'
import { cryptoSuites } from '../../../shared/model/media.ts'
import { trunkPresetIds } from '../../../shared/model/trunk-presets.ts'
import { localHop, trunkHop } from './calls.ts'

const sources = import.meta.glob<string>('../../../renderer/src/**/*.{ts,tsx}', {
  query: '?raw',
  import: 'default',
  eager: true,
})

const lookUp = (key: string): unknown =>
  key.split('.').reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[part], en)

/** Codes whose one sentence says everything: nothing is to be mended. */
const withoutAdvice = ['call/hung-up', 'call/cancelled', 'call/declined']

describe('the words of every failure', () => {
  test.each(errorCodes)('%s says what happened and, where something can be done, what', (code) => {
    const words = lookUp(errorWords[code]) as Record<string, string>
    expect(words.what).toMatch(/^[^!]{10,}\.$/u)
    if (!withoutAdvice.includes(code)) expect(words.advice).toMatch(/^[^!]{10,}\.$/u)
  })

  test('no two failures share a place', () => {
    expect(new Set(Object.values(errorWords)).size).toBe(errorCodes.length)
  })

  test('who ended the call decides the sentence', async () => {
    const i18n = createInstance()
    await i18n.init({ lng: 'en', resources: { en: { translation: en } } })
    const key = `${errorWords['call/hung-up']}.what`
    expect(i18n.t(key, { who: 'Ada', context: 'user' })).toBe('You ended the call.')
    expect(i18n.t(key, { who: 'Ada', context: 'remote' })).toBe('Ada hung up.')
    expect(i18n.t(key, { who: 'Ada', context: 'kedge' })).toBe('The call ended.')
  })
})

describe('a call that was refused for security', () => {
  test.each(['answer-not-encrypted', 'offer-not-encrypted', 'trunk-refuses-encryption'] as const)(
    '%s says where to change it at each kind of trunk, and in Kedge',
    (code) => {
      const words: Record<string, string> = en.error.security[code]
      for (const preset of trunkPresetIds) {
        const advice = words[preset === 'generic' ? 'advice' : `advice_${preset}`]
        expect(advice, preset).toContain('“When the trunk can” for this account')
        expect(advice, preset).toMatch(/SRTP|Secure Media|media_encryption=sdes|rtp_secure_media/u)
      }
    },
  )
})

describe('the locale', () => {
  test('holds every key that the screens ask for by name', () => {
    const asked = Object.values(sources).flatMap((source) =>
      [...source.matchAll(/\bt\('([^']+)'/gu)].map((match) => match[1] ?? ''),
    )
    expect(asked.length).toBeGreaterThan(60)
    const isThere = (key: string) => [key, `${key}_other`].some((form) => typeof lookUp(form) === 'string')
    expect(asked.filter((key) => !isThere(key))).toEqual([])
  })
})

describe('a converted codec', () => {
  test('is named on both hops, and only where the two differ', () => {
    const [opus, pcmu, same] = [
      { ...localHop(), codec: 'opus' },
      { ...trunkHop(), codec: 'PCMU' },
      { ...trunkHop(), codec: 'OPUS' },
    ]
    expect([convertedFrom(opus, [opus, pcmu]), convertedFrom(pcmu, [opus, pcmu])]).toEqual(['PCMU', 'opus'])
    expect(convertedFrom(opus, [opus, same])).toBeUndefined()
    expect(convertedFrom(opus, [opus])).toBeUndefined()
  })
})

describe('what one hop may claim', () => {
  test('proven only by packets in both directions', () => {
    expect(hopSecurity(trunkHop(), true)).toBe('proven')
    expect(hopSecurity(trunkHop({ counters: { ...noCounters, received: 1 } }), true)).toBe('establishing')
    expect(hopSecurity(trunkHop({ counters: { ...noCounters, sent: 1 } }), true)).toBe('establishing')
  })

  test('never proven while the main process cannot be heard', () => {
    expect(hopSecurity(trunkHop(), false)).toBe('establishing')
    expect(hopSecurity(localHop(), false)).toBe('establishing')
  })

  test('exposed when SDES keys crossed UDP or TCP, whatever was authenticated', () => {
    expect(hopSecurity(trunkHop({ signalling: { transport: 'udp' } }), true)).toBe('exposed')
    expect(hopSecurity(trunkHop({ signalling: { transport: 'tcp' } }), true)).toBe('exposed')
  })

  test('clear when it is plain RTP, even over TLS', () => {
    expect(hopSecurity(trunkHop({ mode: 'rtp', keyExchange: 'none' }), true)).toBe('clear')
  })

  test('nothing when it is not negotiated', () => {
    expect(hopSecurity(undefined, true)).toBe('absent')
  })

  test('every suite has a name of its own', () => {
    expect(new Set(cryptoSuites.map((suite) => suiteNames[suite])).size).toBe(cryptoSuites.length)
    expect(tlsName('TLSv1.3')).toBe('TLS 1.3')
  })
})

describe('a running time', () => {
  test.each([
    [0, '0:00'],
    [59_999, '0:59'],
    [60_000, '1:00'],
    [3_599_000, '59:59'],
    [3_600_000, '1:00:00'],
    [36_061_000, '10:01:01'],
    [-5_000, '0:00'],
  ])('%i ms is shown as %s', (ms, shown) => {
    expect(formatDuration(ms)).toBe(shown)
  })
})
