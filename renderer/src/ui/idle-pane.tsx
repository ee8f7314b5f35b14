import { Anchor, CircleHelp, type LucideIcon, Server, UserRound } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { AccountView } from '../../../shared/model/account.ts'
import { currentAccount } from '../state/selectors.ts'
import { nextTrunkMode } from '../text/security-words.ts'
import { AccountSign, serverOf } from './account-status.tsx'
import { useWindow } from './use-controller.ts'

/** The call side of a wide window between calls: how the next call will travel, as far as the settings tell. */
export function IdlePane() {
  const { t } = useTranslation()
  const account = useWindow(currentAccount)
  return (
    <section className="m-auto hidden w-full max-w-130 flex-col gap-6 p-8 wide:flex">
      {account ? <NextCall account={account} /> : <p className="text-center text-quiet">{t('idle.noAccount')}</p>}
    </section>
  )
}

function NextCall({ account }: { readonly account: AccountView }) {
  const { t } = useTranslation()
  const { settings, state } = account
  const over = t(`security.over.${settings.transport}`)
  const mode = nextTrunkMode(settings)
  return (
    <>
      <div>
        <h1 className="text-2xl font-semibold">{t('idle.title')}</h1>
        <p className="mt-2 flex items-center gap-2 text-quiet">
          <AccountSign state={state} />
          {state.kind === 'failed'
            ? t('account.state.failed')
            : t(`account.explain.${state.kind}`, { server: serverOf(account) })}
        </p>
      </div>
      <ol className="flex flex-col">
        <Stop icon={UserRound} name={t('security.you')} hop={t('idle.hop.local')} />
        <Stop
          icon={Anchor}
          name={t('security.kedge')}
          hop={t('idle.hop.trunk', { mode: t(`security.mode.${mode}`), over })}
        />
        <Stop icon={Server} name={settings.label} hop={t('security.beyond')} />
        <Stop icon={CircleHelp} name={t('security.beyondNode')} />
      </ol>
      <p className="text-quiet">{t(`idle.${mode === 'rtp' ? 'off' : settings.encryption}`)}</p>
    </>
  )
}

function Stop({ icon: Icon, name, hop }: { readonly icon: LucideIcon; readonly name: string; readonly hop?: string }) {
  return (
    <li className="grid grid-cols-[2.5rem_1fr] items-center gap-x-4">
      <span className="flex size-10 items-center justify-center rounded-full bg-raised">
        <Icon aria-hidden="true" size={20} strokeWidth={1.75} />
      </span>
      <span className="font-medium">{name}</span>
      {hop ? (
        <>
          <span aria-hidden="true" className="mx-auto h-12 border-l-2 border-line" />
          <span className="text-sm text-quiet">{hop}</span>
        </>
      ) : null}
    </li>
  )
}
