import { Collapsible } from '@base-ui/react/collapsible'
import { ChevronDown, ShieldQuestion } from 'lucide-react'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import { accountOf } from '../state/selectors.ts'
import { HopDetails } from './hop-details.tsx'
import { NewestSecurityEvent, SecurityEvents } from './security-events.tsx'
import { securityLooks } from './security-level.tsx'
import { type PathEnds, SecurityPath } from './security-path.tsx'
import { TraceButton } from './trace-button.tsx'
import { useWindow } from './use-controller.ts'
import { useName } from './use-person.ts'

/**
 * The padlock of a call, in one line with its word, and the path beneath it; it opens into the hops. It says what
 * `CallView.security` says and nothing better, and nothing at all while the main process cannot be heard.
 */
export function SecurityPanel({ call }: { readonly call: CallView }) {
  const panel = useRef<HTMLElement>(null)
  const { t } = useTranslation()
  const ends = usePathEnds(call)
  const who = useName(call.remote)
  const { level, title, explain } = useSecurityWords(call)
  const showAll = () => panel.current?.scrollIntoView({ block: 'start' })
  return (
    <section
      ref={panel}
      aria-label={t('security.region')}
      className={`scroll-mt-4 rounded-xl border ${securityLooks[level].box}`}
    >
      <Collapsible.Root defaultOpen={hasRoom()} onOpenChange={(open) => open && requestAnimationFrame(showAll)}>
        <Collapsible.Trigger
          data-testid="security-badge"
          data-security={level}
          className="group flex min-h-14 w-full items-center gap-3 rounded-xl px-4 pt-2 text-left"
        >
          <SecurityTitle level={level} title={title} />
          <ChevronDown
            aria-hidden="true"
            size={20}
            className="shrink-0 text-quiet transition-transform group-data-panel-open:rotate-180"
          />
        </Collapsible.Trigger>
        <p className="px-4 text-sm">{explain}</p>
        <NewestSecurityEvent call={call} />
        <SecurityPath call={call} ends={ends} />
        <p className="px-4 pt-2 pb-3 text-sm text-quiet">{t('security.beyond')}</p>
        <Collapsible.Panel className="grid gap-4 border-t border-line p-4 wide:grid-cols-2 wide:gap-8">
          <HopPair call={call} ends={ends} />
          <SecurityEvents call={call} ends={ends} />
          <TraceButton call={call} of={who} back={{ name: 'phone' }} />
        </Collapsible.Panel>
      </Collapsible.Root>
    </section>
  )
}

/** Both hops of a call, in the order in which the sound passes them. */
export function HopPair({ call, ends }: { readonly call: Pick<CallView, 'hops' | 'policy'>; readonly ends: PathEnds }) {
  const [first, second] = ends.target === undefined ? (['local', 'trunk'] as const) : (['trunk', 'target'] as const)
  return (
    <>
      <HopDetails call={call} leg={first} trunk={ends.trunk} />
      <HopDetails call={call} leg={second} trunk={ends.target ?? ends.trunk} />
    </>
  )
}

/** The padlock in one line, for when the room is needed for something else. */
export function SecurityLine({ call }: { readonly call: CallView }) {
  const { level, title } = useSecurityWords(call)
  return (
    <p
      data-testid="security-badge"
      data-security={level}
      className={`flex min-h-11 items-center gap-3 rounded-xl border px-4 ${securityLooks[level].box}`}
    >
      <SecurityTitle level={level} title={title} />
    </p>
  )
}

/** What can be said of the encryption before answering: what the trunk offers, or else the account's rule. */
export function SecurityBefore({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  if (call.hops.length > 0) return <SecurityPanel call={call} />
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

function SecurityTitle({ level, title }: { readonly level: CallView['security']; readonly title: string }) {
  const { icon: Icon, text } = securityLooks[level]
  return (
    <>
      <Icon aria-hidden="true" size={22} strokeWidth={2.25} className={`shrink-0 ${text}`} />
      <span className={`flex-1 font-semibold ${text}`}>{title}</span>
    </>
  )
}

function useSecurityWords(call: CallView): { level: CallView['security']; title: string; explain: string } {
  const { t } = useTranslation()
  const connected = useWindow((state) => state.connected)
  const level = call.security
  if (!connected) return { level: 'establishing', title: t('security.stale'), explain: t('security.staleExplain') }
  if (call.hops.length === 0) {
    const direction = call.direction === 'incoming' ? 'beforeIncoming' : 'beforeOutgoing'
    return { level, title: t('security.before'), explain: t(`security.${direction}.${call.policy}`) }
  }
  return { level, title: t(`security.${level}`), explain: t(`security.${level}Explain`) }
}

export function usePathEnds(call: CallView): PathEnds {
  return useWindow((state) => ({
    trunk: accountOf(state, call.accountId)?.settings.label ?? call.remote.domain,
    target:
      call.forwardedTo && (accountOf(state, call.forwardedTo.accountId)?.settings.label ?? call.forwardedTo.domain),
  }))
}

/** A large window shows the hops from the start. */
const hasRoom = () => window.matchMedia('(min-width: 50rem) and (min-height: 44rem)').matches
