import { AudioLines } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { canPlaceCalls } from '../state/selectors.ts'
import { Button } from './controls.tsx'
import { useController, useWindow } from './use-controller.ts'

/** The demo trunk's target that plays back what it hears. */
const echoUser = 'echo'

/** One press from a fresh start to hearing an encrypted call, while the demo trunk is there. */
export function EchoCard({ ready }: { readonly ready: boolean }) {
  const { t } = useTranslation()
  const controller = useController()
  const demo = useWindow((state) => state.app?.accounts.find((account) => account.demo))
  if (!demo || !canPlaceCalls(demo)) return null
  return (
    <div className="mt-auto flex flex-col gap-2 rounded-lg border border-line bg-surface p-3">
      <p className="text-sm text-quiet">{t('echo.body')}</p>
      <Button
        icon={AudioLines}
        data-testid="echo-button"
        disabled={!ready}
        onClick={() => controller.placeCall(demo.settings.id, echoUser)}
      >
        {t('echo.button')}
      </Button>
    </div>
  )
}
