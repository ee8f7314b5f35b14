import { useTranslation } from 'react-i18next'
import { defaultDesktopSettings } from '../../../shared/model/desktop.ts'
import { PasswordChoices } from './desktop-page.tsx'
import { useController, useWindow } from './use-controller.ts'

/** In an account form whose password could not be stored without the user's word on it. */
export function PasswordStorage() {
  const { t } = useTranslation()
  const controller = useController()
  const { desktop, protection } = useWindow((state) => ({
    desktop: state.app?.settings?.desktop ?? defaultDesktopSettings,
    protection: state.app?.passwordProtection,
  }))
  return (
    <div className="flex flex-col gap-2 px-4 pt-2">
      <PasswordChoices
        chosen={desktop.passwords}
        canStore={protection === 'readable'}
        onChoose={(passwords) => void controller.saveDesktop({ ...desktop, passwords })}
      />
      <p className="text-sm text-quiet">{t('desktop.passwords.thenSave')}</p>
    </div>
  )
}
