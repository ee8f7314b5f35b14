import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { AppState } from '../../../shared/ipc/contract.ts'
import { defaultSettings } from '../../../shared/model/settings.ts'
import { app, callsOf, powerMonitor, recorded } from '../../fakes/electron.ts'
import { ask, deafAccount, openDoor, stateOf, theWindow } from './rig.ts'

vi.mock('electron', () => import('../../fakes/electron.ts'))

/**
 * The whole main process, from its entry: the real softphone with its media worker and demo trunk, and Electron as a
 * stand-in that throws on every call it does not know.
 */
const until = (wanted: () => unknown) => expect.poll(wanted, { timeout: 15_000, interval: 20 })

beforeAll(async () => {
  recorded.dataDir = mkdtempSync(join(tmpdir(), 'kedge-main-'))
  writeFileSync(
    join(recorded.dataDir, 'shell.json'),
    JSON.stringify({ place: { bounds: { x: 700, y: 100, width: 420, height: 700 }, maximized: false } }),
  )
  process.argv.push('tel:+44-20-7946-0018')
  await import('../../../electron/main.ts')
  process.argv.pop()
})
afterAll(() => rmSync(recorded.dataDir, { recursive: true, force: true }))

const tray = () => {
  const [first] = recorded.trays
  if (!first) throw new Error('no tray')
  return first
}
const trayItem = (label: string) => tray().menu.find((item) => item.label === label)
const trayLabels = () => tray().menu.map(({ label }) => label)

const requests = () =>
  theWindow()
    .webContents.sent.filter(({ channel, args }) => channel === 'kedge:event' && args[0] === 'request')
    .map(({ args }) => args[1])

async function ring() {
  theWindow().focused = false
  const before = recorded.notifications.length
  expect(await ask('demoCallMe', { scenario: 'tone' })).toMatchObject({ ok: true })
  await until(() => recorded.notifications.length).toBe(before + 1)
  const notification = recorded.notifications[before]
  const call = (await stateOf()).calls.find(({ state: now }) => now === 'incoming')
  if (!notification || !call) throw new Error('nothing rings')
  return { notification, call }
}

describe('the main process (Electron is a stand-in here)', () => {
  it('keeps crash reports on this machine, and starts the reporter before anything can crash', () => {
    expect(callsOf('crashReporter.start')).toEqual([['crashReporter.start', { uploadToServer: false }]])
    expect(callsOf('app.setPath')).toEqual([['app.setPath', 'crashDumps', join(recorded.dataDir, 'crashes')]])
  })

  it('lets the window reach it over loopback with no network up', () => {
    expect(callsOf('app.commandLine.appendSwitch')).toEqual([
      ['app.commandLine.appendSwitch', 'allow-loopback-in-peer-connection'],
    ])
  })

  it('opens one window where it was the last time', () => {
    expect(recorded.windows).toHaveLength(1)
    expect(theWindow().options).toMatchObject({ x: 700, y: 100, width: 420, height: 700 })
    expect(theWindow().loaded).toEqual(['app://kedge/'])
    theWindow().emit('ready-to-show')
    expect(theWindow().visible).toBe(true)
  })

  it('shows the link it was started for once the window is there, and calls nobody', async () => {
    openDoor()
    await until(requests).toEqual([{ kind: 'dial', target: '+442079460018' }])
    expect((await stateOf()).calls).toEqual([])
  })

  it('has the account’s state in the tray', async () => {
    await until(trayLabels).toContain('Demo trunk: ready')
    expect(tray().tip).toBe('Kedge')
  })

  it('rings by a notification while the window is not looked at, and by the window alone while it is', async () => {
    const { notification, call } = await ring()
    expect(notification.shown).toBe(true)
    expect(notification.options.actions?.map(({ text }) => text)).toEqual(['Answer', 'Decline'])
    expect(theWindow().flashing).toBe(true)
    expect(callsOf('powerSaveBlocker.start')).toHaveLength(1)
    notification.emit('action', { actionIndex: 0 })
    expect(requests().at(-1)).toEqual({ kind: 'answer', callId: call.id })
    expect(notification.closed).toBe(true)
    await until(trayLabels).toContain('Answer')
    trayItem('Decline')?.click?.()
    expect(requests().at(-1)).toEqual({ kind: 'decline', callId: call.id })
    await ask('endCall', { id: call.id })
    await until(async () => (await stateOf()).calls.every(({ state: now }) => now === 'ended')).toBe(true)
    await until(() => callsOf('powerSaveBlocker.stop').length).toBe(1)
  })

  it('a press on the notification’s text shows the window and decides nothing', async () => {
    theWindow().focused = false
    const { notification, call } = await ring()
    const asked = requests().length
    notification.emit('click', {})
    expect(theWindow().focused).toBe(true)
    expect(requests()).toHaveLength(asked)
    await ask('endCall', { id: call.id })
    await until(() => notification.closed).toBe(true)
  })

  it('takes shortcuts, and says which ones another program has', async () => {
    recorded.takenKeys.add('Control+Alt+M')
    const shortcuts = { show: 'Control+Alt+K', mute: 'Control+Alt+M', hangUp: 'Control+Alt+H' }
    const desktop = { ...defaultSettings.desktop, shortcuts }
    await ask('saveSettings', { settings: { desktop } })
    await until(async () => (await stateOf()).desktop?.takenShortcuts).toEqual(['mute'])
    theWindow().focused = false
    recorded.shortcuts.get('Control+Alt+K')?.()
    expect(theWindow().focused).toBe(true)
    theWindow().focused = false
    const { call } = await ring()
    recorded.shortcuts.get('Control+Alt+H')?.()
    expect(requests().at(-1)).toEqual({ kind: 'endFront' })
    await ask('endCall', { id: call.id })
    await ask('saveSettings', { settings: { desktop: defaultSettings.desktop } })
    await until(() => recorded.shortcuts.size).toBe(0)
  })

  it('opens links and starts at login only when the user wants it, and takes both back', async () => {
    expect(recorded.protocols.size).toBe(0)
    const wanted = { ...defaultSettings.desktop, openLinks: true, startAtLogin: true }
    await ask('saveSettings', { settings: { desktop: wanted } })
    await until(() => [...recorded.protocols].sort()).toEqual(['callto', 'sip', 'sips', 'tel'])
    expect(callsOf('app.setAsDefaultProtocolClient')[0]?.slice(2)).toEqual([process.execPath, ['--']])
    expect((await stateOf()).desktop?.linksOpenHere).toBe(true)
    const autostart = join(recorded.dataDir, 'config', 'autostart', 'kedge.desktop')
    expect(readFileSync(autostart, 'utf8')).toContain(`"${process.execPath}" --hidden`)
    await ask('saveSettings', { settings: { desktop: defaultSettings.desktop } })
    await until(() => recorded.protocols.size).toBe(0)
    expect(existsSync(autostart)).toBe(false)
  })

  it('is told of a second start: the window comes forward, and its link is shown', async () => {
    theWindow().hide()
    app.emit('second-instance', {}, ['kedge', '--inspect=9229', '--', 'sip:ada@example.com'], '/')
    expect(theWindow().visible).toBe(true)
    expect(requests().at(-1)).toEqual({ kind: 'dial', target: 'ada@example.com' })
    const asked = requests().length
    app.emit('second-instance', {}, ['kedge', 'sip:ada@example.com?Replaces=x'], '/')
    app.emit('open-url', { preventDefault: () => undefined }, 'tel:+1555;ext=2')
    expect(requests()).toHaveLength(asked)
  })

  it('goes on in the tray when the window is closed, says so once, and remembers its place', () => {
    const before = recorded.notifications.length
    theWindow().bounds = { x: 10, y: 20, width: 360, height: 640 }
    theWindow().pressClose()
    expect(theWindow()).toMatchObject({ visible: false, destroyed: false })
    theWindow().show()
    theWindow().pressClose()
    expect(recorded.notifications.slice(before).map(({ options }) => options.title)).toEqual(['Kedge is still running'])
    const kept = JSON.parse(readFileSync(join(recorded.dataDir, 'shell.json'), 'utf8'))
    expect(kept).toMatchObject({ place: { bounds: { x: 10, y: 20 } }, toldAboutTray: true })
    tray().emit('click')
    expect(theWindow().visible).toBe(true)
  })

  it('speaks the language of the window', async () => {
    await ask('saveSettings', { settings: { language: 'de' } })
    await until(trayLabels).toContain('Kedge öffnen')
    await ask('saveSettings', { settings: { language: 'system' } })
    await until(trayLabels).toContain('Open Kedge')
  })

  it('do not disturb is one press in the tray', async () => {
    trayItem('Do not disturb')?.click?.()
    await until(() => trayItem('Do not disturb')?.checked).toBe(true)
    expect((await stateOf()).settings?.doNotDisturb).toBe(true)
    trayItem('Do not disturb')?.click?.()
    await until(() => trayItem('Do not disturb')?.checked).toBe(false)
  })

  it('loads the window anew when its process dies, and asks after the third time in a minute', async () => {
    const crash = () => theWindow().webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 })
    crash()
    await until(() => theWindow().loaded.length).toBe(2)
    openDoor()
    expect((await stateOf()).shell).toBe('electron')
    theWindow().webContents.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 })
    crash()
    await until(() => theWindow().loaded.length).toBe(3)
    expect(callsOf('dialog.showMessageBox')).toEqual([])
    crash()
    await until(() => theWindow().loaded.length).toBe(4)
    expect(callsOf('dialog.showMessageBox')).toHaveLength(1)
    openDoor()
  })

  it('proves its accounts anew when the machine wakes', () => {
    expect(powerMonitor.listenerCount('resume')).toBe(1)
    powerMonitor.emit('resume')
  })

  it('installs no update that was never fetched', async () => {
    expect((await stateOf()).desktop?.update).toEqual({ kind: 'unavailable' })
    expect(await ask('installUpdate', {})).toMatchObject({ ok: false, error: { code: 'internal' } })
  })

  it('keeps what it writes readable by this user alone', () => {
    for (const file of ['kedge.log', 'kedge.db', 'shell.json']) {
      expect(statSync(join(recorded.dataDir, file)).mode & 0o077, file).toBe(0)
    }
    expect(statSync(join(recorded.dataDir, 'crashes')).mode & 0o077).toBe(0)
  })

  it('a password lies sealed by the system’s store, never readable', async () => {
    expect(await ask('saveAccount', { settings: deafAccount, password: 'correct horse battery' })).toMatchObject({
      ok: true,
    })
    expect((await stateOf()).passwordProtection).toBe('system')
    for (const file of ['kedge.db', 'kedge.db-wal', 'kedge.log']) {
      expect(readFileSync(join(recorded.dataDir, file)).includes('correct horse'), file).toBe(false)
    }
    await ask('removeAccount', { id: 'work' })
  })

  it('quits in order: calls end, accounts sign out, then the process', async () => {
    theWindow().focused = false
    const { call } = await ring()
    theWindow().bounds = { x: 30, y: 40, width: 380, height: 650 }
    powerMonitor.emit('shutdown', { preventDefault: () => undefined })
    await until(() => recorded.quits).toBe(1)
    expect(theWindow().destroyed).toBe(true)
    expect(tray().destroyed).toBe(true)
    const kept = JSON.parse(readFileSync(join(recorded.dataDir, 'shell.json'), 'utf8'))
    expect(kept.place.bounds).toEqual({ x: 30, y: 40, width: 380, height: 650 })
    const told = theWindow()
      .webContents.sent.filter(({ args }) => args[0] === 'state')
      .map(({ args }) => args[1] as AppState)
    expect(call.state).toBe('incoming')
    expect(told.at(-1)?.calls.map(({ state: now }) => now)).toEqual(told.at(-1)?.calls.map(() => 'ended'))
    expect(recorded.exitStatus).toBeUndefined()
  })
})
