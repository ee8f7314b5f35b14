import {
  Info,
  type LucideIcon,
  PhoneForwarded,
  PhoneIncoming,
  PhoneMissed,
  PhoneOff,
  PhoneOutgoing,
} from 'lucide-react'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { type HistoryEntry, isMissed } from '../../../shared/model/history.ts'
import { accountForRedial } from '../state/selectors.ts'
import { isWithheld } from '../text/call-words.ts'
import { formatWhen } from '../text/format.ts'
import { IconButton } from './controls.tsx'
import { securityLooks } from './security-level.tsx'
import { useController, useWindow } from './use-controller.ts'
import { useName } from './use-person.ts'

/** How a call went, for its sign and its word. */
type Course = 'missed' | 'declined' | 'outgoing' | 'incoming' | 'forwarded' | 'failed'

const signs: Readonly<Record<Course, LucideIcon>> = {
  missed: PhoneMissed,
  declined: PhoneOff,
  outgoing: PhoneOutgoing,
  incoming: PhoneIncoming,
  forwarded: PhoneForwarded,
  failed: PhoneOff,
}

export function courseOf(entry: HistoryEntry): Course {
  if (isMissed(entry)) return 'missed'
  if (entry.answeredAt !== undefined || entry.direction === 'forwarded') return entry.direction
  return entry.direction === 'incoming' ? 'declined' : 'failed'
}

interface RecentRowProps {
  readonly entry: HistoryEntry
  /** Epoch ms. */
  readonly now: number
}

/**
 * One call of the history: a press calls again, the button beside it opens the receipt. A list renders its rows at every
 * step of a scroll; one that shows the same call at the same minute is left as it is.
 */
export const RecentRow = memo(function RecentRow({ entry, now }: RecentRowProps) {
  const { t } = useTranslation()
  const controller = useController()
  const who = useName(entry.remote)
  const account = useWindow((state) => accountForRedial(state, entry.accountId))
  const course = courseOf(entry)
  const Sign = signs[course]
  return (
    <div className="flex h-14 items-center rounded-lg transition-colors hover:bg-raised">
      <button
        type="button"
        data-testid="recent"
        data-course={course}
        disabled={!account || isWithheld(entry.remote)}
        onClick={() => account && controller.placeCall(account, entry.remote.user)}
        className="flex h-full min-w-0 flex-1 items-center gap-3 rounded-lg px-2 text-left -outline-offset-2"
      >
        <Sign aria-hidden="true" size={18} strokeWidth={1.75} className="shrink-0 text-quiet" />
        <span className="min-w-0 flex-1">
          <span dir="auto" className={`block truncate ${course === 'missed' ? 'font-semibold' : ''}`}>
            {who}
          </span>
          <span className="block truncate text-xs text-quiet">
            {t(`history.course.${course}`)} · {formatWhen(entry.startedAt, now)}
          </span>
        </span>
        {entry.answeredAt === undefined ? null : <SmallPadlock entry={entry} />}
      </button>
      <IconButton
        icon={Info}
        label={t('history.open', { who })}
        data-testid="recent-open"
        onClick={() => controller.goTo({ name: 'receipt', entry })}
      />
    </div>
  )
})

function SmallPadlock({ entry }: { readonly entry: HistoryEntry }) {
  const { t } = useTranslation()
  const { icon: Icon, text } = securityLooks[entry.security]
  return (
    <span title={t(`security.${entry.security}`)} data-testid="recent-security" data-security={entry.security}>
      <Icon aria-hidden="true" size={16} strokeWidth={2.25} className={text} />
      <span className="sr-only">{t(`security.${entry.security}`)}</span>
    </span>
  )
}
