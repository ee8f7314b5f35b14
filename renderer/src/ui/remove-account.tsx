import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { Button } from './controls.tsx'
import { useController } from './use-controller.ts'

/** Asks once more in place, with what will be gone. */
export function RemoveAccount({ settings }: { readonly settings: AccountSettings }) {
  const { t } = useTranslation()
  const controller = useController()
  const [asked, setAsked] = useState(false)
  const remove = async () => {
    if (await controller.accounts.remove(settings.id)) controller.goTo({ name: 'accounts' })
  }
  if (!asked) {
    return (
      <Button icon={Trash2} data-testid="account-remove" onClick={() => setAsked(true)}>
        {t('account.remove')}
      </Button>
    )
  }
  return (
    <fieldset className="flex flex-col gap-3 rounded-lg border border-line bg-surface p-4">
      <div>
        <p className="font-medium">{t('account.removeQuestion', { label: settings.label })}</p>
        <p className="text-sm text-quiet">{t('account.removeExplain')}</p>
      </div>
      <div className="grid grid-cols-2 gap-2">
        <Button onClick={() => setAsked(false)}>{t('account.keep')}</Button>
        <Button data-testid="account-remove-confirm" onClick={() => void remove()}>
          {t('account.removeConfirm')}
        </Button>
      </div>
    </fieldset>
  )
}
