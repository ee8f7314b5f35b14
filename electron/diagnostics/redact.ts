/**
 * Takes secrets out of text before it is written or shown: SDES keys, digest answers, ICE passwords. Composed of
 * small patterns; each has a test. What stays is enough to correlate (names, realms, lengths).
 */
const patterns: readonly (readonly [RegExp, string])[] = [
  // RFC 4568 §9.1: key-params = "inline:" base64 ["|" lifetime] ["|" mki]
  [/inline:[A-Za-z0-9+/=_-]+/gi, 'inline:[redacted]'],
  // RFC 7616 §3.4: the answer to a challenge, and the nonces that let it be attacked offline
  [/\b(response|cnonce|nonce|opaque|nextnonce|rspauth)(\s*=\s*)("[^"]*"|[^\s,;]+)/gi, '$1$2"[redacted]"'],
  [/\b(a=ice-pwd:)\S+/gi, '$1[redacted]'],
  [/\b(pass(?:word|wd|phrase)?|secret|token|ticket)("?\s*[:=]\s*)("[^"]*"|[^\s,;&}]+)/gi, '$1$2"[redacted]"'],
]

/** @returns the text without keys, digest answers, passwords or tokens */
export function redact(text: string): string {
  return patterns.reduce((cleaned, [pattern, replacement]) => cleaned.replace(pattern, replacement), text)
}
