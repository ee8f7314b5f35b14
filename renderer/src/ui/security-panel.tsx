import { Collapsible } from '@base-ui/react/collapsible'
import { ChevronDown, ShieldQuestion } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import { accountOf } from '../state/selectors.ts'
import { HopDetails } from './hop-details.tsx'
import { securityLooks } from './security-level.tsx'
import { SecurityPath } from './security-path.tsx'
import { useWindow } from './use-controller.ts'

/**
 * The padlock of a call, in one line with its word, and the path beneath it; it opens into the hops. It says what
 * `CallView.security` says and nothing better.
 */
export function SecurityPanel({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  const trunk = useWindow((state) => accountOf(state, call.accountId)?.settings.label ?? call.remote.domain)
  const agreed = call.hops.length > 0
  const { icon: Icon, text, box } = securityLooks[call.security]
  const title = agreed ? t(`security.${call.security}`) : t('security.before')
  const explain = agreed ? t(`security.${call.security}Explain`) : t(`security.beforeOutgoing.${call.policy}`)
  return (
    <section aria-label={t('security.region')} className={`rounded-xl border ${box}`}>
      <Collapsible.Root>
        <Collapsible.Trigger
          data-testid="security-badge"
          data-security={call.security}
          className="group flex min-h-14 w-full items-center gap-3 rounded-xl px-4 pt-3 text-left"
        >
          <Icon aria-hidden="true" size={22} strokeWidth={2.25} className={`shrink-0 ${text}`} />
          <span className={`flex-1 font-semibold ${text}`}>{title}</span>
          <ChevronDown
            aria-hidden="true"
            size={20}
            className="shrink-0 text-quiet transition-transform group-data-panel-open:rotate-180"
          />
        </Collapsible.Trigger>
        <p className="px-4 text-sm">{explain}</p>
        <SecurityPath call={call} trunk={trunk} />
        <Collapsible.Panel className="flex flex-col gap-4 border-t border-line px-4 pt-4">
          <HopDetails call={call} leg="local" trunk={trunk} />
          <HopDetails call={call} leg="trunk" trunk={trunk} />
        </Collapsible.Panel>
        <p className="px-4 pt-2 pb-3 text-sm text-quiet">{t('security.beyond')}</p>
      </Collapsible.Root>
    </section>
  )
}

/** What can be said of the encryption before answering: the account's rule, since no media is agreed yet. */
export function SecurityBefore({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  return (
    <section
      aria-label={t('security.region')}
      data-testid="security-badge"
      data-security={call.security}
      className="flex items-start gap-3 rounded-xl border border-line bg-surface p-4"
    >
      <ShieldQuestion aria-hidden="true" size={22} className="mt-0.5 shrink-0 text-quiet" />
      <div className="min-w-0">
        <p className="font-semibold">{t('security.before')}</p>
        <p className="mt-1 text-sm text-quiet">{t(`security.beforeIncoming.${call.policy}`)}</p>
      </div>
    </section>
  )
}
