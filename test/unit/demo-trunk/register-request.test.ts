import { expect, test } from 'vitest'
import { readRegister } from '../../../electron/demo-trunk/register-request.ts'

/** Headers of a REGISTER; several values of one header are a list. */
function request(headers: Record<string, string[]>) {
  const headersOf = (name: string) => headers[name.toLowerCase()] ?? []
  return { header: (name: string) => headersOf(name)[0], headers: headersOf }
}

test.each([
  {
    name: 'the contact’s own time goes before the header’s',
    headers: { contact: ['<sip:a@192.0.2.1:5061;transport=tls>;expires=120;q=1'], expires: ['3600'] },
    expected: { kind: 'bind', contactUri: 'sip:a@192.0.2.1:5061;transport=tls', expiresS: 120 },
  },
  {
    name: 'the header’s time counts where the contact has none',
    headers: { contact: ['"A, <b>" <sip:a@b;expires=9>'], expires: ['300'] },
    expected: { kind: 'bind', contactUri: 'sip:a@b;expires=9', expiresS: 300 },
  },
  {
    name: 'a contact without brackets keeps its parameters out of the URI',
    headers: { contact: ['sip:a@b;expires=0'] },
    expected: { kind: 'bind', contactUri: 'sip:a@b', expiresS: 0 },
  },
  {
    name: 'ten minutes are meant where nothing is said',
    headers: { contact: ['<sip:a@b>'] },
    expected: { kind: 'bind', contactUri: 'sip:a@b', expiresS: 600 },
  },
  {
    name: 'a wildcard with Expires: 0 unbinds',
    headers: { contact: ['*'], expires: ['0'] },
    expected: { kind: 'unbindAll' },
  },
  { name: 'no Contact is a question', headers: {}, expected: { kind: 'query' } },
  { name: 'a wildcard without Expires: 0 is refused', headers: { contact: ['*'] }, expected: undefined },
  {
    name: 'a wildcard beside a contact is refused',
    headers: { contact: ['*', '<sip:a@b>'], expires: ['0'] },
    expected: undefined,
  },
  { name: 'a contact that is no SIP address is refused', headers: { contact: ['<tel:+1>'] }, expected: undefined },
])('$name', ({ headers, expected }) => {
  expect(readRegister(request(headers))).toEqual(expected)
})
