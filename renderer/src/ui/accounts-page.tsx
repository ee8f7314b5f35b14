import { ArrowLeft, ChevronRight, Plus } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { AccountView } from '../../../shared/model/account.ts'
import { AccountNotice, AccountSign, serverOf } from './account-status.tsx'
import { Button, IconButton } from './controls.tsx'
import { useController, useWindow } from './use-controller.ts'
import { WaitingMessages } from './waiting-messages.tsx'

/** Every account with its true state, and the way to a new one. */
export function AccountsPage() {
  const { t } = useTranslation()
  const controller = useController()
  const accounts = useWindow((state) => state.app?.accounts ?? [])
  return (
    <section aria-labelledby="accounts-title" className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-center gap-1 p-2 pb-0">
        <IconButton icon={ArrowLeft} label={t('account.back')} onClick={() => controller.goTo({ name: 'phone' })} />
        <h1 id="accounts-title" className="text-lg font-semibold">
          {t('account.list')}
        </h1>
      </div>
      <ul className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-4">
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
    </section>
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
        <WaitingMessages account={account} />
      </span>
    </>
  )
  return (
    <li data-testid="account-item" data-account={settings.id} className="flex flex-col gap-2">
      {demo ? (
        <div className="flex items-center gap-3 rounded-xl border border-line bg-surface p-3">{body}</div>
      ) : (
        <button
          type="button"
          data-testid="account-edit"
          onClick={() => controller.goTo({ name: 'account', accountId: settings.id })}
          className="flex items-center gap-3 rounded-xl border border-line bg-surface p-3 transition-colors hover:bg-raised"
        >
          {body}
          <span className="sr-only">{t('account.edit')}</span>
          <ChevronRight aria-hidden="true" size={20} className="shrink-0 text-quiet" />
        </button>
      )}
      <AccountNotice account={account} />
    </li>
  )
}
