import { Anchor, AppWindow, CircleHelp, type LucideIcon, Server } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { CallView, HopName } from '../../../shared/model/call.ts'
import { type HopSecurity, hopOf, hopSecurity } from '../text/security-words.ts'

/** The line of a hop: solid once proven, dashed until then, dotted when it is not private. */
const lines: Record<HopSecurity, string> = {
  proven: 'border-solid border-proven',
  establishing: 'border-dashed border-unproven',
  exposed: 'border-dotted border-unproven',
  clear: 'border-dotted border-unproven',
  absent: 'border-dotted border-edge',
}

/** The way of the sound, drawn: this window, Kedge, the trunk, and what lies beyond it. */
export function SecurityPath({ call, trunk }: { readonly call: CallView; readonly trunk: string }) {
  const { t } = useTranslation()
  return (
    <div className="flex items-start px-2 pt-3">
      <Node icon={AppWindow} label={t('security.computer')} />
      <Hop call={call} leg="local" />
      <Node icon={Anchor} label={t('security.kedge')} />
      <Hop call={call} leg="trunk" />
      <Node icon={Server} label={trunk} />
      <div aria-hidden="true" className="mt-4 w-4 shrink-0 border-t-2 border-dotted border-edge" />
      <Node icon={CircleHelp} label={t('security.beyondNode')} faint />
    </div>
  )
}

function Node({
  icon: Icon,
  label,
  faint,
}: {
  readonly icon: LucideIcon
  readonly label: string
  readonly faint?: boolean
}) {
  return (
    <div className={`flex w-14 shrink-0 flex-col items-center gap-1 ${faint ? 'text-quiet' : ''}`}>
      <Icon aria-hidden="true" size={20} strokeWidth={1.75} className="my-1.5" />
      <span className="line-clamp-2 max-w-full text-center text-xs leading-tight break-words">{label}</span>
    </div>
  )
}

function Hop({ call, leg }: { readonly call: CallView; readonly leg: HopName }) {
  const { t } = useTranslation()
  const hop = hopOf(call, leg)
  const level = hopSecurity(hop)
  return (
    <div
      data-testid={`hop-${leg}`}
      data-security={level}
      data-mode={hop?.mode}
      data-profile={hop?.profile}
      data-suite={hop?.suite}
      data-signalling={hop?.signalling.transport}
      className="flex min-w-0 flex-1 flex-col items-center gap-1 pt-3.5 text-xs leading-tight"
    >
      <span aria-hidden="true" className={`w-full border-t-4 ${lines[level]}`} />
      <span className="text-center break-words">{hop ? t(`security.mode.${hop.mode}`) : t('security.hop.absent')}</span>
    </div>
  )
}
