import { Voicemail } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { AccountView } from '../../../shared/model/account.ts'

/** How many voice messages wait for an account, in a word; nothing when none do. */
export function WaitingMessages({
  account,
  short = false,
}: {
  readonly account: AccountView
  readonly short?: boolean
}) {
  const { t } = useTranslation()
  const { messages } = account
  if (!messages?.waiting) return null
  const { fresh } = messages
  const words = fresh ? t('account.newMessages', { count: fresh }) : t('account.someMessages')
  return (
    <span
      data-testid="waiting-messages"
      data-count={fresh}
      className="inline-flex shrink-0 items-center gap-1 rounded-full bg-raised px-2 py-0.5 text-xs font-medium"
    >
      <Voicemail aria-hidden="true" size={14} />
      {short ? (
        <>
          {fresh ? <span aria-hidden="true">{fresh}</span> : null}
          <span className="sr-only">{words}</span>
        </>
      ) : (
        words
      )}
    </span>
  )
}
