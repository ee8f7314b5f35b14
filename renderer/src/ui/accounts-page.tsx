import { Plus, Stethoscope } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { AccountView } from '../../../shared/model/account.ts'
import { currentAccount } from '../state/selectors.ts'
import { AccountNotice, AccountSign, serverOf } from './account-status.tsx'
import { Button } from './controls.tsx'
import { SelectField } from './form-fields.tsx'
import { PageFrame } from './page-frame.tsx'
import { useController, useWindow } from './use-controller.ts'
import { WaitingMessages } from './waiting-messages.tsx'

/** Every account with its true state, and the way to a new one. */
export function AccountsPage() {
  const { t } = useTranslation()
  const controller = useController()
  const accounts = useWindow((state) => state.app?.accounts ?? [])
  const current = useWindow((state) => currentAccount({ ...state, chosenAccountId: undefined })?.settings.id)
  return (
    <PageFrame title={t('account.list')} onBack={() => controller.goTo({ name: 'phone' })}>
      <ul className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-4">
        {accounts.length > 1 ? (
          <li>
            <SelectField
              label={t('account.isDefault')}
              hint={t('account.defaultHint')}
              data-testid="account-default"
              value={current}
              onChange={(event) => void controller.accounts.makeDefault(event.target.value)}
              options={accounts.map(({ settings: { id, label } }) => ({ value: id, label }))}
            />
          </li>
        ) : null}
        {accounts.map((account) => (
          <AccountItem key={account.settings.id} account={account} />
        ))}
      </ul>
      <div className="p-4 pt-0">
        <Button
          kind="call"
          icon={Plus}
          data-testid="add-account"
          className="w-full"
          onClick={() => controller.goTo({ name: 'account' })}
        >
          {t('account.add')}
        </Button>
      </div>
    </PageFrame>
  )
}

function AccountItem({ account }: { readonly account: AccountView }) {
  const { t } = useTranslation()
  const controller = useController()
  const { settings, state, demo } = account
  const server = serverOf(account)
  const explain = state.kind === 'failed' ? t('account.state.failed') : t(`account.explain.${state.kind}`, { server })
  const body = (
    <>
      <AccountSign state={state} size={20} />
      <span className="min-w-0 flex-1 text-left">
        <span className="block truncate font-medium">{settings.label}</span>
        <span className="block text-sm text-quiet">
          {demo ? t('account.demo') : `${settings.username}@${settings.domain}`}
        </span>
        <span className="block text-sm text-quiet">{explain}</span>
        <span className="mt-1 block empty:hidden">
          <WaitingMessages account={account} />
        </span>
      </span>
    </>
  )
  return (
    <li data-testid="account-item" data-account={settings.id} className="flex flex-col gap-2">
      <div className="flex items-stretch rounded-xl border border-line bg-surface">
        {demo ? (
          <div className="flex min-w-0 flex-1 items-center gap-3 p-3">{body}</div>
        ) : (
          <button
            type="button"
            data-testid="account-edit"
            onClick={() => controller.goTo({ name: 'account', accountId: settings.id })}
            className="flex min-w-0 flex-1 items-center gap-3 rounded-l-xl p-3 -outline-offset-2 transition-colors hover:bg-raised"
          >
            {body}
            <span className="sr-only">{t('account.edit')}</span>
          </button>
        )}
        <button
          type="button"
          data-testid="account-check-trunk"
          aria-label={t('account.checkLabel', { label: settings.label })}
          onClick={() => controller.goTo({ name: 'doctor', subject: { kind: 'account', accountId: settings.id } })}
          className="flex w-16 shrink-0 flex-col items-center justify-center gap-1 rounded-r-xl border-l border-line text-xs text-quiet -outline-offset-2 transition-colors hover:bg-raised hover:text-text"
        >
          <Stethoscope aria-hidden="true" size={18} />
          {t('account.checkShort')}
        </button>
      </div>
      <AccountNotice account={account} />
    </li>
  )
}
