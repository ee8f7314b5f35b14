import { randomBytes } from 'node:crypto'

/** 96 random bits as a token of RFC 3261: tags, Call-IDs, branches and the Contact user must not be guessable (§19.3, §8.1.1.7). */
export const randomToken = (): string => randomBytes(12).toString('hex')
