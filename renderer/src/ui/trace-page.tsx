import { Download, FileText } from 'lucide-react'
import { type KeyboardEvent, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TraceScope, TraceView } from '../../../shared/model/trace.ts'
import type { Page } from '../state/window-state.ts'
import { formatCount } from '../text/format.ts'
import { Button } from './controls.tsx'
import { downloadMade } from './download.ts'
import { PageFrame } from './page-frame.tsx'
import { TraceRung } from './trace-rung.tsx'
import { useController } from './use-controller.ts'

interface TracePageProps {
  readonly scope: TraceScope
  /** Whose messages: an account's label, or who is on the call. */
  readonly of: string
  readonly back: Page
}

/** How often the list is read again while somebody looks at it, ms. */
const refreshMs = 1_000

/** The SIP messages of an account or of a call, as a ladder; each opens into its text. */
export function TracePage({ scope, of, back }: TracePageProps) {
  const { t } = useTranslation()
  const controller = useController()
  const view = useTrace(scope)
  const hasWindow = scope.accountId === undefined
  const save = async (form: 'text' | 'pcapng') => {
    const file = await controller.support.exportTrace(scope, form)
    if (file) downloadMade(file)
  }
  return (
    <PageFrame title={t('trace.title', { of })} onBack={() => controller.goTo(back)}>
      <div className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-4">
        <p className="text-sm text-quiet">{t('trace.explain')}</p>
        <div className="grid grid-cols-2 gap-2">
          <Button
            icon={FileText}
            data-testid="trace-text"
            disabled={!view || view.rows.length === 0}
            onClick={() => void save('text')}
          >
            {t('trace.saveText')}
          </Button>
          <Button
            icon={Download}
            data-testid="trace-capture"
            disabled={!view || view.rows.length === 0}
            onClick={() => void save('pcapng')}
          >
            {t('trace.saveCapture')}
          </Button>
        </div>
        {view && view.missed > 0 ? (
          <p className="text-sm text-unproven">{t('trace.missed', { missed: formatCount(view.missed) })}</p>
        ) : null}
        {view?.rows.length === 0 ? <p className="text-quiet">{t('trace.empty')}</p> : null}
        {view && view.rows.length > 0 ? <Ladder view={view} hasWindow={hasWindow} of={of} /> : null}
      </div>
    </PageFrame>
  )
}

interface LadderProps {
  readonly view: TraceView
  readonly hasWindow: boolean
  readonly of: string
}

function Ladder({ view, hasWindow, of }: LadderProps) {
  const { t } = useTranslation()
  const ends = [...(hasWindow ? [t('trace.window')] : []), t('security.kedge'), hasWindow ? t('trace.trunk') : of]
  return (
    <div>
      <div
        aria-hidden="true"
        className="sticky -top-4 z-10 flex justify-between gap-2 bg-canvas py-2 text-xs font-semibold"
      >
        {ends.map((end) => (
          <span key={end} className="min-w-0 truncate">
            {end}
          </span>
        ))}
      </div>
      <ol data-testid="trace-ladder" className="flex flex-col" onKeyDown={moveFocus}>
        {view.rows.map((row) => (
          <TraceRung key={row.id} row={row} hasWindow={hasWindow} trunk={hasWindow ? t('trace.trunk') : of} />
        ))}
      </ol>
    </div>
  )
}

/** Up and down go from message to message. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step === undefined) return
  const buttons = [...event.currentTarget.querySelectorAll('button')]
  const next = buttons[buttons.findIndex((button) => button.matches(':focus')) + step]
  if (!next) return
  event.preventDefault()
  next.focus()
}

function useTrace(scope: TraceScope): TraceView | undefined {
  const { support } = useController()
  const [view, setView] = useState<TraceView>()
  useEffect(() => {
    let open = true
    let timer: ReturnType<typeof setTimeout> | undefined
    let failed = false
    const read = async () => {
      const next = await support.trace(scope, failed)
      failed = next === undefined
      if (!open) return
      setView((before) => (next === undefined || (before && isSame(before, next)) ? before : next))
      timer = setTimeout(() => void read(), refreshMs)
    }
    void read()
    return () => {
      open = false
      clearTimeout(timer)
    }
  }, [support, scope])
  return view
}

const isSame = (before: TraceView, next: TraceView): boolean =>
  before.missed === next.missed &&
  before.rows[0]?.id === next.rows[0]?.id &&
  before.rows.at(-1)?.id === next.rows.at(-1)?.id
