import { PhoneOff } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { PendingCall } from '../state/window-state.ts'
import { CallHeading } from './call-heading.tsx'
import { Button } from './controls.tsx'
import { useController } from './use-controller.ts'

/** From the press of Call until the main process shows the call: the system may still ask for the microphone. */
export function PlacingCall({ pending }: { readonly pending: PendingCall }) {
  const { t } = useTranslation()
  const controller = useController()
  return (
    <section
      aria-label={t('call.region')}
      className="mx-auto flex w-full max-w-110 flex-1 flex-col p-4 pt-8 wide:justify-center"
    >
      <CallHeading remote={{ user: pending.user, domain: '' }} accountId={pending.accountId}>
        <p data-testid="call-state" data-state="calling" className="text-lg">
          {t('call.state.calling')}
        </p>
      </CallHeading>
      <Button
        kind="end"
        icon={PhoneOff}
        data-testid="hangup-button"
        className="mt-auto min-h-12 wide:mt-12"
        onClick={() => controller.cancel(pending)}
      >
        {t('call.cancel')}
      </Button>
    </section>
  )
}
