import {
  CircleCheck,
  CircleDashed,
  LoaderCircle,
  RotateCw,
  ShieldAlert,
  Stethoscope,
  TriangleAlert,
} from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { AccountView, RegistrationState } from '../../../shared/model/account.ts'
import { mayBeTrusted } from '../text/certificate-words.ts'
import { errorWords } from '../text/error-words.ts'
import { formatClock } from '../text/format.ts'
import { Button } from './controls.tsx'
import { useController } from './use-controller.ts'

const signs: Record<RegistrationState['kind'], { readonly icon: typeof CircleCheck; readonly className: string }> = {
  unregistered: { icon: CircleDashed, className: 'text-quiet' },
  connecting: { icon: LoaderCircle, className: 'animate-turn text-quiet' },
  registering: { icon: LoaderCircle, className: 'animate-turn text-quiet' },
  registered: { icon: CircleCheck, className: 'text-accent' },
  ready: { icon: CircleCheck, className: 'text-accent' },
  failed: { icon: TriangleAlert, className: 'text-unproven' },
}

export function AccountSign({ state, size = 16 }: { readonly state: RegistrationState; readonly size?: number }) {
  const { icon: Icon, className } = signs[state.kind]
  return <Icon aria-hidden="true" size={size} className={`shrink-0 ${className}`} />
}

/** Host that the account really connects to, as the sentences name it. */
export const serverOf = ({ settings }: AccountView): string => settings.server ?? settings.domain

/** Why an account does not work and what to do about it; nothing while it works. */
export function AccountNotice({ account }: { readonly account: AccountView }) {
  const { t } = useTranslation()
  const controller = useController()
  const { settings, state } = account
  if (state.kind !== 'failed') return null
  const words = errorWords[state.code]
  const values = { server: serverOf(account), domain: settings.domain, trunk: settings.label, who: settings.username }
  return (
    <div
      role="status"
      data-testid="account-notice"
      data-code={state.code}
      className="flex flex-col gap-2 rounded-xl border border-unproven-line bg-unproven-tint p-3"
    >
      <p className="flex gap-2 font-semibold text-unproven">
        <TriangleAlert aria-hidden="true" size={18} className="mt-0.5 shrink-0" />
        <span className="min-w-0 leading-snug break-words">{t(`${words}.what`, values)}</span>
      </p>
      <p className="text-sm">{t(`${words}.advice`, values)}</p>
      {state.retryAt === undefined ? null : (
        <p className="text-sm">{t('account.retryAt', { time: formatClock(state.retryAt) })}</p>
      )}
      <div className="flex flex-wrap gap-2">
        {mayBeTrusted(state) ? (
          <Button
            icon={ShieldAlert}
            data-testid="account-certificate"
            onClick={() => controller.goTo({ name: 'certificate', accountId: settings.id })}
          >
            {t('certificate.look')}
          </Button>
        ) : null}
        <Button icon={RotateCw} data-testid="account-retry" onClick={() => void controller.accounts.retry(settings.id)}>
          {t('account.retry')}
        </Button>
        {account.demo ? null : (
          <Button
            kind="bare"
            icon={Stethoscope}
            data-testid="account-doctor"
            onClick={() => controller.goTo({ name: 'doctor', subject: { kind: 'account', accountId: settings.id } })}
          >
            {t('account.check')}
          </Button>
        )}
        {account.demo ? null : (
          <Button kind="bare" onClick={() => controller.goTo({ name: 'account', accountId: settings.id })}>
            {t('account.edit')}
          </Button>
        )}
      </div>
    </div>
  )
}
