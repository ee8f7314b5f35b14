import { Grip, History, type LucideIcon, Settings, UsersRound } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Page } from '../state/window-state.ts'
import { useController, useWindow } from './use-controller.ts'

const tabs = [
  { name: 'phone', icon: Grip },
  { name: 'recents', icon: History },
  { name: 'people', icon: UsersRound },
  { name: 'settings', icon: Settings },
] as const satisfies readonly { readonly name: Page['name']; readonly icon: LucideIcon }[]

/** To which tab each page belongs. */
const tabOf: Readonly<Record<Page['name'], (typeof tabs)[number]['name']>> = {
  phone: 'phone',
  recents: 'recents',
  receipt: 'recents',
  people: 'people',
  contact: 'people',
  'edit-contact': 'people',
  settings: 'settings',
  sound: 'settings',
  recordings: 'settings',
  desktop: 'settings',
  accounts: 'settings',
  account: 'settings',
  certificate: 'settings',
  trace: 'settings',
  support: 'settings',
  doctor: 'settings',
  practice: 'settings',
}

/** The places of the window, at its lower edge, always in the same order. */
export function Tabs() {
  const { t } = useTranslation()
  const controller = useController()
  const current = useWindow((state) => tabOf[state.page.name])
  return (
    <nav aria-label={t('tabs.region')} className="grid shrink-0 grid-cols-4 border-t border-line bg-surface">
      {tabs.map(({ name, icon: Icon }) => (
        <button
          key={name}
          type="button"
          data-testid={`tab-${name}`}
          aria-current={current === name ? 'page' : undefined}
          onClick={() => controller.goTo({ name })}
          className="flex h-14 flex-col items-center justify-center gap-1 text-xs text-quiet -outline-offset-2 transition-colors hover:bg-raised aria-[current=page]:font-medium aria-[current=page]:text-accent"
        >
          <Icon aria-hidden="true" size={20} strokeWidth={1.75} />
          {t(`tabs.${name}`)}
        </button>
      ))}
    </nav>
  )
}
