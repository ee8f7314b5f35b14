import { describe, expect, it } from 'vitest'
import { displayText, visible } from '../../../electron/sip/message/display-text.ts'

const unseen = [
  ['a control character', '\u0007'],
  ['a soft hyphen', '\u00ad'],
  ['a grapheme joiner', '\u034f'],
  ['an Arabic letter mark', '\u061c'],
  ['a Hangul filler', '\u115f'],
  ['another Hangul filler', '\u3164'],
  ['a half-width Hangul filler', '\uffa0'],
  ['a Mongolian vowel separator', '\u180e'],
  ['a zero-width space', '\u200b'],
  ['a direction override', '\u202e'],
  ['a line separator', '\u2028'],
  ['an invisible separator', '\u2063'],
  ['an isolate', '\u2067'],
  ['a byte-order mark', '\ufeff'],
  ['an interlinear annotation', '\ufff9'],
  ['a tag', '\u{e0041}'],
  ['a variation selector that no emoji uses', '\u{e0100}'],
] as const

describe('text from the wire', () => {
  it.each(unseen)('loses %s: a name that holds one would look like the name without it', (_what, character) => {
    expect(visible(`Ada${character} Lovelace${character}`)).toBe('Ada Lovelace')
    expect(displayText(`${character}Ada Lovelace${character}`)).toBe('Ada Lovelace')
  })

  it.each([
    ['emoji', '👩‍💻 Ada ❤️'],
    ['Persian', 'می‌خواهم'],
    ['combining accents', 'Ame\u0301lie'],
    ['Korean', '홍길동'],
  ])('keeps %s', (_what, name) => expect(displayText(name)).toBe(name))

  it.each(['', '   ', '\u200d', '\u200c \ufe0f', '\u3164\u3164', '\u2800 \u2800'])('%j says nothing', (text) => {
    expect(displayText(text)).toBeUndefined()
  })

  it('is 64 characters at most', () => expect(displayText('𝓐'.repeat(100))).toBe('𝓐'.repeat(64)))
})
