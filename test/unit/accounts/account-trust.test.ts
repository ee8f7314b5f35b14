import { createPrivateKey } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { AccountTrust } from '../../../electron/accounts/account-trust.ts'
import type { PresentedCertificate } from '../../../electron/sip/transport/certificate.ts'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { pinFor } from '../../../shared/model/certificate.ts'
import { type Credentials, selfSigned } from '../../harness/certificates.ts'

let client: Credentials
let stranger: Credentials
beforeAll(async () => {
  client = await selfSigned({ names: ['phone'] })
  stranger = await selfSigned({ names: ['other'] })
})

const sha256 = `AB:${'CD:'.repeat(30)}EF`
const shown: PresentedCertificate = {
  view: { subject: 'pbx', issuer: 'pbx', selfSigned: true, names: ['pbx'], validFrom: 0, validTo: 1, sha256 },
  certPem: 'PEM of pbx',
}
const work: AccountSettings = {
  id: 'work',
  label: 'Work',
  domain: 'pbx.test',
  transport: 'tls',
  username: 'ada',
  register: true,
  encryption: 'required',
}
const pin = { domain: 'pbx.test', sha256, certPem: shown.certPem, trustedAt: 7 }

/** Trust over one stored account; sealing turns text around, so that what is at rest is not what was typed. */
function trustOver(stored: AccountSettings | undefined, presented: PresentedCertificate | 'nothing' = shown) {
  const kept = { settings: stored, keys: new Map<string, Uint8Array>(), unreadable: [] as string[] }
  const turn = (text: string) => [...text].reverse().join('')
  const trust = new AccountTrust({
    presentedCertificate: () => (presented === 'nothing' ? undefined : presented),
    settingsOf: (id) => (kept.settings?.id === id ? kept.settings : undefined),
    async save(settings) {
      kept.settings = settings
    },
    keys: {
      all: () => [...kept.keys].map(([accountId, sealedKey]) => ({ accountId, sealedKey })),
      save: (id, sealed) => kept.keys.set(id, sealed),
      remove: (id) => kept.keys.delete(id),
    },
    secrets: {
      seal: async (plain) => Buffer.from(turn(plain)),
      async open(sealed) {
        if (sealed.length === 0) throw new Error('lost')
        return turn(Buffer.from(sealed).toString())
      },
    },
    now: () => 7,
    onUnreadable: (id) => kept.unreadable.push(id),
  })
  return { trust, kept }
}

describe('the pin of an account', () => {
  it('is what the server showed last, for the domain of the account, once the user compared its fingerprint', async () => {
    const { trust, kept } = trustOver(work)
    await trust.trust('work', sha256)
    expect(kept.settings).toEqual({ ...work, pin })
  })

  it('is not set when the server has shown another certificate meanwhile, or a good one', async () => {
    const other = { ...shown, view: { ...shown.view, sha256: sha256.replace('AB', '00') } }
    for (const presented of [other, 'nothing'] as const) {
      const { trust, kept } = trustOver(work, presented)
      await expect(trust.trust('work', sha256)).rejects.toMatchObject({ code: 'tls/pin-changed' })
      expect(kept.settings).toEqual(work)
    }
  })

  it('cannot be set by saving an account, and stays when one is saved', async () => {
    const forged = { ...pin, sha256: sha256.replace('AB', '00') }
    expect(await trustOver(work).trust.adopt({ ...work, pin: forged }, undefined)).toEqual(work)
    expect(await trustOver({ ...work, pin }).trust.adopt({ ...work, pin: forged }, undefined)).toEqual({ ...work, pin })
    expect(await trustOver({ ...work, pin }).trust.adopt({ ...work, label: 'Office' }, undefined)).toEqual({
      ...work,
      label: 'Office',
      pin,
    })
  })

  it('says nothing about another domain, and is gone when the domain is changed', async () => {
    const moved = { ...work, domain: 'other.test' }
    expect(pinFor({ ...moved, pin })).toBeUndefined()
    expect(pinFor({ ...work, domain: 'PBX.test', pin })).toBe(pin)
    expect(await trustOver({ ...work, pin }).trust.adopt(moved, undefined)).toEqual(moved)
  })

  it('can be taken back', async () => {
    const { trust, kept } = trustOver({ ...work, pin })
    await trust.distrust('work')
    expect(kept.settings).toEqual(work)
  })
})

describe('the key of a client certificate', () => {
  const withCertificate = () => ({ ...work, clientCertPem: client.certPem })

  it('is held against its certificate, sealed at rest, and no part of what is stored as settings', async () => {
    const { trust, kept } = trustOver(work)
    const settings = await trust.adopt(withCertificate(), { pem: client.keyPem })
    const keyLine = client.keyPem.split('\n')[1] ?? ''
    expect(JSON.stringify(settings)).not.toContain(keyLine)
    expect(Buffer.from(kept.keys.get('work') ?? []).toString()).not.toContain(keyLine)
    expect(trust.keyOf('work')).toContain(keyLine)
  })

  it('that cannot be opened is taken off the disk with its account, and with its certificate', async () => {
    const { trust, kept } = trustOver(work)
    for (const id of ['gone', 'work']) kept.keys.set(id, new Uint8Array(0))
    await trust.load()
    expect(kept.unreadable).toEqual(['gone', 'work'])
    trust.forget('gone')
    await trust.adopt(work, undefined)
    expect([...kept.keys]).toEqual([])
  })

  it('comes back after a restart, and a lost one is told', async () => {
    const { trust, kept } = trustOver(work)
    await trust.adopt(withCertificate(), { pem: client.keyPem })
    const { trust: restarted, kept: after } = trustOver(work)
    for (const [id, sealed] of kept.keys) after.keys.set(id, sealed)
    after.keys.set('lost', new Uint8Array(0))
    await restarted.load()
    expect(restarted.keyOf('work')).toBe(trust.keyOf('work'))
    expect(after.unreadable).toEqual(['lost'])
  })

  it('with a passphrase is opened once, and the passphrase not kept', async () => {
    const locked = createPrivateKey(client.keyPem).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'open sesame',
    })
    const { trust } = trustOver(work)
    await trust.adopt(withCertificate(), { pem: locked.toString(), passphrase: 'open sesame' })
    expect(trust.keyOf('work')).toBe(createPrivateKey(client.keyPem).export({ type: 'pkcs8', format: 'pem' }))
  })

  it.each([
    ['of another certificate', () => ({ pem: stranger.keyPem })],
    ['that is none', () => ({ pem: 'hello' })],
    [
      'with a wrong passphrase',
      () => ({ pem: client.keyPem.replace('PRIVATE', 'ENCRYPTED PRIVATE'), passphrase: 'x' }),
    ],
    ['that is missing', () => undefined],
  ])('%s is refused, and nothing is changed', async (_what, key) => {
    const { trust, kept } = trustOver(work)
    await expect(trust.adopt(withCertificate(), key())).rejects.toMatchObject({ code: 'account/client-key' })
    expect(kept.keys.size).toBe(0)
    expect(trust.keyOf('work')).toBeUndefined()
  })

  it('stays when the account is saved without it, and goes with its certificate', async () => {
    const { trust, kept } = trustOver(work)
    await trust.adopt(withCertificate(), { pem: client.keyPem })
    await trust.adopt({ ...withCertificate(), label: 'Office' }, undefined)
    expect(trust.keyOf('work')).toBeDefined()
    await trust.adopt(work, undefined)
    expect(trust.keyOf('work')).toBeUndefined()
    expect(kept.keys.size).toBe(0)
  })
})
