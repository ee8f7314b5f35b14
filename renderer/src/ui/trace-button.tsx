import { ArrowLeftRight } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import type { Page } from '../state/window-state.ts'
import { Button } from './controls.tsx'
import { useController } from './use-controller.ts'

interface TraceButtonProps {
  readonly call: Pick<CallView, 'callIds'>
  /** Who is on the call. */
  readonly of: string
  readonly back: Page
}

/** The way to the SIP messages of a call; nothing where its Call-IDs are not known. */
export function TraceButton({ call: { callIds = [] }, of, back }: TraceButtonProps) {
  const { t } = useTranslation()
  const controller = useController()
  if (callIds.length === 0) return null
  return (
    <Button
      icon={ArrowLeftRight}
      data-testid="call-trace"
      onClick={() => controller.goTo({ name: 'trace', scope: { callIds }, of, back })}
    >
      {t('trace.show')}
    </Button>
  )
}
