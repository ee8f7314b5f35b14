import { describe, expect, it } from 'vitest'
import { createAuthenticator } from '../../../electron/sip/digest/authenticator.ts'
import { chooseChallenge, parseAuthParams, parseChallenge } from '../../../electron/sip/digest/challenge.ts'
import { authorizationValue, digestResponse } from '../../../electron/sip/digest/digest.ts'

function challenge(text: string) {
  const parsed = parseChallenge(text)
  if (!parsed) throw new Error('no challenge')
  return parsed
}

const mufasa = {
  username: 'Mufasa',
  password: 'Circle of Life',
  method: 'GET',
  uri: '/dir/index.html',
  body: '',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  nc: 1,
}
const rfc7616 =
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'

describe('digest responses', () => {
  it.each([
    ['RFC 7616 3.9.1, MD5', 'MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['RFC 7616 3.9.1, SHA-256', 'SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('%s', (_name, algorithm, response) => {
    const text = `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ${rfc7616}`
    expect(digestResponse({ ...mufasa, challenge: challenge(text) })).toBe(response)
  })

  it('RFC 2617 3.5: MD5 with qop=auth', () => {
    const text =
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    const input = { ...mufasa, password: 'Circle Of Life', cnonce: '0a4f113b', challenge: challenge(text) }
    expect(digestResponse(input)).toBe('6629fae49393a05397450978507c4ef1')
  })

  // The RFC's own figures were made with the first half of SHA-512; erratum 4897 has those of SHA-512/256.
  it('RFC 7616 3.9.2 with erratum 4897: SHA-512-256, user name hashed', () => {
    const text =
      'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true'
    const value = authorizationValue({
      method: 'GET',
      uri: '/doe.json',
      body: '',
      username: 'Jäsøn Doe',
      password: 'Secret, or not?',
      cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
      nc: 1,
      challenge: challenge(text),
    })
    const params = parseAuthParams(value)
    expect(params.get('username')).toBe('793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b')
    expect(params.get('response')).toBe('3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5')
    expect(params.get('userhash')).toBe('true')
  })

  it('auth-int covers the body', () => {
    const only = challenge('Digest realm="r", nonce="n", qop="auth-int"')
    const of = (body: string) => digestResponse({ ...mufasa, challenge: only, body })
    expect(of('v=0')).not.toBe(of('v=1'))
  })

  it('without qop neither cnonce nor nc is sent (RFC 2069 servers)', () => {
    const value = authorizationValue({ ...mufasa, challenge: challenge('Digest realm="r", nonce="n"') })
    expect([...parseAuthParams(value.replace('Digest ', '')).keys()]).toEqual([
      'username',
      'realm',
      'nonce',
      'uri',
      'response',
      'algorithm',
    ])
  })
})

describe('challenges', () => {
  it('the topmost one that we can do is answered (RFC 8760 2.4)', () => {
    const values = [
      'Digest realm="r", nonce="n", algorithm=SHA-3-999',
      'Digest realm="r", nonce="n", algorithm=SHA-256',
      'Digest realm="r", nonce="n", algorithm=MD5',
    ]
    expect(chooseChallenge(values)?.algorithm).toBe('SHA-256')
  })

  it.each([
    ['another scheme', 'Basic realm="r"'],
    ['no nonce', 'Digest realm="r"'],
    ['no realm', 'Digest nonce="n"'],
    ['a qop that nobody knows', 'Digest realm="r", nonce="n", qop="auth-conf"'],
    ['nothing', ''],
  ])('%s is no challenge', (_name, text) => expect(parseChallenge(text)).toBeUndefined())

  it('quoted commas and quoted pairs stay inside their value', () => {
    expect(parseChallenge('Digest realm="a, nonce=b \\"c\\"", nonce="n"')?.realm).toBe('a, nonce=b \\"c\\"')
  })
})

describe('what is answered', () => {
  const invite = { method: 'INVITE', uri: 'sip:bob@example.test', body: '' }
  const register = { method: 'REGISTER', uri: 'sip:example.test', body: '' }
  const make = () => createAuthenticator({ username: 'alice', password: 'secret' }, () => 'cnonce')
  const value = (nonce: string, more = '') => [`Digest realm="example.test", nonce="${nonce}", qop="auth"${more}`]
  const param = (line: string | undefined, name: string) => parseAuthParams(line ?? '').get(name)

  it('nothing is sent before a challenge', () => expect(make().forRequest(register).lines()).toEqual([]))

  it('the same request is answered once; a second challenge means a wrong password', () => {
    const request = make().forRequest(register)
    expect(request.challenged(401, value('one'))).toBe(true)
    expect(request.lines()[0]).toMatch(/^Authorization: Digest username="alice"/)
    expect(request.challenged(401, value('two'))).toBe(false)
  })

  it('a stale nonce is replaced once more, a refused one is not used again', () => {
    const request = make().forRequest(register)
    request.challenged(401, value('one'))
    request.lines()
    expect(request.challenged(401, value('one', ', stale=true'))).toBe(false)
    const other = make().forRequest(register)
    other.challenged(401, value('one'))
    other.lines()
    expect(other.challenged(401, value('two', ', stale=true'))).toBe(true)
    other.lines()
    expect(other.challenged(401, value('three', ', stale=true'))).toBe(false)
  })

  it('the nonce is used again with a growing count, so that a refresh needs one round trip', () => {
    const authenticator = make()
    const first = authenticator.forRequest(register)
    first.challenged(401, value('one'))
    expect(param(first.lines()[0], 'nc')).toBe('00000001')
    expect(param(authenticator.forRequest(register).lines()[0], 'nc')).toBe('00000002')
  })

  it('a server names the nonce of the next request, whose count begins anew (RFC 7616 §3.5)', () => {
    const authenticator = make()
    const first = authenticator.forRequest(register)
    first.challenged(401, value('one'))
    first.lines()
    first.accepted((name) => (name === 'authentication-info' ? 'nextnonce="two", qop=auth' : undefined))
    const [line] = authenticator.forRequest(register).lines()
    expect([param(line, 'nonce'), param(line, 'nc'), param(line, 'realm')]).toEqual(['two', '00000001', 'example.test'])
  })

  it('a next nonce that nobody was asked for is not taken', () => {
    const authenticator = make()
    authenticator.forRequest(register).challenged(401, value('one'))
    const other = authenticator.forRequest(invite)
    other.accepted(() => 'nextnonce="evil"')
    expect(param(authenticator.forRequest(register).lines()[0], 'nonce')).toBe('one')
    expect(authenticator.forRequest(invite).lines()).toEqual([])
  })

  it.each(['MD5', 'SHA-256', 'SHA-512-256'])('%s with auth-int covers the body of a request', (algorithm) => {
    const lines = ['v=0', 'v=1'].map((body) => {
      const request = make().forRequest({ ...invite, body })
      request.challenged(407, [`Digest realm="r", nonce="n", qop="auth-int", algorithm=${algorithm}`])
      return request.lines()[0]
    })
    expect(lines.map((line) => param(line, 'qop'))).toEqual(['auth-int', 'auth-int'])
    expect(param(lines[0], 'response')).not.toBe(param(lines[1], 'response'))
  })

  it('another realm than the account’s gets nothing (CVE-2021-41158)', () => {
    const authenticator = make()
    authenticator.forRequest(register).challenged(401, value('one'))
    expect(authenticator.forRequest(invite).challenged(407, ['Digest realm="evil.test", nonce="n"'])).toBe(false)
  })

  it('Authorization is never sent unasked in a call, because a proxy passes it on', () => {
    const authenticator = make()
    authenticator.forRequest(register).challenged(401, value('one'))
    expect(authenticator.forRequest(invite).lines()).toEqual([])
    const first = authenticator.forRequest(invite)
    first.challenged(401, value('two'))
    expect(first.lines()).toHaveLength(1)
    expect(authenticator.forRequest(invite).lines()).toEqual([])
  })

  it('a proxy and a server that both challenge are both answered', () => {
    const request = make().forRequest(invite)
    expect(request.challenged(407, value('one'))).toBe(true)
    request.lines()
    expect(request.challenged(401, value('two'))).toBe(true)
    expect(request.lines().map((line) => line.split(':')[0])).toEqual(['Authorization', 'Proxy-Authorization'])
  })

  it('the password is nowhere in what is sent', () => {
    const request = make().forRequest(register)
    request.challenged(401, value('one'))
    expect(request.lines().join()).not.toContain('secret')
  })
})
