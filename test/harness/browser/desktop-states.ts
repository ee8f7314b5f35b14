import type { Page } from 'playwright'
import type { DesktopSettings, DesktopView } from '../../../shared/model/desktop.ts'
import { defaultSettings } from '../../../shared/model/settings.ts'
import { answerWith, requestOf } from './fake-door.ts'
import { appWith, type NamedState } from './window-fixtures.ts'

const view: DesktopView = { takenShortcuts: [], linksOpenHere: true, update: { kind: 'current' } }
const inDesktopApp = (changed: Partial<DesktopView> = {}, settings: Partial<DesktopSettings> = {}) =>
  appWith({
    shell: 'electron',
    desktop: { ...view, ...changed },
    passwordProtection: 'system',
    settings: { ...defaultSettings, desktop: { ...defaultSettings.desktop, ...settings } },
  })

async function openDesktopPage(page: Page): Promise<void> {
  await page.getByTestId('tab-settings').click()
  await page.getByTestId('settings-desktop').click()
}

/** What only the desktop app shows. */
export const desktopStates: readonly NamedState[] = [
  {
    name: 'a link asks for a number',
    app: inDesktopApp(),
    lead: (page) => requestOf(page, { kind: 'dial', target: '+442079460018' }),
  },
  { name: 'this computer', app: inDesktopApp(), lead: openDesktopPage },
  {
    name: 'this computer, taken shortcut, update ready',
    app: inDesktopApp(
      { takenShortcuts: ['answer'], linksOpenHere: false, update: { kind: 'ready', version: '0.2.0' } },
      { openLinks: true, startAtLogin: true, shortcuts: { answer: 'Control+Shift+A', hangUp: 'Control+Shift+H' } },
    ),
    lead: openDesktopPage,
  },
  {
    name: 'this computer, no key store',
    app: { ...inDesktopApp({ update: { kind: 'unavailable' } }), passwordProtection: 'readable' },
    async lead(page) {
      await openDesktopPage(page)
      await page.getByTestId('password-storage').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'add account, no key store',
    app: { ...inDesktopApp(), passwordProtection: 'readable' },
    async lead(page) {
      const refusal = { ok: false, error: { code: 'account/password-storage', message: '' } }
      await answerWith(page, 'saveAccount', refusal)
      await page.getByTestId('account-state').click()
      await page.getByTestId('manage-accounts').click()
      await page.getByTestId('add-account').click()
      await page.getByTestId('provider-generic').click()
      await page.getByTestId('account-domain').fill('sip.example.com')
      await page.getByTestId('account-username').fill('ada')
      await page.getByTestId('account-password').fill('secret')
      await page.getByTestId('account-save').click()
      await page.getByTestId('password-storage').waitFor()
    },
  },
]
