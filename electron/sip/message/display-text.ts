/** Control characters, and the characters that turn the direction of text around and so change what a name seems to say. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const unseen = /[\0-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** Text from the wire without what cannot be seen. */
export const visible = (value: string): string => value.replace(unseen, '')

/** Text from the wire as it may be shown; undefined when nothing is left of it. At most 64 characters. */
export function displayText(value: string | undefined): string | undefined {
  const text = [...visible(value ?? '').trim()].slice(0, 64).join('').trim()
  return text === '' ? undefined : text
}

/** A name of ours as it may stand between the quotes of a header: nothing in it ends the quotes, the line or the message. */
export const quotable = (name: string | undefined): string | undefined => displayText(name)?.replace(/["\\]/g, "'")
