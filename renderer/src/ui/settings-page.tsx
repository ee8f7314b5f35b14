import {
  ChevronRight,
  Disc,
  FlaskConical,
  LifeBuoy,
  type LucideIcon,
  Monitor,
  SlidersHorizontal,
  Volume2,
} from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Page } from '../state/window-state.ts'
import { DoNotDisturb } from './do-not-disturb.tsx'
import { LanguageField } from './language-field.tsx'
import { PageFrame } from './page-frame.tsx'
import { useController, useWindow } from './use-controller.ts'

const places = [
  { to: 'accounts', icon: SlidersHorizontal },
  { to: 'sound', icon: Volume2 },
  { to: 'recordings', icon: Disc },
  { to: 'desktop', icon: Monitor },
  { to: 'practice', icon: FlaskConical },
  { to: 'support', icon: LifeBuoy },
] as const satisfies readonly { readonly to: Page['name']; readonly icon: LucideIcon }[]

export function SettingsPage() {
  const { t } = useTranslation()
  const controller = useController()
  const { version, isDesktop } = useWindow((state) => ({
    version: state.app?.version,
    isDesktop: state.app?.desktop !== undefined,
  }))
  const shown = places.filter(({ to }) => to !== 'desktop' || isDesktop)
  return (
    <PageFrame title={t('tabs.settings')}>
      <DoNotDisturb />
      <ul className="flex flex-col gap-3 p-4">
        {shown.map(({ to, icon: Icon }) => (
          <li key={to}>
            <button
              type="button"
              data-testid={`settings-${to}`}
              onClick={() => controller.goTo({ name: to })}
              className="flex w-full items-center gap-3 rounded-xl border border-line bg-surface p-3 text-left transition-colors hover:bg-raised"
            >
              <Icon aria-hidden="true" size={20} strokeWidth={1.75} className="shrink-0 text-quiet" />
              <span className="min-w-0 flex-1">
                <span className="block font-medium">{t(`settings.${to}.title`)}</span>
                <span className="block text-sm text-quiet">{t(`settings.${to}.explain`)}</span>
              </span>
              <ChevronRight aria-hidden="true" size={20} className="shrink-0 text-quiet" />
            </button>
          </li>
        ))}
      </ul>
      <LanguageField />
      <p className="mt-auto p-4 text-sm text-quiet">{t('settings.version', { version })}</p>
    </PageFrame>
  )
}
