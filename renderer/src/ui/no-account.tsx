import { Plus } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Button } from './controls.tsx'
import { useController } from './use-controller.ts'

/** The first thing that a new user sees when there is no demo trunk. */
export function NoAccount() {
  const { t } = useTranslation()
  const controller = useController()
  return (
    <section className="flex flex-1 flex-col items-start justify-center gap-4 p-6">
      <h1 className="text-xl font-semibold">{t('account.empty.title')}</h1>
      <p className="text-quiet">{t('account.empty.body')}</p>
      <Button kind="call" icon={Plus} data-testid="add-account" onClick={() => controller.goTo({ name: 'account' })}>
        {t('account.add')}
      </Button>
    </section>
  )
}
