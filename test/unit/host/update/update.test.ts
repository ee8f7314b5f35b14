import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  decideUpdate,
  isNewer,
  type Offer,
  type RefusalReason,
  type ReleaseList,
  readSignedList,
} from '../../../../electron/host/update/update-policy.ts'
import { readUpdateSource } from '../../../../electron/host/update/update-source.ts'
import { Updater } from '../../../../electron/host/update/updater.ts'
import { signRelease } from '../../../../scripts/sign-release.ts'

const ours = generateKeyPairSync('ed25519')
const theirs = generateKeyPairSync('ed25519')
const pem = ours.publicKey.export({ type: 'spki', format: 'pem' }).toString()

let folder: string
let installer: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kedge-update-'))
  installer = join(folder, 'Kedge-0.2.0-linux-x64.AppImage')
  writeFileSync(installer, Buffer.alloc(100_000, 'kedge'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const signed = (version = '0.2.0', staging = 100, key = ours.privateKey) =>
  signRelease([installer], version, staging, key)

function listOf(text: string): ReleaseList {
  const list = readSignedList(text, ours.publicKey)
  if (typeof list === 'string') throw new Error(list)
  return list
}

const offerOf = ({ version, files }: ReleaseList): Offer => ({ version, files })

describe('the list of a release', () => {
  it('is read when our key has signed it', () => {
    expect(listOf(signed())).toMatchObject({ version: '0.2.0', files: [{ name: 'Kedge-0.2.0-linux-x64.AppImage' }] })
  })

  const resigned = (list: object) => {
    const text = JSON.stringify(list)
    return JSON.stringify({ list: text, signature: sign(null, Buffer.from(text), ours.privateKey).toString('base64') })
  }
  it.each<[string, () => string, RefusalReason]>([
    ['signed by another key', () => signed('0.2.0', 100, theirs.privateKey), 'bad-signature'],
    ['changed after it was signed', () => signed().replace('0.2.0', '0.9.0'), 'bad-signature'],
    ['with another signature', () => signed().replace(/"signature":"..../, '"signature":"AAAA'), 'bad-signature'],
    ['without a signature', () => JSON.stringify({ list: '{}' }), 'malformed'],
    ['cut off', () => signed().slice(0, 80), 'malformed'],
    [
      'signed, and with a path for a name',
      () => resigned({ ...listOf(signed()), files: [{ ...listOf(signed()).files[0], name: '../x' }] }),
      'malformed',
    ],
    ['signed, and without files', () => resigned({ ...listOf(signed()), files: [] }), 'malformed'],
    ['signed, and with a field that nobody knows', () => resigned({ ...listOf(signed()), run: 'sh' }), 'malformed'],
  ])('%s is refused', (_name, text, reason) => {
    expect(readSignedList(text(), ours.publicKey)).toBe(reason)
  })
})

describe('whether an update may be taken', () => {
  const decide = (current: string, change: Partial<Offer> = {}, staging = 100) => {
    const list = listOf(signed('0.2.0', staging))
    return decideUpdate(current, { ...offerOf(list), ...change }, list, 'install-1')
  }

  it('a newer one that is signed is', () => {
    expect(decide('0.1.0')).toMatchObject({ kind: 'take', version: '0.2.0' })
  })

  it.each<[string, () => ReturnType<typeof decideUpdate>, RefusalReason]>([
    ['the same version', () => decide('0.2.0'), 'not-newer'],
    ['a downgrade', () => decide('0.10.0'), 'not-newer'],
    ['an offer of another version than the signed one', () => decide('0.1.0', { version: '0.3.0' }), 'other-version'],
    [
      'an offer of a renamed file',
      () => decide('0.1.0', { files: [{ name: 'Kedge.AppImage', sha512: '' }] }),
      'unlisted-file',
    ],
    [
      'an offer with one file more',
      () => decide('0.1.0', { files: [...listOf(signed()).files, { name: 'x', sha512: '' }] }),
      'unlisted-file',
    ],
    ['an offer of nothing', () => decide('0.1.0', { files: [] }), 'unlisted-file'],
    [
      'an offer of other bytes under the same name',
      () => decide('0.1.0', { files: [{ name: 'Kedge-0.2.0-linux-x64.AppImage', sha512: 'A' }] }),
      'wrong-hash',
    ],
    [
      'a list that is not signed by us',
      () => decideUpdate('0.1.0', offerOf(listOf(signed())), 'bad-signature', 'i'),
      'bad-signature',
    ],
  ])('%s is refused', (_name, decision, reason) => {
    expect(decision()).toEqual({ kind: 'refuse', reason })
  })

  it('a staged one reaches about its share, and each installation the same way every day', () => {
    const list = listOf(signed('0.2.0', 20))
    const draw = (id: number) => decideUpdate('0.1.0', offerOf(list), list, `install-${id}`).kind
    const kinds = Array.from({ length: 1_000 }, (_, id) => draw(id))
    const share = kinds.filter((kind) => kind === 'take').length
    expect(share).toBeGreaterThan(150)
    expect(share).toBeLessThan(250)
    expect(kinds.filter((kind) => kind === 'wait')).toHaveLength(1_000 - share)
    expect(Array.from({ length: 100 }, (_, id) => draw(id))).toEqual(kinds.slice(0, 100))
  })

  it.each([
    ['0.10.0', '0.9.0', true],
    ['1.0.0', '0.99.99', true],
    ['0.2.0', '0.2.0', false],
    ['0.1.9', '0.2.0', false],
    ['0.2.0', '0.2.0-beta.1', true],
  ])('%s is newer than %s: %s', (version, than, newer) => {
    expect(isNewer(version, than)).toBe(newer)
  })
})

describe('the updater', () => {
  function rig(
    change: { list?: string; after?: (path: string) => void; check?: () => Promise<Offer | undefined> } = {},
  ) {
    const installed: string[] = []
    const timers: { delayMs: number; action: () => void }[] = []
    const list = signed()
    const updater = new Updater({
      engine: {
        check: change.check ?? (async () => offerOf(listOf(list))),
        fetchList: async () => change.list ?? list,
        async download() {
          change.after?.(installer)
          return installer
        },
        install: () => installed.push(installer),
      },
      publicKey: pem,
      currentVersion: '0.1.0',
      installId: 'install-1',
      clock: {
        after(delayMs, action) {
          const timer = { delayMs, action }
          timers.push(timer)
          return () => timers.splice(timers.indexOf(timer), 1)
        },
      },
      onChange: () => undefined,
      log: () => undefined,
    })
    return { updater, installed, timers }
  }

  it('fetches, checks, and starts it only when the user says so, after everything was ended', async () => {
    const { updater, installed } = rig()
    await updater.look()
    expect(updater.view).toEqual({ kind: 'ready', version: '0.2.0' })
    expect(installed).toEqual([])
    const order: string[] = []
    await updater.install(async () => void order.push(`goodbye before ${installed.length} installs`))
    expect(order).toEqual(['goodbye before 0 installs'])
    expect(installed).toHaveLength(1)
  })

  it.each([
    ['tampered with', (path: string) => writeFileSync(path, Buffer.alloc(100_000, 'edgek')), 'wrong-hash'],
    ['truncated', (path: string) => truncateSync(path, 99_999), 'wrong-size'],
  ])('a download that was %s is refused', async (_name, after, reason) => {
    const { updater, installed } = rig({ after })
    await updater.look()
    expect(updater.view).toEqual({ kind: 'refused', version: '0.2.0', reason })
    await expect(updater.install(async () => undefined)).rejects.toMatchObject({ code: 'internal' })
    expect(installed).toEqual([])
  })

  it('a list of another key is refused before anything is fetched', async () => {
    let fetched = false
    const { updater } = rig({
      list: signed('0.2.0', 100, theirs.privateKey),
      after: () => {
        fetched = true
      },
    })
    await updater.look()
    expect(updater.view).toEqual({ kind: 'refused', version: '0.2.0', reason: 'bad-signature' })
    expect(fetched).toBe(false)
  })

  it('one that is changed between download and start is not started, and nobody’s call ends for it', async () => {
    const { updater, installed } = rig()
    await updater.look()
    writeFileSync(installer, Buffer.alloc(100_000, 'other'))
    let goodbye = false
    const sayGoodbye = async () => {
      goodbye = true
    }
    await expect(updater.install(sayGoodbye)).rejects.toThrow('changed')
    expect([installed.length, goodbye]).toEqual([0, false])
    expect(updater.view).toMatchObject({ kind: 'refused', reason: 'wrong-hash' })
  })

  it('looks a minute after the start and then daily, and not at all when it is switched off', () => {
    const { updater, timers } = rig({ check: async () => undefined })
    expect(updater.view).toEqual({ kind: 'off' })
    updater.setWanted(true)
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([60_000])
    timers.shift()?.action()
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([24 * 3_600_000])
    updater.setWanted(false)
    expect(timers).toEqual([])
    expect(updater.view).toEqual({ kind: 'off' })
  })

  it('switched off while it looks, it fetches nothing, and offers nothing that it has fetched', async () => {
    let fetched = false
    const looking = rig({
      check: async () => {
        looking.updater.setWanted(false)
        return offerOf(listOf(signed()))
      },
      after: () => {
        fetched = true
      },
    })
    looking.updater.setWanted(true)
    await looking.updater.look()
    expect([fetched, looking.updater.view]).toEqual([false, { kind: 'off' }])

    const fetching = rig({ after: () => fetching.updater.setWanted(false) })
    fetching.updater.setWanted(true)
    await fetching.updater.look()
    expect(fetching.updater.view).toEqual({ kind: 'off' })
    await expect(fetching.updater.install(async () => undefined)).rejects.toThrow('no update was fetched')
  })

  it('a feed that cannot be reached is no news', async () => {
    const { updater } = rig({ check: () => Promise.reject(new Error('no network')) })
    await updater.look()
    expect(updater.view).toEqual({ kind: 'current' })
  })
})

describe('the source of updates', () => {
  const write = (content: object) => {
    writeFileSync(join(folder, 'update.json'), JSON.stringify(content))
    return join(folder, 'update.json')
  }

  it('is absent, or an https folder with an Ed25519 key', () => {
    expect(readUpdateSource(join(folder, 'none.json'))).toBeUndefined()
    const source = { url: 'https://updates.example.com/kedge/', publicKey: pem }
    expect(readUpdateSource(write(source))).toEqual(source)
  })

  it.each([
    { url: 'http://updates.example.com/', publicKey: pem },
    { url: 'https://updates.example.com', publicKey: pem },
    { url: 'https://updates.example.com/', publicKey: 'no key' },
    {
      url: 'https://updates.example.com/',
      publicKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }),
    },
    { url: 'https://updates.example.com/' },
  ])('%# is a fault of the build', (content) => {
    expect(() => readUpdateSource(write(content))).toThrow()
  })
})
