import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import type { ArrivalQuality } from '../../../shared/model/quality.ts'
import { formatLoss, formatMs, formatScore } from '../text/format.ts'
import { FactList } from './fact-list.tsx'
import type { PathEnds } from './security-path.tsx'

/** The figures behind the word: the two directions from end to end, then each hop as its ends see it. */
export function QualityFigures({
  call,
  ends,
}: {
  readonly call: Pick<CallView, 'hops' | 'quality'>
  readonly ends: PathEnds
}) {
  const { t } = useTranslation()
  const { heard, sent, lowestMos } = call.quality ?? {}
  const directions = [
    ['heard', heard],
    ['sent', sent],
  ] as const
  const rows = [
    ...directions.flatMap(([name, seen]) =>
      seen ? [{ name: t(`quality.${name}`), value: formatScore(seen.mos), detail: arrival(seen) }] : [],
    ),
    ...(lowestMos === undefined ? [] : [{ name: t('quality.lowest'), value: formatScore(lowestMos), detail: '' }]),
  ]
  return (
    <div className="flex flex-col gap-4 text-sm">
      <Rows rows={rows} />
      {call.hops.map(({ leg, quality }) => {
        if (!quality) return null
        const trunk = (leg === 'target' ? ends.target : undefined) ?? ends.trunk
        const seen = [
          { name: t('quality.arrivesHere'), value: quality.here && arrival(quality.here) },
          { name: t('quality.arrivesThere'), value: quality.there && arrival(quality.there) },
          {
            name: t('quality.roundTrip'),
            value: quality.roundTripMs === undefined ? undefined : formatMs(quality.roundTripMs),
          },
        ]
        return (
          <section key={leg} data-testid={`quality-${leg}`}>
            <h2 className="mb-1 font-medium">{t(`security.hop.${leg}`, { trunk })}</h2>
            <Rows rows={seen.flatMap(({ name, value }) => (value ? [{ name, value, detail: '' }] : []))} />
          </section>
        )
      })}
      <p className="text-quiet">{t('quality.explain')}</p>
    </div>
  )

  function arrival(seen: ArrivalQuality): string {
    return t('quality.arrival', { loss: formatLoss(seen.lossPercent), jitter: formatMs(seen.jitterMs) })
  }
}

function Rows({ rows }: { readonly rows: readonly { name: string; value: string; detail: string }[] }) {
  return (
    <FactList
      facts={rows.map(({ name, value, detail }) => ({
        name,
        value: (
          <>
            {value}
            {detail ? <span className="text-quiet"> · {detail}</span> : null}
          </>
        ),
      }))}
    />
  )
}
