import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import { accountOf } from '../state/selectors.ts'
import { useWindow } from './use-controller.ts'
import { useLostFocus } from './use-focus.ts'
import { usePerson } from './use-person.ts'

interface CallHeadingProps {
  readonly remote: CallView['remote']
  /** Named under the name where it matters: until the call is answered. */
  readonly accountId?: string
  /** In a call the room is needed for its encryption: what it is doing stands beside the number. */
  readonly inOneLine?: boolean
  /** What the call is doing. */
  readonly children: ReactNode
}

/** Who is at the other end. Takes the focus when the call takes the place of what had it, and only then. */
export function CallHeading({ remote, accountId, inOneLine = false, children }: CallHeadingProps) {
  const { t } = useTranslation()
  const heading = useLostFocus<HTMLHeadingElement>()
  const label = useWindow((state) => (accountId ? accountOf(state, accountId)?.settings.label : undefined))
  const { name, number, claims } = usePerson(remote)

  return (
    <div className="flex flex-col items-center gap-1 text-center">
      <h1
        ref={heading}
        tabIndex={-1}
        dir="auto"
        className="line-clamp-2 max-w-full text-2xl leading-tight font-semibold break-words"
      >
        {name || t('call.unknown')}
      </h1>
      <div className={inOneLine ? 'flex max-w-full flex-wrap items-baseline justify-center gap-x-3' : 'max-w-full'}>
        <p className="max-w-full text-quiet">
          {number ? <span className="block truncate">{number}</span> : null}
          {label ? <span className="block truncate text-sm">{t('call.through', { label })}</span> : null}
        </p>
        {inOneLine ? children : null}
      </div>
      {claims ? (
        <p data-testid="claims" className="max-w-full text-sm break-words text-unproven">
          {t('call.claims', { name: claims })}
        </p>
      ) : null}
      {inOneLine ? null : <div className="mt-2">{children}</div>}
    </div>
  )
}
