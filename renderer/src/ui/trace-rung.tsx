import { ArrowLeft, ArrowRight } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TraceRow } from '../../../shared/model/trace.ts'
import { errorWords } from '../text/error-words.ts'
import { formatPrecise } from '../text/format.ts'
import { rungOf } from '../text/trace-words.ts'
import { useController } from './use-controller.ts'

interface TraceRungProps {
  readonly row: TraceRow
  /** The ladder has the window's side, too. */
  readonly hasWindow: boolean
  readonly trunk: string
}

/** One message: an arrow from who sent it to who got it, which opens into its text. */
export function TraceRung({ row, hasWindow, trunk }: TraceRungProps) {
  const { t } = useTranslation()
  const { support } = useController()
  const [open, setOpen] = useState(false)
  const [text, setText] = useState<string>()
  const { side, points, refuses, isRequest } = rungOf(row)
  const other = side === 'window' ? t('trace.window') : trunk
  const ends =
    row.direction === 'sent' ? { from: t('security.kedge'), to: other } : { from: other, to: t('security.kedge') }
  const toggle = async () => {
    if (text === undefined) {
      const message = await support.message(row.id)
      if (message === undefined) return
      setText(message.kind === 'text' ? message.text : t(`${errorWords['trace/forgotten']}.what`))
    }
    setOpen(!open)
  }
  const look = refuses ? 'text-unproven' : isRequest ? 'text-text' : 'text-quiet'
  const half = hasWindow ? (side === 'window' ? 'mr-[50%]' : 'ml-[50%]') : ''
  return (
    <li data-testid="trace-row" className="border-t border-line">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => void toggle()}
        className={`flex min-h-11 w-full flex-col justify-center py-1 text-left transition-colors hover:bg-raised ${look}`}
      >
        <span className="sr-only">{t('trace.between', ends)}</span>
        <span className={`flex flex-col ${half} ${points === 'left' ? 'items-start' : 'items-end'} self-stretch px-1`}>
          <span className={`max-w-full truncate text-sm ${isRequest ? 'font-medium' : ''}`}>{row.title}</span>
          <span aria-hidden="true" className="flex w-full items-center">
            {points === 'left' ? <ArrowLeft size={14} className="-mr-1 shrink-0" /> : null}
            <span className="flex-1 border-t border-current" />
            {points === 'right' ? <ArrowRight size={14} className="-ml-1 shrink-0" /> : null}
          </span>
          <time className="text-xs text-quiet tabular-nums">{formatPrecise(row.at)}</time>
        </span>
      </button>
      {open && text !== undefined ? (
        <pre
          dir="ltr"
          data-testid="trace-message"
          className="mb-2 rounded-lg border border-line bg-surface p-3 font-mono text-xs leading-relaxed break-all whitespace-pre-wrap"
        >
          {text.replaceAll('\r\n', '\n').trimEnd()}
        </pre>
      ) : null}
    </li>
  )
}
