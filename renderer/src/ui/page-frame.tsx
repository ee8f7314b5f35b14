import { ArrowLeft } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import { IconButton } from './controls.tsx'
import { useLostFocus } from './use-focus.ts'

interface PageFrameProps {
  readonly title: string
  /** The way back; pages of a tab have none. */
  readonly onBack?: (() => void) | undefined
  /** Beside the title. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/**
 * A page of the left pane: its title, the way back where there is one, and what scrolls beneath. Where the press that led
 * here is gone with its page, the title has the focus, so that a screen reader says where one is.
 */
export function PageFrame({ title, onBack, actions, children }: PageFrameProps) {
  const { t } = useTranslation()
  const id = useId()
  const heading = useLostFocus<HTMLHeadingElement>()
  return (
    <section aria-labelledby={id} className="flex min-h-0 flex-1 flex-col">
      <div className={`flex min-h-13 items-center gap-1 p-2 pb-0 ${onBack ? '' : 'pl-4'}`}>
        {onBack ? <IconButton icon={ArrowLeft} label={t('app.back')} onClick={onBack} /> : null}
        <h1 ref={heading} id={id} tabIndex={-1} dir="auto" className="min-w-0 flex-1 truncate text-lg font-semibold">
          {title}
        </h1>
        {actions}
      </div>
      {children}
    </section>
  )
}
