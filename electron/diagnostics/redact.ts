/**
 * Takes secrets out of text before it is written, kept or shown: media keys, digest answers, ICE passwords, passwords of
 * any kind. Composed of small patterns; each has a test. What stays is enough to correlate (names, realms, lengths).
 */
const patterns: readonly (readonly [RegExp, string])[] = [
  // RFC 4568 §9.1: key-params = "inline:" base64 ["|" lifetime] ["|" mki]; escaped where it travels in a URI
  [/inline(?::|%3A)\s*[A-Za-z0-9+/=_%-]+/gi, 'inline:[redacted]'],
  // RFC 4567 §3 (MIKEY) and RFC 4566 §5.12
  [/^(a=key-mgmt:\S+[ \t]+)\S+/gim, '$1[redacted]'],
  [/^(k=[a-z0-9]+:)\S+/gim, '$1[redacted]'],
  // RFC 7616 §3.4: the answer to a challenge, and the nonces that let it be attacked offline
  [/\b(response|cnonce|nonce|opaque|nextnonce|rspauth)(\s*=\s*)("[^"]*"|[^\s,;]+)/gi, '$1$2"[redacted]"'],
  // Basic, Bearer and whatever else is no Digest: nothing of it is known to be harmless
  [/^((?:proxy-)?authorization[ \t]*:\s*)(?!digest\b)(\S+)(?:[^\r\n]|\r?\n[ \t])*/gim, '$1$2 [redacted]'],
  [/\b(a=ice-pwd:)\s*\S+/gi, '$1[redacted]'],
  // RFC 3261 §19.1.1: user ":" password "@" host
  [/\b(sips?:[^@\s:;>"]{1,128}):[^@\s>"]{1,256}@/gi, '$1:[redacted]@'],
  [/\b(pass(?:word|wd|phrase)?|secret|token|ticket)("?\s*[:=]\s*)("[^"]*"|[^\s,;&}]+)/gi, '$1$2"[redacted]"'],
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g, '[redacted $1]'],
]

/** @returns the text without keys, digest answers, passwords or tokens */
export function redact(text: string): string {
  return patterns.reduce((cleaned, [pattern, replacement]) => cleaned.replace(pattern, replacement), text)
}
