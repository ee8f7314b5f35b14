import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './controls.tsx'
import { useBorrowedFocus } from './use-focus.ts'

interface QuestionProps {
  readonly question: string
  /** What will be gone. */
  readonly explain?: string
  readonly confirm: string
  readonly testId: string
  readonly onConfirm: () => void
  readonly onKeep: () => void
  readonly className?: string
}

/** Asks once more in place, before something is gone for good. */
export function Question({ question, explain, confirm, testId, onConfirm, onKeep, className = '' }: QuestionProps) {
  const { t } = useTranslation()
  const group = useBorrowedFocus<HTMLFieldSetElement>()
  const id = useId()
  return (
    <fieldset
      ref={group}
      tabIndex={-1}
      aria-labelledby={id}
      className={`flex flex-col gap-3 rounded-lg border border-line bg-surface p-4 ${className}`}
    >
      <div id={id}>
        <p className="font-medium">{question}</p>
        {explain ? <p className="text-sm text-quiet">{explain}</p> : null}
      </div>
      <div className="grid grid-cols-2 gap-2">
        <Button onClick={onKeep}>{t('account.keep')}</Button>
        <Button data-testid={testId} onClick={onConfirm}>
          {confirm}
        </Button>
      </div>
    </fieldset>
  )
}
