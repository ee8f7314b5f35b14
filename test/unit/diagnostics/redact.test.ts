import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openLog } from '../../../electron/diagnostics/log.ts'
import { redact } from '../../../electron/diagnostics/redact.ts'

const secrets = [
  ['a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4', 'WVNfX19zZW1jdGw'],
  ['Authorization: Digest username="ada", response="8ca523f5e9506fed4657c9700eebdbec"', '8ca523f5'],
  ['WWW-Authenticate: Digest realm="x", nonce="f84f1cec41e6cbe5aea9c8e88d359", opaque="op"', 'f84f1cec'],
  ['a=ice-pwd:asd88fgpdd777uzjYhagZg', 'asd88fgpdd777'],
  ['{"password":"hunter2","x":1}', 'hunter2'],
  ['http://127.0.0.1:4000/?ticket=abcDEF123', 'abcDEF123'],
] as const

describe('redaction', () => {
  it.each(secrets)('takes the secret out of %s', (line, secret) => {
    expect(redact(line)).not.toContain(secret)
  })

  it('leaves what correlates', () => {
    expect(redact('realm="sip.example.com" username="ada" a=crypto:1 AES_CM_128_HMAC_SHA1_80')).toBe(
      'realm="sip.example.com" username="ada" a=crypto:1 AES_CM_128_HMAC_SHA1_80',
    )
  })

  it('is applied to every line of the log file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kedge-log-'))
    const log = openLog(folder, 'debug').child('sip')
    for (const [line] of secrets) {
      log.debug(line)
      log.info(line)
      log.warn(line)
      log.error(line)
    }
    const written = readFileSync(join(folder, 'kedge.log'), 'utf8')
    expect(written.trim().split('\n')).toHaveLength(secrets.length * 4)
    for (const [, secret] of secrets) expect(written).not.toContain(secret)
    rmSync(folder, { recursive: true })
  })
})
