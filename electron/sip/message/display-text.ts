/**
 * Control characters, and what is not drawn: it would let a name look like another one, or turns the direction of text around
 * and so changes what it seems to say. Joiners and the selectors of emoji stay; names in Persian and emoji need them.
 */
const unseen = /(?!\p{Join_Control}|\ufe0e|\ufe0f)[\p{Cc}\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9-\ufffb]/gu

/** What remains of a name that nobody can read: blanks, the one of braille too, and what joins nothing. */
const blank = /^(?:[\s\p{Join_Control}\u2800]|\ufe0e|\ufe0f)*$/u

/** Text from the wire without what cannot be seen. */
export const visible = (value: string): string => value.replace(unseen, '')

/** Text from the wire as it may be shown; undefined when nothing is left of it. At most 64 characters. */
export function displayText(value: string | undefined): string | undefined {
  const text = [...visible(value ?? '').trim()].slice(0, 64).join('').trim()
  return blank.test(text) ? undefined : text
}

/** A name of ours as it may stand between the quotes of a header: nothing in it ends the quotes, the line or the message. */
export const quotable = (name: string | undefined): string | undefined => displayText(name)?.replace(/["\\]/g, "'")
