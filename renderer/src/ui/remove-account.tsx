import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AccountSettings } from '../../../shared/model/account.ts'
import { Button } from './controls.tsx'
import { Question } from './question.tsx'
import { useController } from './use-controller.ts'

/** The way to be rid of an account. */
export function RemoveAccount({ settings }: { readonly settings: AccountSettings }) {
  const { t } = useTranslation()
  const controller = useController()
  const [asked, setAsked] = useState(false)
  const remove = async () => {
    if (await controller.accounts.remove(settings.id)) controller.goTo({ name: 'accounts' })
  }
  return (
    <>
      <Button icon={Trash2} data-testid="account-remove" onClick={() => setAsked(true)}>
        {t('account.remove')}
      </Button>
      {asked ? (
        <Question
          question={t('account.removeQuestion', { label: settings.label })}
          explain={t('account.removeExplain')}
          confirm={t('account.removeConfirm')}
          testId="account-remove-confirm"
          onConfirm={() => void remove()}
          onKeep={() => setAsked(false)}
        />
      ) : null}
    </>
  )
}
