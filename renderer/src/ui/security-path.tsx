import { Anchor, type LucideIcon, Server, UserRound } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { CallView, HopName } from '../../../shared/model/call.ts'
import { type HopSecurity, hopOf, hopSecurity } from '../text/security-words.ts'
import { useWindow } from './use-controller.ts'

/** The line of a hop: solid once proven, dashed until then, dotted when it is not private. */
const lines: Record<HopSecurity, string> = {
  proven: 'border-solid border-proven',
  establishing: 'border-dashed border-unproven',
  exposed: 'border-dotted border-unproven',
  clear: 'border-dotted border-unproven',
  absent: 'border-dotted border-edge',
}

/** Labels of the accounts at either side of a call that the window has no part in. */
export interface PathEnds {
  readonly trunk: string
  /** Of the account that a forwarded call goes on through. */
  readonly target?: string | undefined
}

/** The way of the sound, drawn: the user or the first trunk, Kedge, the trunk, and a way on that nobody here can see. */
export function SecurityPath({ call, ends }: { readonly call: CallView; readonly ends: PathEnds }) {
  const { t } = useTranslation()
  const forwarded = ends.target !== undefined
  return (
    <div className="flex items-start px-3 pt-3 pb-0">
      {forwarded ? <Node icon={Server} label={ends.trunk} /> : <Node icon={UserRound} label={t('security.you')} />}
      <Hop call={call} leg={forwarded ? 'trunk' : 'local'} />
      <Node icon={Anchor} label={t('security.kedge')} />
      <Hop call={call} leg={forwarded ? 'target' : 'trunk'} />
      <Node icon={Server} label={ends.target ?? ends.trunk} />
      <span aria-hidden="true" className="mt-4.25 w-4 shrink-0 border-t-2 border-dotted border-edge" />
    </div>
  )
}

function Node({ icon: Icon, label }: { readonly icon: LucideIcon; readonly label: string }) {
  return (
    <div className="flex w-12 shrink-0 flex-col items-center gap-1.5">
      <span className="flex size-9 items-center justify-center rounded-full border border-line bg-surface">
        <Icon aria-hidden="true" size={18} strokeWidth={1.75} />
      </span>
      <span className="line-clamp-2 max-w-full text-center text-xs leading-tight font-medium break-words">{label}</span>
    </div>
  )
}

function Hop({ call, leg }: { readonly call: CallView; readonly leg: HopName }) {
  const { t } = useTranslation()
  const hop = hopOf(call, leg)
  const connected = useWindow((state) => state.connected)
  const level = hopSecurity(hop, connected)
  return (
    <div
      data-testid={`hop-${leg}`}
      data-security={level}
      data-mode={hop?.mode}
      data-profile={hop?.profile}
      data-suite={hop?.suite}
      data-signalling={hop?.signalling.transport}
      className="flex min-w-0 flex-1 flex-col items-center pt-4"
    >
      <span aria-hidden="true" className={`w-full border-t-4 ${lines[level]}`} />
      <span className="mt-5.5 text-center text-xs leading-tight text-quiet">
        {hop ? t(`security.mode.${hop.mode}`) : <span className="sr-only">{t('security.hop.absent')}</span>}
      </span>
    </div>
  )
}
