import { Dialog } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { IconButton } from './controls.tsx'

interface SheetProps {
  readonly title: string
  readonly open: boolean
  readonly onClose: () => void
  readonly testId: string
  readonly children: ReactNode
}

/** Something to read or to do over the call, which goes on beneath it. Escape closes it. */
export function Sheet({ title, open, onClose, testId, children }: SheetProps) {
  const { t } = useTranslation()
  return (
    <Dialog.Root open={open} onOpenChange={(wanted) => wanted || onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-30 bg-canvas/75" />
        <Dialog.Popup
          data-testid={testId}
          className="fixed inset-2 z-30 m-auto flex h-fit max-h-[calc(100%-1rem)] max-w-110 flex-col gap-4 overflow-y-auto rounded-xl border border-line bg-surface p-4 shadow-lg"
        >
          <div className="flex items-center gap-2">
            <Dialog.Title className="min-w-0 flex-1 text-lg font-semibold">{title}</Dialog.Title>
            <Dialog.Close render={<IconButton icon={X} label={t('app.close')} className="-my-2 -mr-2" />} />
          </div>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
