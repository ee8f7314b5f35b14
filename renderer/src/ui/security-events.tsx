import { useTranslation } from 'react-i18next'
import type { CallView } from '../../../shared/model/call.ts'
import type { SecurityEvent } from '../../../shared/model/security-event.ts'
import { formatClock } from '../text/format.ts'
import { suiteNames } from '../text/security-words.ts'
import { usePathEnds } from './security-panel.tsx'
import type { PathEnds } from './security-path.tsx'

type Told = Pick<CallView, 'securityEvents'>

/** The newest change of the encryption, in the call for as long as it is the newest. Its being proven is the padlock's to say. */
export function NewestSecurityEvent({ call }: { readonly call: CallView }) {
  const words = useEventWords(usePathEnds(call))
  const newest = newestOf(call)
  if (!newest) return null
  return (
    <p data-testid="security-event" data-kind={newest.kind} className="px-4 pt-2 text-sm font-medium">
      {words(newest)}
    </p>
  )
}

/** The same for a screen reader, wherever the user is in the window. */
export function SpokenSecurityEvent({ call }: { readonly call: CallView }) {
  const words = useEventWords(usePathEnds(call))
  const newest = newestOf(call)
  return newest ? words(newest) : null
}

/** Everything that happened to the encryption of a call, for its receipt and for whoever opens the path. */
export function SecurityEvents({ call, ends }: { readonly call: Told; readonly ends: PathEnds }) {
  const { t } = useTranslation()
  const words = useEventWords(ends)
  const { securityEvents = [] } = call
  if (securityEvents.length === 0) return null
  return (
    <section className="wide:col-span-2">
      <h2 className="text-sm font-semibold">{t('securityEvents.title')}</h2>
      <ol data-testid="security-events" className="mt-2 flex flex-col gap-1 text-sm">
        {securityEvents.map((event, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: the list only ever grows at its end
            key={index}
            data-kind={event.kind}
            className="flex gap-4"
          >
            <time className="shrink-0 text-quiet">{formatClock(event.at)}</time>
            <span className="min-w-0">{words(event)}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}

const newestOf = ({ securityEvents = [] }: Told) => securityEvents.findLast(({ kind }) => kind !== 'proven')

function useEventWords(ends: PathEnds): (event: SecurityEvent) => string {
  const { t } = useTranslation()
  return ({ kind, leg, suite }) =>
    t(`securityEvents.${kind}`, {
      trunk: (leg === 'target' ? ends.target : undefined) ?? ends.trunk,
      suite: suite ? suiteNames[suite] : '',
    })
}
