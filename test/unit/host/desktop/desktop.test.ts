import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { autostartEntry } from '../../../../electron/host/desktop/autostart.ts'
import { callerOf } from '../../../../electron/host/desktop/caller.ts'
import { DesktopCommands } from '../../../../electron/host/desktop/commands.ts'
import { ringingChange } from '../../../../electron/host/desktop/ringing.ts'
import { shortcutAction } from '../../../../electron/host/desktop/shortcuts.ts'
import { trayMenu, trayTip } from '../../../../electron/host/desktop/tray-menu.ts'
import { say, speakDesktop } from '../../../../electron/host/desktop/words.ts'
import type { WindowConnection } from '../../../../electron/host/host.ts'
import type { AppState } from '../../../../shared/ipc/contract.ts'
import { shortcutActions, type WindowRequest } from '../../../../shared/model/desktop.ts'
import { defaultSettings } from '../../../../shared/model/settings.ts'
import { accountView, appState, callView } from '../../renderer/calls.ts'

const ringing = callView({
  id: 'r',
  direction: 'incoming',
  state: 'incoming',
  remote: { user: '+15550100', domain: 'x' },
})
const running = callView({ id: 'c', state: 'connected', remote: { user: '+15550199', domain: 'x' } })
const undisturbed: AppState = { ...appState([]), settings: { ...defaultSettings, doNotDisturb: true } }

describe('the tray’s menu', () => {
  const labels = (state: AppState) => trayMenu(state).map((item) => ('label' in item ? item.label : '–'))

  it('shows each account with its state, and what can always be done', () => {
    const failed = accountView('Work', { kind: 'failed', code: 'net/refused' })
    expect(labels({ ...appState([]), accounts: [failed] })).toEqual([
      `${failed.settings.label}: needs attention`,
      '–',
      'Open Kedge',
      'Do not disturb',
      '–',
      'Quit Kedge',
    ])
    expect(labels({ ...appState([]), accounts: [] })[0]).toBe('No account yet')
  })

  it('answers and declines what rings, and hangs up what runs', () => {
    const actions = trayMenu(appState([ringing, running])).flatMap((item) => ('action' in item ? [item.action] : []))
    expect(actions.slice(0, 3)).toEqual([
      { kind: 'answer', callId: 'r' },
      { kind: 'decline', callId: 'r' },
      { kind: 'hangUp', callId: 'c' },
    ])
  })

  it('hangs up a forwarded call, and shows nothing of one that is over', () => {
    const state = { ...appState([callView({ id: 'e', state: 'ended', end: { by: 'user', code: 'call/hung-up' } })]) }
    expect(labels(state)).not.toContain('End call')
    expect(labels({ ...state, forwarded: [{ ...running, direction: 'forwarded' as const }] })).toContain('End call')
  })

  it('turns do not disturb on and off', () => {
    const dnd = (state: AppState) => trayMenu(state).find((item) => 'checked' in item)
    expect(dnd(appState([]))).toMatchObject({ checked: false, action: { kind: 'doNotDisturb', on: true } })
    expect(dnd(undisturbed)).toMatchObject({ checked: true, action: { kind: 'doNotDisturb', on: false } })
  })

  it.each([
    [appState([ringing]), 'Kedge – +15550100 is calling'],
    [appState([running]), 'Kedge – in a call with +15550199'],
    [undisturbed, 'Kedge – do not disturb'],
    [appState([]), 'Kedge'],
  ])('tip %#', (state, tip) => {
    expect(trayTip(state)).toBe(tip)
  })
})

describe('who is at the other end', () => {
  it.each([
    [{ user: '+15550100', domain: 'x' }, '+15550100'],
    [{ user: '+15550100', domain: 'x', displayName: 'Ada' }, '+15550100 (calls itself Ada)'],
    [{ user: '100', domain: 'x', displayName: '100' }, '100'],
    [{ user: '', domain: 'x', displayName: 'Anonymous' }, 'Anonymous'],
    [{ user: '', domain: 'x' }, 'Unknown caller'],
  ])('%j', (remote, who) => {
    expect(callerOf({ remote })).toBe(who)
  })
})

describe('what a change of the state is worth', () => {
  const missed = {
    ...ringing,
    state: 'ended' as const,
    end: { by: 'remote' as const, code: 'call/cancelled' as const },
  }

  it('a call that begins to ring is told once', () => {
    expect(ringingChange(appState([]), appState([ringing])).rings).toEqual([ringing])
    expect(ringingChange(appState([ringing]), appState([ringing])).rings).toEqual([])
  })

  it('a call that was answered, or is gone without a word, rings no more', () => {
    expect(ringingChange(appState([ringing]), appState([{ ...ringing, state: 'connected' }])).silenced).toEqual(['r'])
    expect(ringingChange(appState([ringing]), appState([])).silenced).toEqual(['r'])
  })

  it('a call that the caller gave up was missed, once, and one that was declined was not', () => {
    expect(ringingChange(appState([ringing]), appState([missed])).missed).toEqual([missed])
    expect(ringingChange(appState([missed]), appState([missed])).missed).toEqual([])
    const declined = { ...missed, end: { by: 'user' as const, code: 'call/declined' as const } }
    expect(ringingChange(appState([ringing]), appState([declined])).missed).toEqual([])
    expect(ringingChange(undefined, appState([missed])).missed).toEqual([])
  })
})

describe('global shortcuts', () => {
  it.each([
    ['show', appState([]), { kind: 'show' }],
    ['answer', appState([ringing]), { kind: 'answer', callId: 'r' }],
    ['answer', appState([running]), undefined],
    ['hangUp', appState([ringing]), { kind: 'endFront', callId: 'r' }],
    ['hangUp', appState([ringing, running]), { kind: 'endFront', callId: 'c' }],
    ['hangUp', appState([{ ...running, id: 'h', held: true }, running]), { kind: 'endFront', callId: 'c' }],
    ['hangUp', appState([]), undefined],
    ['mute', appState([running]), { kind: 'mute' }],
    ['mute', appState([ringing]), undefined],
  ] as const)('%s %#', (action, state, does) => {
    expect(shortcutActions).toContain(action)
    expect(shortcutAction(action, state)).toEqual(does)
  })
})

describe('commands from outside of the window', () => {
  function rig(withWindow: boolean) {
    const asked: WindowRequest[] = []
    const ended: string[] = []
    const commands = new DesktopCommands({ endCall: (id) => ended.push(id), setDoNotDisturb: () => undefined })
    const window = {
      send: (_event: string, request: WindowRequest) => asked.push(request),
    } as unknown as WindowConnection
    if (withWindow) commands.setWindow(window)
    return { commands, asked, ended, window }
  }

  it('the window answers and declines; a call ends even when there is no window', () => {
    const { commands, asked, ended } = rig(true)
    commands.carryOut({ kind: 'answer', callId: 'r' })
    commands.carryOut({ kind: 'decline', callId: 'r' })
    commands.carryOut({ kind: 'hangUp', callId: 'c' })
    commands.carryOut({ kind: 'endFront', callId: 'd' })
    expect(asked).toEqual([{ kind: 'answer', callId: 'r' }, { kind: 'decline', callId: 'r' }, { kind: 'endFront' }])
    expect(ended).toEqual(['c'])
    const alone = rig(false)
    alone.commands.carryOut({ kind: 'decline', callId: 'r' })
    alone.commands.carryOut({ kind: 'endFront', callId: 'd' })
    expect(alone.ended).toEqual(['r', 'd'])
  })

  it('a link that comes before the window waits for it, once', () => {
    const { commands, asked, window } = rig(false)
    commands.carryOut({ kind: 'dial', target: '1' })
    commands.carryOut({ kind: 'dial', target: '2' })
    commands.setWindow(window)
    commands.setWindow(window)
    expect(asked).toEqual([{ kind: 'dial', target: '2' }])
  })
})

const desktopLocales = ['de', 'en', 'es', 'fr', 'zh'].map((language) => {
  const path = join(import.meta.dirname, '../../../../shared/locales', `desktop-${language}.json`)
  return { language, words: JSON.parse(readFileSync(path, 'utf8')) as object }
})

/** Every key with the placeholders of its words. */
const shapeOf = (words: object, above = ''): string[] =>
  Object.entries(words).flatMap(([key, value]: [string, string | object]) =>
    typeof value === 'string'
      ? [`${above}${key} ${[...value.matchAll(/\{\{\w+\}\}/g)].sort().join()}`]
      : shapeOf(value, `${above}${key}.`),
  )

describe('words outside of the window', () => {
  it.each(desktopLocales)('are the same in $language, none empty', ({ words }) => {
    const english = desktopLocales.find(({ language }) => language === 'en')?.words ?? {}
    expect(shapeOf(words).sort()).toEqual(shapeOf(english).sort())
    expect(JSON.stringify(words)).not.toContain('""')
  })

  it.each([
    ['system', ['nl-NL', 'de-AT', 'en'], 'Annehmen'],
    ['fr', ['de-AT'], 'Répondre'],
    ['system', ['nl-NL'], 'Answer'],
  ] as const)('speak %s for %j', (choice, preferred, word) => {
    speakDesktop(choice, preferred)
    expect(say('tray.answer')).toBe(word)
    speakDesktop('en', [])
  })

  it('are there or it is a fault', () => {
    expect(say('tray.tip.incoming', { who: 'Ada' })).toBe('Kedge – Ada is calling')
    expect(() => say('tray.nothing')).toThrow('no words')
  })
})

describe('start at login on Linux', () => {
  it('names the program and hides the window', () => {
    expect(autostartEntry('/opt/Kedge/kedge')).toContain('Exec="/opt/Kedge/kedge" --hidden\n')
  })

  it('a path cannot end its quotes, run a shell or be a field code', () => {
    expect(autostartEntry('/home/a"b/$(id)/100%/k')).toContain('Exec="/home/a\\\\"b/\\\\$(id)/100%%/k" --hidden\n')
  })
})
