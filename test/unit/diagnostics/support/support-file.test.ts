import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Recorder } from '../../../../electron/diagnostics/support/recorder.ts'
import { supportFile } from '../../../../electron/diagnostics/support/support-file.ts'
import { SipTrace } from '../../../../electron/diagnostics/trace/sip-trace.ts'
import type { AppState } from '../../../../shared/ipc/contract.ts'
import type { RegistrationState } from '../../../../shared/model/account.ts'
import { type CallView, noCounters } from '../../../../shared/model/call.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

const stateWith = (state: RegistrationState, calls: readonly CallView[] = []): AppState => ({
  shell: 'browser',
  version: '1.2.3',
  accounts: [
    {
      settings: {
        id: 'work',
        label: 'Work / Büro',
        domain: 'pbx.test',
        transport: 'tls',
        username: 'ada',
        register: true,
        encryption: 'required',
        caPem: 'CERTIFICATE OF AN AUTHORITY',
        clientCertPem: 'CERTIFICATE OF THE PHONE',
        pin: { domain: 'pbx.test', sha256: 'AA:BB', certPem: 'PINNED CERTIFICATE', trustedAt: 1 },
      },
      state,
      canReceiveCalls: true,
      demo: false,
    },
  ],
  calls,
})

const call = (state: CallView['state'], received: number): CallView => ({
  id: 'c1',
  accountId: 'work',
  direction: 'outgoing',
  localCallId: 'l1',
  remote: { user: '+15550100', domain: 'pbx.test' },
  state,
  startedAt: 0,
  timings: {},
  policy: 'required',
  hops: [
    {
      leg: 'trunk',
      mode: 'srtp',
      profile: 'RTP/SAVP',
      keyExchange: 'sdes',
      signalling: { transport: 'tls' },
      counters: { ...noCounters, received },
    },
  ],
  security: 'establishing',
})

async function unpacked(parts: Partial<Parameters<typeof supportFile>[0]> = {}) {
  const file = await supportFile({
    state: stateWith({ kind: 'ready' }),
    trace: new SipTrace(() => 0),
    recorder: new Recorder(() => 0),
    history: [],
    log: '',
    now: Date.UTC(2026, 9, 25, 12, 30),
    ...parts,
  })
  const folder = mkdtempSync(join(tmpdir(), 'kedge-support-'))
  folders.push(folder)
  execFileSync('tar', ['-xzf', '-', '-C', folder], { input: Buffer.from(file.base64, 'base64') })
  const root = join(folder, 'kedge-support')
  const read = (name: string) => readFileSync(join(root, name), 'utf8')
  return { file, names: readdirSync(root, { recursive: true }).map(String).toSorted(), read }
}

describe('the support file', () => {
  it('is an archive that tar unpacks, with a page that says what is in it', async () => {
    const { file, names, read } = await unpacked()
    expect(file).toMatchObject({ name: 'kedge-support-2026-10-25-12-30.tar.gz', type: 'application/gzip' })
    expect(names).toEqual([
      'README.txt',
      'calls.json',
      'events.jsonl',
      'log.jsonl',
      'media.jsonl',
      'settings.json',
      'sip',
      'sip/account-1.pcapng',
      'sip/account-1.txt',
      'sip/window.pcapng',
      'sip/window.txt',
    ])
    for (const name of names.filter((one) => /\.(json|jsonl)$/.test(one))) expect(read('README.txt')).toContain(name)
  })

  it('has versions and accounts, certificates by name and not by content', async () => {
    const { read } = await unpacked()
    const settings = JSON.parse(read('settings.json'))
    expect(settings).toMatchObject({
      kedge: '1.2.3',
      shell: 'browser',
      versions: { node: process.versions.node },
      accounts: [
        {
          sip: 'account-1',
          label: 'Work / Büro',
          ownAuthority: true,
          clientCertificate: true,
          pinned: { sha256: 'AA:BB' },
        },
      ],
    })
    expect(read('settings.json')).not.toMatch(/CERTIFICATE OF|PINNED/)
  })

  it('has each account’s SIP messages apart, with their SDP, and the window’s', async () => {
    const trace = new SipTrace(() => 0)
    const ends = { local: '192.0.2.1:1', remote: '192.0.2.2:2' }
    const sdp = 'v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0\r\n'
    trace.note({
      accountId: 'work',
      direction: 'sent',
      transport: 'tls',
      ...ends,
      message: `INVITE sip:x SIP/2.0\r\n\r\n${sdp}`,
    })
    trace.note({
      direction: 'received',
      transport: 'local',
      local: '',
      remote: '',
      message: 'BYE sip:window SIP/2.0\r\n\r\n',
    })
    const { read } = await unpacked({ trace })
    expect(read('sip/account-1.txt')).toContain('a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:[redacted]')
    expect(read('sip/account-1.txt')).not.toContain('BYE')
    expect(read('sip/window.txt')).toContain('BYE sip:window')
  })

  it('stays JSON when a text in it holds what is masked', async () => {
    const failed: RegistrationState = {
      kind: 'failed',
      code: 'account/refused',
      details: 'said response="abc", inline:QUJD',
    }
    const { read } = await unpacked({ state: stateWith(failed) })
    expect(JSON.parse(read('settings.json')).accounts[0].state.details).toBe(
      'said response="[redacted]", inline:[redacted]',
    )
  })
})

describe('the recorder', () => {
  function recorderAt() {
    const clock = { now: 0 }
    return { clock, recorder: new Recorder(() => clock.now) }
  }

  it('notes what accounts and calls become, not that they were shown again', () => {
    const { recorder, clock } = recorderAt()
    recorder.noteState(stateWith({ kind: 'registered', expiresAt: 1 }))
    recorder.noteState(stateWith({ kind: 'registered', expiresAt: 2 }))
    clock.now = 5
    recorder.noteState(stateWith({ kind: 'failed', code: 'net/refused' }, [call('calling', 0)]))
    recorder.noteState(stateWith({ kind: 'failed', code: 'net/refused' }, [call('connected', 0)]))
    recorder.noteDevices([{ kind: 'input', label: 'Headset' }])
    expect(recorder.events).toEqual([
      { at: 0, what: 'account', details: { account: 'work', state: 'registered' } },
      { at: 5, what: 'account', details: { account: 'work', state: 'failed', code: 'net/refused' } },
      { at: 5, what: 'call', details: { call: 'c1', direction: 'outgoing', state: 'calling' } },
      { at: 5, what: 'call', details: { call: 'c1', direction: 'outgoing', state: 'connected' } },
      { at: 5, what: 'devices', details: { devices: [{ kind: 'input', label: 'Headset' }] } },
    ])
  })

  it('samples the counters of a call once a second, however often it is shown', () => {
    const { recorder, clock } = recorderAt()
    for (let at = 0; at < 5_000; at += 100) {
      clock.now = at
      recorder.noteState(stateWith({ kind: 'ready' }, [call('connected', at)]))
    }
    expect(recorder.samples.map(({ at, hops }) => [at, hops[0]?.counters.received])).toEqual([
      [0, 0],
      [900, 900],
      [1800, 1800],
      [2700, 2700],
      [3600, 3600],
      [4500, 4500],
    ])
  })

  it('forgets the oldest', () => {
    const { recorder, clock } = recorderAt()
    for (let at = 0; at < 5_000; at += 1) {
      clock.now = at * 1_000
      recorder.note('network', { at })
      recorder.noteState(stateWith({ kind: 'ready' }, [call('connected', at)]))
    }
    expect([recorder.events.length, recorder.samples.length]).toEqual([1_000, 3_600])
    expect(recorder.samples.at(-1)?.at).toBe(4_999_000)
  })
})
