import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { addressOfRecord, uriHost } from '../../../electron/accounts/connect-account.ts'
import { dialTarget, requestUri } from '../../../electron/bridge/target.ts'
import { createSipEndpoint } from '../../../electron/sip/endpoint.ts'
import type { RawMessage } from '../../../electron/sip/message/raw-message.ts'
import { checkMessage } from '../../../electron/sip/transport/front-check.ts'
import { KedgeError } from '../../../shared/errors.ts'
import { accountSettingsSchema, callInputs } from '../../../shared/ipc/contract.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { seededRandom } from '../media/srtp/random.ts'
import { linkTransports } from '../sip/linked-transports.ts'

/** CVE-2020-28361 and its kind: a field of ours carries a line end, and what follows becomes a header or a request. */
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const seed = 20_261_125
const injections = 5_000

const hooks = [
  ...[
    '\r\n',
    '\n',
    '\r',
    '\r\n\r\n',
    '\0',
    '%0d%0a',
    '\u2028',
    '\u0085',
    '\\r\\n',
    '\t',
    '"',
    '">',
    '>',
    ';',
    '?',
    '&',
    ' ',
    ',',
    '\\',
  ],
]
const loads = [
  ...[
    'X-Evil: 1',
    'Route: <sip:evil.test;lr>',
    'P-Asserted-Identity: <sip:boss@pbx.test>',
    'Content-Length: 0\r\n\r\nINVITE sip:evil SIP/2.0',
  ],
  ...[
    'tag=evil',
    'transport=udp',
    'Replaces=a',
    'lr',
    '<sip:evil.test>',
    'BYE sip:x SIP/2.0',
    'Via: SIP/2.0/UDP evil.test',
  ],
]

const base: AccountSettings = {
  id: 'work',
  label: 'Work',
  domain: 'pbx.test',
  transport: 'tls',
  username: 'alice',
  register: true,
  encryption: 'required',
}

/** One request of an account as these settings make it, and what has gone out. */
async function sentWith(settings: AccountSettings, dialled?: string): Promise<string[]> {
  const link = linkTransports()
  const endpoint = createSipEndpoint(link.left, {
    aor: addressOfRecord(settings),
    contact: { user: 'contact', hostPort: '127.0.0.1:5001', transport: 'tcp' },
    userAgent: 'test',
    ...(settings.displayName === undefined ? {} : { displayName: settings.displayName }),
    credentials: { username: settings.authUsername ?? settings.username, password: 'secret' },
  })
  const nothing = () => undefined
  if (dialled === undefined) void endpoint.request('REGISTER', { target: `sip:${uriHost(settings.domain)}` })
  else {
    endpoint.invite(
      { target: requestUri(dialTarget(dialled, settings.domain)), offer: 'v=0\r\n' },
      { onProgress: nothing, onAccepted: nothing, onRejected: nothing },
    )
  }
  await vi.advanceTimersByTimeAsync(2)
  await endpoint.close()
  return link.sent.filter(({ from }) => from === 'left').map(({ text }) => text)
}

/** Every field that a person, or a window that has been taken over, can fill; `undefined` where the contract refuses it. */
const fields: Readonly<Record<string, (value: string) => Promise<string[]> | undefined>> = {
  'dialled number': (value) => sentWith(base, value),
  'display name': (value) => withSettings({ displayName: value }),
  'user name': (value) => withSettings({ username: value }),
  'digest user name': (value) => withSettings({ authUsername: value }),
  domain: (value) => withSettings({ domain: value }),
  server: (value) => withSettings({ server: value }),
  label: (value) => withSettings({ label: value }),
  'keypad digit': (value) => {
    const read = callInputs.sendDigit.safeParse({ id: 'call', digit: value })
    return read.success ? sentWith(base) : undefined
  },
}

function withSettings(change: Partial<AccountSettings>): Promise<string[]> | undefined {
  const read = accountSettingsSchema.safeParse({ ...base, ...change })
  return read.success ? sentWith(read.data as AccountSettings) : undefined
}

const names = ({ headers }: RawMessage): string => headers.map(({ name }) => name).join()

/** What is wrong with what went out; undefined when it is one request with the headers that it always has. */
function smuggled(sent: readonly string[], usual: string): string | undefined {
  if (sent.length !== 1) return `${sent.length} messages`
  const [text = ''] = sent
  const checked = checkMessage(Buffer.from(text))
  if (checked.kind !== 'ok') return `not a message: ${checked.reason}`
  if (names(checked.message) !== usual) return `headers ${names(checked.message)}`
  return Buffer.byteLength(text) ===
    Buffer.byteLength(text.slice(0, text.indexOf('\r\n\r\n') + 4) + checked.message.body)
    ? undefined
    : 'octets behind the message'
}

function usualHeaders(sent: readonly string[]): string {
  const checked = checkMessage(Buffer.from(sent[0] ?? ''))
  if (checked.kind !== 'ok') throw new Error(checked.reason)
  return names(checked.message)
}

describe(`${injections} injections through every field, seed ${seed}`, () => {
  it('each ends in one request with the headers that it always has, or in none because the field is refused', async () => {
    const random = seededRandom(seed)
    const pick = <T>(list: readonly T[]): T => list[random.integer(list.length)] as T
    const usual = { REGISTER: usualHeaders(await sentWith(base)), INVITE: usualHeaders(await sentWith(base, '100')) }
    const outcomes = { sent: 0, refused: 0 }
    const faults: string[] = []
    for (let at = 0; at < injections; at += 1) {
      const field = pick(Object.keys(fields))
      const value = `${pick(['', '100', 'a', '"'])}${pick(hooks)}${pick(['', pick(hooks)])}${pick(loads)}${pick(['', pick(hooks)])}`
      const sent = await attempt(field, value)
      if (sent === undefined) {
        outcomes.refused += 1
        continue
      }
      outcomes.sent += 1
      const fault = smuggled(sent, field === 'dialled number' ? usual.INVITE : usual.REGISTER)
      if (fault) faults.push(`${field} ${JSON.stringify(value)}: ${fault}`)
    }
    expect(faults).toEqual([])
    // An empty run proves nothing: fields must have been taken, and refused.
    expect(outcomes.sent).toBeGreaterThan(500)
    expect(outcomes.refused).toBeGreaterThan(500)
  })

  it('canary: a request glued together from the same texts is found out', async () => {
    const usual = usualHeaders(await sentWith(base))
    const [clean = ''] = await sentWith(base)
    const glued = (value: string) => [clean.replace('From: ', `From: "${value}" `)]
    expect(smuggled([clean], usual)).toBeUndefined()
    expect(smuggled(glued('x\r\nX-Evil: 1'), usual)).toMatch(/headers .*x-evil/)
    expect(smuggled(glued('x\r\n\r\nINVITE sip:evil SIP/2.0'), usual)).toBeDefined()
    expect(smuggled([clean, clean], usual)).toBe('2 messages')
  })
})

async function attempt(field: string, value: string): Promise<string[] | undefined> {
  try {
    return await fields[field]?.(value)
  } catch (error) {
    if (error instanceof KedgeError) return undefined
    throw error
  }
}
