/** 500 names that a caller might give himself: markup, scripts, controls, direction marks, look-alikes, and very long ones. */
const markup = [
  '<b>Bank</b>',
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '<svg onload=alert(1)>',
  '<iframe src=http://evil.test>',
  '<a href="javascript:alert(1)">Bank</a>',
  '<style>*{display:none}</style>',
  '<link rel=stylesheet href=http://evil.test/x.css>',
  '&lt;b&gt;Bank&lt;/b&gt;',
  '"><img src=x>',
  "'><img src=x>",
  '{{constructor.constructor("alert(1)")()}}',
  '#{alert(1)}',
  '$t(error.internal.what)',
  '{{who}}',
  'javascript:alert(1)',
  '<!--',
  ']]>',
  '\u0130stanbul<b>',
  '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
]
const hidden = [
  '\u202e0010 555 +',
  'Bank\u202dsafe',
  '\u2066Ada\u2069',
  'A\u200bd\u200ba',
  '\ufeffAda',
  '\u061cAda',
  'Ada\u2028Bank',
  'Ada\u2029Bank',
  'Ada\u0085Bank',
  'Ada\u0007',
  'Ada\u001b[31m',
  '\u009b31mAda',
  'Ada\u00ad Lovelace',
  '\u2800\u2800Ada',
  'A\u0300\u0301\u0302\u0303\u0304'.repeat(20),
]
const lookAlikes = [
  'Аda Lоvelace',
  'Ada Lovelace',
  'ADA LOVELACE',
  'Ada  Lovelace',
  'Ada\u200b Lovelace',
  'Αda Lovelace',
  'Ada Love1ace',
  'Ada Lovelace\u3164',
]
const plain = [
  'Emergency 911',
  '+1 911',
  'Police',
  'Kedge',
  'Encrypted',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  ' ',
  '…',
  '𝓐𝓭𝓪',
  '👩‍💻 Ada',
  'عدا',
]

const parts = [...markup, ...hidden, ...lookAlikes, ...plain]

/** Each part alone, doubled into the next one, and stretched, until there are 500. */
export const spoofedNames: readonly string[] = Array.from({ length: 500 }, (_, at) => {
  const part = parts[at % parts.length] ?? ''
  const other = parts[(at * 7 + 3) % parts.length] ?? ''
  const round = Math.floor(at / parts.length)
  if (round === 0) return part
  if (round % 3 === 1) return `${other}${part}`
  return round % 3 === 2
    ? `${part} ${other}`.repeat(1 + (at % 4))
    : `${part}${String.fromCodePoint(0x2060 + (at % 16))}${other}`
})
