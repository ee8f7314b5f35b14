import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CallHandlers, createDispatch } from '../../../electron/ipc/dispatch.ts'
import { KedgeError } from '../../../shared/errors.ts'

const state = { shell: 'browser', version: '1', accounts: [], calls: [] } as const
function dispatchWith(change: Partial<CallHandlers> = {}) {
  const called: string[] = []
  const note = (name: string) => () => {
    called.push(name)
    return {}
  }
  const dispatch = createDispatch({
    state: () => state,
    saveAccount: note('saveAccount'),
    trace: () => ({ rows: [], missed: 0 }),
    traceMessage: () => ({ text: '' }),
    supportFile: () => ({ name: '', type: '', base64: '' }),
    noteDevices: () => ({}),
    exportTrace: () => ({ name: '', type: '', base64: '' }),
    trustCertificate: note('trustCertificate'),
    forgetCertificate: note('forgetCertificate'),
    removeAccount: note('removeAccount'),
    retryAccount: note('retryAccount'),
    allowClear: note('allowClear'),
    bridgeCalls: note('bridgeCalls'),
    transferCall: note('transferCall'),
    transferToCall: note('transferToCall'),
    transferHere: note('transferHere'),
    answerMove: note('answerMove'),
    sendDigit: note('sendDigit'),
    endCall: note('endCall'),
    history: () => ({ entries: [], more: false }),
    deleteCall: () => ({}),
    clearHistory: () => ({}),
    contacts: () => ({ contacts: [] }),
    saveContacts: () => ({}),
    removeContact: () => ({}),
    saveSettings: () => ({}),
    startRecording: () => ({ id: 'r' }),
    appendRecording: note('appendRecording'),
    finishRecording: note('finishRecording'),
    recordings: () => ({ recordings: [] }),
    readRecording: () => ({ data: '', complete: true }),
    removeRecording: note('removeRecording'),
    installUpdate: note('installUpdate'),
    demoCallMe: note('demoCallMe'),
    runDoctor: note('runDoctor'),
    practiceDoctor: note('practiceDoctor'),
    closeDoctor: note('closeDoctor'),
    ...change,
  })
  return { dispatch, called }
}

const settings = {
  id: 'work',
  label: 'Work',
  domain: 'pbx.example.com',
  transport: 'tls',
  username: 'ada',
  register: true,
  encryption: 'required',
}

describe('the main-process end of the IPC contract', () => {
  it('answers a valid call with its handler’s value', async () => {
    expect(await dispatchWith().dispatch('state', {})).toEqual({ ok: true, value: state })
  })

  it.each(['nothing', 'toString', '__proto__', 'constructor', ''])('refuses the channel %j', async (channel) => {
    expect(await dispatchWith().dispatch(channel, {})).toMatchObject({
      ok: false,
      error: { code: 'ipc/unknown-channel' },
    })
  })

  it.each([
    { ...settings, domain: 'pbx.example.com\r\nVia: x' },
    { ...settings, username: 'ada;tag=1 x' },
    { ...settings, port: 0 },
    { ...settings, extra: true },
    { ...settings, encryption: 'sometimes' },
    { ...settings, id: '../x' },
    { ...settings, quirks: ['anything-goes'] },
    { ...settings, forwarding: { always: { target: '' } } },
    { ...settings, forwarding: { noAnswer: { target: 'bob', afterS: 1 } } },
    { ...settings, forwarding: { sometimes: { target: 'bob' } } },
  ])('refuses bad account settings %#, and names the field', async (bad) => {
    const { dispatch, called } = dispatchWith()
    const result = await dispatch('saveAccount', { settings: bad })
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'ipc/invalid', message: expect.stringContaining('settings') },
    })
    expect(called).toEqual([])
  })

  it('takes settings with quirks and forwarding', async () => {
    const { dispatch, called } = dispatchWith()
    const forwarding = {
      busy: { target: 'bob' },
      noAnswer: { target: '+442079460018', afterS: 20, accountId: 'other' },
    }
    const more = { quirks: ['renumbers-answer-tag'], forwarding }
    expect(await dispatch('saveAccount', { settings: { ...settings, ...more } })).toMatchObject({ ok: true })
    expect(called).toEqual(['saveAccount'])
  })

  it('turns a handler’s failure into its code, without a stack', async () => {
    const { dispatch } = dispatchWith({
      retryAccount: () => {
        throw new KedgeError('call/account-unknown', 'there is no such account')
      },
    })
    expect(await dispatch('retryAccount', { id: 'x' })).toEqual({
      ok: false,
      error: { code: 'call/account-unknown', message: 'there is no such account' },
    })
  })

  it('never rejects and never acts on malformed input', async () => {
    const { dispatch, called } = dispatchWith()
    const seed = Number(process.env.KEDGE_SEED ?? 20261)
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('saveAccount', 'removeAccount', 'retryAccount', 'bridgeCalls', 'endCall', 'demoCallMe'),
        fc.anything(),
        async (channel, input) => {
          const result = await dispatch(channel, input)
          expect(result.ok).toBe(false)
        },
      ),
      { numRuns: 2000, seed },
    )
    expect(called).toEqual([])
  })
})
