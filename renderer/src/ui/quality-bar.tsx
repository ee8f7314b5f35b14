import { TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import { type CallQuality, type QualityWord, qualityWord, scoreOf } from '../../../shared/model/quality.ts'
import { Button } from './controls.tsx'
import { QualityFigures } from './quality-figures.tsx'
import { usePathEnds } from './security-panel.tsx'
import type { PathEnds } from './security-path.tsx'
import { Sheet } from './sheet.tsx'
import { TrendGraph } from './trend-graph.tsx'
import { WhyDialog } from './why-dialog.tsx'

/** Two minutes of samples. */
const places = 60

/** How well the call is heard, in one line that stays in sight: a word, its course, and the way to find out why nothing is heard. */
export function QualityBar({ call }: { readonly call: CallView }) {
  const { t } = useTranslation()
  const ends = usePathEnds(call)
  const [open, setOpen] = useState<'figures' | 'why'>()
  const { quality } = call
  // That the other side hears well is no good sound while nothing is heard here.
  const word = quality?.heard && wordOf(quality)
  const close = () => setOpen(undefined)
  if (call.state !== 'connected' && call.state !== 'early') return null
  return (
    <section
      aria-label={t('quality.region')}
      className="mx-4 mt-2 flex shrink-0 items-stretch rounded-xl border border-line bg-surface text-sm"
    >
      {quality && word ? (
        <button
          type="button"
          data-testid="quality"
          data-quality={word}
          className="flex min-h-11 min-w-0 flex-1 items-center gap-3 rounded-xl pl-4 text-left hover:bg-raised"
          onClick={() => setOpen('figures')}
        >
          <QualityWords word={word} />
          <TrendGraph trend={quality.trend} places={places} className="flex-1 text-quiet" />
        </button>
      ) : (
        <p data-testid="quality" className="flex min-h-11 flex-1 items-center pl-4 text-quiet">
          {quality ? t('quality.nothing') : t('quality.measuring')}
        </p>
      )}
      <Button kind="bare" data-testid="why-button" className="px-3!" onClick={() => setOpen('why')}>
        {t('why.button')}
      </Button>
      <Sheet title={t('quality.title')} open={open === 'figures'} onClose={close} testId="quality-figures">
        {quality ? <TrendGraph trend={quality.trend} places={places} className="w-full text-text" /> : null}
        <QualityFigures call={call} ends={ends} />
      </Sheet>
      <WhyDialog call={call} open={open === 'why'} onClose={close} />
    </section>
  )
}

/** The quality of a call that is over. */
export function QualityReceipt({
  call,
  ends,
}: {
  readonly call: Pick<CallView, 'hops' | 'quality'>
  readonly ends: PathEnds
}) {
  const { t } = useTranslation()
  const { quality } = call
  const word = quality && wordOf(quality)
  if (!quality || !word) return null
  return (
    <section aria-label={t('quality.region')} className="flex flex-col gap-3 rounded-xl border border-line p-4">
      <div className="flex items-center gap-3" data-testid="quality" data-quality={word}>
        <QualityWords word={word} />
        <TrendGraph trend={quality.trend} places={Math.max(2, quality.trend.length)} className="flex-1 text-quiet" />
      </div>
      <QualityFigures call={call} ends={ends} />
    </section>
  )
}

function QualityWords({ word }: { readonly word: QualityWord }) {
  const { t } = useTranslation()
  return (
    <span className="flex shrink-0 items-center gap-2 text-sm font-medium">
      {word === 'poor' ? <TriangleAlert aria-hidden="true" size={16} /> : null}
      {t(`quality.word.${word}`)}
    </span>
  )
}

function wordOf(quality: CallQuality): QualityWord | undefined {
  const score = scoreOf(quality)
  return score === undefined ? undefined : qualityWord(score)
}
