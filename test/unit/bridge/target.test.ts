import { describe, expect, it } from 'vitest'
import { accountOfHost, dialTarget, requestUri } from '../../../electron/bridge/target.ts'

describe('what the user dials', () => {
  it.each([
    ['+44 20 7946 0018', '+442079460018', 'trunk.example'],
    ['(555) 010-0100', '5550100100', 'trunk.example'],
    ['tel:+1.555.0100', '+15550100', 'trunk.example'],
    ['echo', 'echo', 'trunk.example'],
    ['sip:ada@pbx.example:5070', 'ada', 'pbx.example:5070'],
    ['SIPS:ada.l-b@[::1]', 'ada.l-b', '[::1]'],
    ['*98', '*98', 'trunk.example'],
  ])('%s is user %s at %s', (dialled, user, host) => {
    expect(dialTarget(dialled, 'trunk.example')).toEqual({ user, host })
  })

  it.each(['', '   ', 'a@b c', 'a@', 'ada\r\nVia: x', 'x'.repeat(129), 'a@-b', 'a@b?c', '\u0000'])(
    'refuses %j',
    (dialled) => {
      expect(() => dialTarget(dialled, 'trunk.example')).toThrowError(
        expect.objectContaining({ code: 'call/bad-target' }),
      )
    },
  )

  it('escapes everything that could end the user part of the Request-URI (RFC 3261 §19.1.2)', () => {
    expect(requestUri({ user: 'a b>;x@#"\u00fc', host: 'h.example' })).toBe('sip:a%20b%3E;x%40%23%22%C3%BC@h.example')
  })

  it('refuses text that is not well-formed Unicode', () => {
    expect(() => dialTarget('\ud800', 'trunk.example')).toThrowError(
      expect.objectContaining({ code: 'call/bad-target' }),
    )
  })
})

describe('the account in the host', () => {
  it('is what stands before the suffix', () => {
    expect(accountOfHost('demo.accounts.kedge.invalid')).toBe('demo')
    expect(accountOfHost('DEMO.Accounts.Kedge.Invalid')).toBe('demo')
  })
  it('is missing in any other host', () => {
    expect(accountOfHost('demo.example.com')).toBeUndefined()
    expect(accountOfHost('accounts.kedge.invalid')).toBeUndefined()
  })
})
