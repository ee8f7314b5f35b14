import { createHash } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { createDigestCheck, type DigestCheck } from '../../../electron/demo-trunk/digest-check.ts'

const user = { realm: 'demo.kedge.invalid', username: 'demo', password: 'correct horse battery' }
const uri = 'sip:demo.kedge.invalid'
let now: number
let check: DigestCheck

beforeEach(() => {
  now = 1_000_000
  check = createDigestCheck(user, () => now)
})

interface Answer {
  algorithm: string
  nonce: string
  username?: string
  password?: string
  realm?: string
  nc?: string
  method?: string
}

/** The client's side of RFC 7616 §3.4.1, written apart from the code under test. */
function authorization(answer: Answer): string {
  const given = { username: user.username, password: user.password, realm: user.realm, nc: '00000001', ...answer }
  const name = given.algorithm === 'MD5' ? 'md5' : 'sha256'
  const h = (text: string) => createHash(name).update(text).digest('hex')
  const a1 = h(`${given.username}:${given.realm}:${given.password}`)
  const a2 = h(`${given.method ?? 'REGISTER'}:${uri}`)
  const response = h(`${a1}:${given.nonce}:${given.nc}:abcd:auth:${a2}`)
  return (
    `Digest username="${given.username}", realm="${given.realm}", nonce="${given.nonce}", uri="${uri}", ` +
    `response="${response}", algorithm=${given.algorithm}, cnonce="abcd", qop=auth, nc=${given.nc}`
  )
}

function freshNonce(): string {
  return /nonce="([^"]+)"/.exec(check.challenges({ stale: false })[0] ?? '')?.[1] ?? ''
}

test('SHA-256 is challenged for before MD5 (RFC 8760 §2.3)', () => {
  const challenges = check.challenges({ stale: false })
  expect(challenges.map((line) => /algorithm=(\S+)/.exec(line)?.[1])).toEqual(['SHA-256', 'MD5'])
  for (const line of challenges)
    expect(line).toMatch(/^Digest realm="demo\.kedge\.invalid", nonce="[\w-]{32}", qop="auth"/)
})

test.each(['SHA-256', 'MD5'])('the right password is accepted with %s', (algorithm) => {
  expect(check.verify(authorization({ algorithm, nonce: freshNonce() }), 'REGISTER')).toBe('ok')
})

test.each<{ name: string; change: Partial<Answer> }>([
  { name: 'a wrong password', change: { password: 'correct horse' } },
  { name: 'another user', change: { username: 'eve' } },
  { name: 'another realm', change: { realm: 'elsewhere.invalid' } },
  { name: 'another method', change: { method: 'INVITE' } },
  { name: 'an algorithm that was not offered', change: { algorithm: 'SHA-512-256' } },
  { name: 'a nonce count that is no number', change: { nc: 'zzzzzzzz' } },
])('$name is refused', ({ change }) => {
  const answer = authorization({ algorithm: 'SHA-256', nonce: freshNonce(), ...change })
  expect(check.verify(answer, 'REGISTER')).toBe('wrong')
})

test('no header at all is missing, not wrong', () => {
  expect(check.verify(undefined, 'REGISTER')).toBe('missing')
})

test('another scheme is refused', () => {
  expect(check.verify('Basic ZGVtbzpkZW1v', 'REGISTER')).toBe('wrong')
})

test('the same credentials sent twice are stale', () => {
  const header = authorization({ algorithm: 'SHA-256', nonce: freshNonce() })
  expect(check.verify(header, 'REGISTER')).toBe('ok')
  expect(check.verify(header, 'REGISTER')).toBe('stale')
})

test('a nonce may be used again with a higher count', () => {
  const nonce = freshNonce()
  expect(check.verify(authorization({ algorithm: 'MD5', nonce, nc: '00000001' }), 'REGISTER')).toBe('ok')
  expect(check.verify(authorization({ algorithm: 'MD5', nonce, nc: '0000000a' }), 'REGISTER')).toBe('ok')
})

test('a nonce is stale after five minutes and the new challenge says so', () => {
  const nonce = freshNonce()
  now += 5 * 60_000 + 1
  expect(check.verify(authorization({ algorithm: 'SHA-256', nonce }), 'REGISTER')).toBe('stale')
  expect(check.challenges({ stale: true })[0]).toContain('stale=true')
})

test('a wrong answer does not use the nonce up', () => {
  const nonce = freshNonce()
  expect(check.verify(authorization({ algorithm: 'SHA-256', nonce, password: 'wrong' }), 'REGISTER')).toBe('wrong')
  expect(check.verify(authorization({ algorithm: 'SHA-256', nonce }), 'REGISTER')).toBe('ok')
})

test('a nonce of our own making is stale: only issued ones count', () => {
  expect(check.verify(authorization({ algorithm: 'SHA-256', nonce: 'invented' }), 'REGISTER')).toBe('stale')
})
