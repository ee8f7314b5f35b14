import { afterEach, describe, expect, it, vi } from 'vitest'
import type { AppState } from '../../../shared/ipc/contract.ts'
import { defaultDesktopSettings } from '../../../shared/model/desktop.ts'
import { defaultSettings } from '../../../shared/model/settings.ts'
import { app, callsOf, recorded } from '../../fakes/electron.ts'
import { accountView, appState, callView } from '../renderer/calls.ts'
import { type ShellRig, startShell } from './rig.ts'

vi.mock('electron', () => import('../../fakes/electron.ts'))

const idle: AppState = { ...appState([], [accountView('work', { kind: 'ready' })]), settings: defaultSettings }
const ringing = callView({ direction: 'incoming', state: 'incoming' })
const missed = { ...ringing, state: 'ended' as const, end: { by: 'remote' as const, code: 'call/cancelled' as const } }

let rig: ShellRig | undefined
afterEach(async () => {
  await rig?.close()
  app.removeAllListeners()
  recorded.windows.length = 0
  recorded.notifications.length = 0
  recorded.calls.length = 0
})

const newest = () => {
  const window = recorded.windows.at(-1)
  if (!window) throw new Error('no window')
  return window
}

describe('what differs from system to system', () => {
  it.each(['linux', 'darwin'] as const)(
    '%s counts missed calls on the icon, until the window is looked at',
    async (platform) => {
      rig = await startShell(platform)
      for (const state of [idle, { ...idle, calls: [ringing] }, { ...idle, calls: [missed] }])
        rig.host.desktop.show(state)
      expect(callsOf('app.setBadgeCount').map(([, count]) => count)).toEqual([1])
      expect(recorded.notifications.map(({ options }) => options.title)).toEqual(['Incoming call', 'Missed call'])
      newest().show()
      newest().focus()
      expect(callsOf('app.setBadgeCount').map(([, count]) => count)).toEqual([1, 0])
      expect(newest().flashing).toBe(false)
    },
  )

  it('Windows has no count on its icon: an overlay with the number as its description', async () => {
    rig = await startShell('win32')
    for (const state of [idle, { ...idle, calls: [ringing] }, { ...idle, calls: [missed] }])
      rig.host.desktop.show(state)
    expect(newest().overlay).toBe('1 missed call')
    newest().show()
    newest().focus()
    expect(newest().overlay).toBeNull()
    expect(callsOf('app.setBadgeCount')).toEqual([])
  })

  it.each(['darwin', 'win32'] as const)('%s starts programs at login itself', async (platform) => {
    rig = await startShell(platform)
    const settings = { ...defaultSettings, desktop: { ...defaultDesktopSettings, startAtLogin: true } }
    rig.host.desktop.show({ ...idle, settings })
    rig.host.desktop.show(idle)
    expect(callsOf('app.setLoginItemSettings').map(([, asked]) => asked)).toEqual([
      { openAtLogin: true, args: ['--hidden'] },
      { openAtLogin: false, args: ['--hidden'] },
    ])
  })

  it('macOS has the standard menus and brings the window back from the dock; elsewhere there is no menu', async () => {
    rig = await startShell('darwin')
    const [, menu] = callsOf('Menu.setApplicationMenu')[0] ?? []
    expect((menu as { items: { role: string }[] }).items.map(({ role }) => role)).toEqual([
      'appMenu',
      'editMenu',
      'windowMenu',
    ])
    newest().hide()
    app.emit('activate')
    expect(newest().visible).toBe(true)
    await rig.close()
    recorded.calls.length = 0
    rig = await startShell('linux')
    expect(callsOf('Menu.setApplicationMenu')).toEqual([['Menu.setApplicationMenu', null]])
  })

  it('nothing rings on the desktop while the window is looked at', async () => {
    rig = await startShell('linux')
    newest().show()
    newest().focus()
    for (const state of [idle, { ...idle, calls: [ringing] }, { ...idle, calls: [missed] }])
      rig.host.desktop.show(state)
    expect(recorded.notifications).toEqual([])
    expect(newest().flashing).toBe(false)
  })

  it('the window closes for good where the user wants that', async () => {
    rig = await startShell('linux')
    const settings = { ...defaultSettings, desktop: { ...defaultDesktopSettings, closeToTray: false } }
    rig.host.desktop.show({ ...idle, settings })
    newest().pressClose()
    expect(newest().destroyed).toBe(true)
    expect(recorded.notifications).toEqual([])
  })

  it('text fields have cut, copy and paste', async () => {
    rig = await startShell('linux')
    const editFlags = { canCut: true, canCopy: true, canPaste: true }
    newest().webContents.emit('context-menu', {}, { isEditable: true, selectionText: '', editFlags })
    newest().webContents.emit('context-menu', {}, { isEditable: false, selectionText: 'x', editFlags })
    newest().webContents.emit('context-menu', {}, { isEditable: false, selectionText: '', editFlags })
    const menus = callsOf('Menu.popup').map(([, items]) => (items as { role: string }[]).map(({ role }) => role))
    expect(menus).toEqual([['cut', 'copy', 'paste', 'selectAll'], ['copy']])
  })
})
